// `node server/main.ts` as a process of its own, watched from outside as whoever starts it would.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { until } from '../helpers/app.ts'

export type Started = {
  readonly url: string
  readonly child: ChildProcess
  /** What it has written so far. */
  out(): string
  err(): string
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

const root = join(import.meta.dirname, '../..')
// What one process has compiled the next one need not: half of a start is that.
const compiled = join(root, '.cache/compiled')

/** Runs a file of the server with exactly these variables, whatever those of the tests are. */
export const run = (file: string, args: string[], env: Record<string, string>): Started => {
  const child = spawn(process.execPath, [join(root, file), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'warn', NODE_COMPILE_CACHE: compiled, ...env },
    stdio: 'pipe',
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  )
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { url: `http://127.0.0.1:${env.PORT ?? ''}`, child, out: () => out, err: () => err, ended }
}

/** Starts the server on whatever port is free and waits until it says where it is. */
export const start = async (env: Record<string, string>): Promise<Started> => {
  const started = run('server/main.ts', [], { PORT: '0', ...env })
  let over: number | string | undefined
  void started.ended.then((how) => (over = how))
  const port = await until(
    'the server to say where it is',
    () => {
      if (over !== undefined) throw new Error(`it ended with ${over}:\n${started.out()}\n${started.err()}`)
      return /Countersign is running at \S+:(\d+)\n/.exec(started.out())?.[1]
    },
    60_000,
  )
  return { ...started, url: `http://127.0.0.1:${port}` }
}

/** Asks as a person at a terminal does, and waits for the end. */
export const interrupt = async (
  { child, ended }: Started,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<number | string> => {
  child.kill(signal)
  return ended
}

export const demoToken = async ({ url }: Started, user: string): Promise<Response> =>
  fetch(`${url}/demo/token`, { method: 'POST', body: JSON.stringify({ user }) })

/** An operation's `data`; fails with the whole answer when there are errors. */
export const ask = async <T>({ url }: Started, token: string, query: string): Promise<T> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  })
  const answer = (await response.json()) as { data: T; errors?: unknown }
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer))
  return answer.data
}

export const signedIn = async (started: Started, user: string): Promise<string> => {
  const { token } = (await (await demoToken(started, user)).json()) as { token: string }
  return token
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
