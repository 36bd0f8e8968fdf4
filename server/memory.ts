// Gives memory back to the system. Loading the server leaves more than a hundred megabytes of garbage behind, and so does a stampede of
// readers who connect again; V8 keeps what it once had for as long as nobody asks for it, which on a quiet server is for ever.
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/** Grown by so many bytes since the last time, the process is worth looking through. */
const worthwhile = 48_000_000
/** Of its time. A collection stops the process for a tenth of a second or two, which nobody is to feel who asks for something. */
const idle = 0.2

const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as Collect
  return () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Gives back at once what this thread does not hold any more: for one that has just loaded what it needs. */
export const giveBackNow = (): void => collector()()

/** Looks every so often; the answer stops it. */
export const giveBackMemory = (everyMs = 10_000): (() => void) => {
  const collect = collector()
  let kept = 0
  let before = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    if (utilization > idle || process.memoryUsage.rss() < kept + worthwhile) return
    collect()
    kept = process.memoryUsage.rss()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
