// How much memory a process holds.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export type Memory = {
  /** Bytes of the whole process that are in memory, as the system counts them. */
  readonly rss: number
  /** The same once everything that could be collected has been; only when asked for, since no server does that. */
  readonly collected?: number
}

/** The answer of a child to `memory`. */
export const memory = (collect = false): Memory => {
  const rss = process.memoryUsage.rss()
  if (!collect) return { rss }
  setFlagsFromString('--expose-gc')
  const collectAll = runInNewContext('gc') as () => void
  collectAll()
  collectAll()
  return { rss, collected: process.memoryUsage.rss() }
}
