// A server in a process of its own: it tells its parent where it answers, and ends with it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** `token` is sent as the authorization header. */
export type Ready = { readonly url: string; readonly token?: string }
export type Server = Ready & {
  /** Milliseconds of processor time that the process has used, its threads included. */
  cpu(): Promise<number>
  stop(): Promise<void>
}

/** Starts a file of this folder with the database's URL as its argument. */
export const startServer = async (
  file: string,
  args: readonly string[],
  execArgv: readonly string[] = [],
): Promise<Server> => {
  const child = fork(join(import.meta.dirname, file), [...args], { execArgv: [...execArgv] })
  const ended = once(child, 'exit')
  const ready = await Promise.race([once(child, 'message'), ended.then(() => null)])
  if (ready === null) throw new Error(`${file} did not start`)
  return {
    ...(ready[0] as Ready),
    cpu: async () => {
      const answer = once(child, 'message') as Promise<[number]>
      child.send('cpu')
      return (await answer)[0]
    },
    stop: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** In the child: tells the parent, waits until it is gone or asks for the end, and stops. */
export const serve = async (ready: Ready, stop: () => Promise<unknown>): Promise<void> => {
  // Ctrl-C reaches parent and child; the parent is the one that says when.
  process.on('SIGINT', () => undefined)
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.((user + system) / 1000)
  })
  process.send?.(ready)
  await once(process, 'disconnect')
  await stop()
  process.exit(0)
}
