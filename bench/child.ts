// A process of its own for each side of a bench: it tells its parent that it is ready, answers what it is asked, and ends
// with it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Where a server answers; `token` is sent as the authorization header. */
export type Ready = { readonly url: string; readonly token?: string }
export type Child = {
  /** What the process answers to a question of its own; rejects when it fails or ends. */
  ask<T>(what: string, argument?: unknown): Promise<T>
  /** Milliseconds of processor time that the process has used, its threads included. */
  cpu(): Promise<number>
  stop(): Promise<void>
}
export type Server = Ready & Child

type Question = { readonly id: number; readonly what: string; readonly argument: unknown }
type Answer = { readonly id: number; readonly answer?: unknown; readonly error?: string }

/** Starts a file of this folder; `R` is what it passes to `serve`. */
export const startChild = async <R extends object>(
  file: string,
  args: readonly string[] = [],
  execArgv: readonly string[] = [],
): Promise<R & Child> => {
  const child = fork(join(import.meta.dirname, file), [...args], { execArgv: [...execArgv] })
  const ended = once(child, 'exit')
  const ready = await Promise.race([once(child, 'message') as Promise<[R]>, ended.then(() => null)])
  if (ready === null) throw new Error(`${file} did not start`)

  const asked = new Map<number, { what: string; resolve: (value: never) => void; reject: (error: Error) => void }>()
  let last = 0
  child.on('message', (message) => {
    const { id, answer, error } = message as Answer
    const waiting = asked.get(id)
    asked.delete(id)
    if (error === undefined) waiting?.resolve(answer as never)
    else waiting?.reject(new Error(`${file}, ${waiting.what}: ${error}`))
  })
  child.on('exit', (code) => {
    for (const { what, reject } of asked.values())
      reject(new Error(`${file}, ${what}: ended with ${code ?? 'a signal'}`))
    asked.clear()
  })
  const ask = <T>(what: string, argument?: unknown): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = ++last
      asked.set(id, { what, resolve, reject })
      if (child.connected) child.send({ id, what, argument } satisfies Question)
      else reject(new Error(`${file}, ${what}: has ended`))
    })
  return {
    ...ready[0],
    ask,
    cpu: () => ask<number>('cpu'),
    stop: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** Starts a server of this folder, mostly with the database's URL as its argument. */
export const startServer = (file: string, args: readonly string[], execArgv: readonly string[] = []): Promise<Server> =>
  startChild<Ready>(file, args, execArgv)

export type Answers = Readonly<Record<string, (argument: never) => unknown>>

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** In the child: tells the parent, answers until it is gone or asks for the end, and stops. */
export const serve = async (ready: object, stop: () => Promise<unknown>, answers: Answers = {}): Promise<void> => {
  // Ctrl-C reaches parent and child; the parent is the one that says when.
  process.on('SIGINT', () => undefined)
  const all: Answers = { cpu, ...answers }
  const answerTo = async ({ id, what, argument }: Question): Promise<Answer> => {
    try {
      const answer = all[what]
      if (answer === undefined) return { id, error: 'there is no such question' }
      return { id, answer: await answer(argument as never) }
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
  }
  process.on('message', (message) => {
    void answerTo(message as Question).then((answer) => process.connected && process.send?.(answer))
  })
  process.send?.(ready)
  await once(process, 'disconnect')
  await stop()
  process.exit(0)
}
