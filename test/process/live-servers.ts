// Applications as processes of their own (live-process.ts), spoken to by lines.
import { until } from '../helpers/app.ts'
import { run, type Started } from './server-process.ts'

export type LiveServer = Started & {
  /** Has the process do something, and gives what it answers. */
  tell<T>(command: string): Promise<T>
}

/** Starts one on a database, its clock so far ahead, and waits until it answers. */
export const startServer = async (databaseUrl: string, aheadMs = 0): Promise<LiveServer> => {
  const started = run('test/process/live-process.ts', [databaseUrl, String(aheadMs)], {})
  const { child } = started
  child.stdin?.on('error', () => undefined)
  const url = await until(
    'the process to run',
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${started.err()}`)
      return /running at (\S+)\n/.exec(started.out())?.[1]
    },
    30_000,
  )
  let asked = 0
  return {
    ...started,
    url,
    async tell<T>(command: string) {
      const id = String((asked += 1))
      child.stdin?.write(`${id} ${command}\n`)
      const find = (): { answer: T; error?: string } | undefined => {
        const line = started
          .out()
          .split('\n')
          .find((each) => each.startsWith(`{"id":"${id}",`))
        return line === undefined ? undefined : (JSON.parse(line) as { answer: T; error?: string })
      }
      const { answer, error } = await until(`an answer to ${command}`, find, 30_000)
      if (error !== undefined) throw new Error(`${command}: ${error}`)
      return answer
    },
  }
}
