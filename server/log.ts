// Logs go to standard error as JSON lines; standard output is for the few sentences that a person reads at the start.
import { pino, type DestinationStream, type Logger } from 'pino'

export type Log = Logger

type LoggedError = {
  type: string
  message: string
  code?: string
  constraint?: string
  stack?: string
  cause?: LoggedError
}

/**
 * What of an error may be logged. The message and stack of a failed query hold its SQL and the values in it (names,
 * account numbers), so of those only the SQLSTATE and the constraint are kept.
 */
export function loggableError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error object' }
  const holdsValues = 'query' in error || 'parameters' in error || error.name === 'PostgresError'
  const logged: LoggedError = { type: error.name, message: holdsValues ? 'a query failed' : error.message }
  if ('code' in error && typeof error.code === 'string') logged.code = error.code
  if ('constraint_name' in error && typeof error.constraint_name === 'string') logged.constraint = error.constraint_name
  if (error.stack !== undefined) logged.stack = holdsValues ? framesOf(error.stack) : error.stack
  if (error.cause !== undefined && depth < 5) logged.cause = loggableError(error.cause, depth + 1)
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
