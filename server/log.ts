// Logs go to standard error as JSON lines; standard output is for the few sentences that a person reads at the start.
import { pino, type DestinationStream, type Logger } from 'pino'

export type Log = Logger

type LoggedError = {
  type: string
  message: string
  code?: string
  severity?: string
  constraint?: string
  stack?: string
  cause?: LoggedError
}

/** Errors, what has crossed a thread or a realm and only looks like one, and what has been made loggable already. */
const isErrorLike = (error: unknown): error is object & { readonly message: string } =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'

const textOf = (error: object, ...keys: readonly string[]): string | undefined =>
  keys.map((key): unknown => Reflect.get(error, key)).find((value) => typeof value === 'string')

/** Properties of what a database says; on their way between threads only the beginnings of its sentences may be left. */
const ofQueries = ['query', 'params', 'parameters', 'severity', 'constraint_name']
const isQuerys = (error: object, name: string, message: string): boolean =>
  ofQueries.some((key) => key in error) ||
  name === 'PostgresError' ||
  message.startsWith('Failed query') ||
  /^(PostgresError|.*Failed query)/.test(textOf(error, 'stack') ?? '')

/**
 * What of an error may be logged; of what has been read so, the same. The message and stack of a failed query hold its SQL and the
 * values in it (names, account numbers), so of those only the SQLSTATE, its severity and the constraint are kept.
 */
export function loggableError(error: unknown, depth = 0): LoggedError {
  if (!isErrorLike(error)) return { type: typeof error, message: 'not an error object' }
  const type = textOf(error, 'name', 'type') ?? 'Error'
  const holdsValues = isQuerys(error, type, error.message)
  const logged: LoggedError = { type, message: holdsValues ? 'a query failed' : error.message }
  const more = { code: textOf(error, 'code'), severity: textOf(error, 'severity') }
  const constraint = textOf(error, 'constraint_name', 'constraint')
  if (more.code !== undefined) logged.code = more.code
  if (more.severity !== undefined) logged.severity = more.severity
  if (constraint !== undefined) logged.constraint = constraint
  const stack = textOf(error, 'stack')
  if (stack !== undefined) logged.stack = holdsValues ? framesOf(stack) : stack
  const cause: unknown = Reflect.get(error, 'cause')
  if (cause !== undefined && depth < 5) logged.cause = loggableError(cause, depth + 1)
  return logged
}

function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')
}

/** A logger whose errors hold no SQL and whose fields hold no credentials. */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => loggableError(error) },
      redact: { paths: ['authorization', '*.authorization', 'token', '*.token', 'password', '*.password'] },
    },
    destination,
  )
}
