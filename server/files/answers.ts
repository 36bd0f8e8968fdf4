// How these addresses answer: JSON with a code and a sentence, and so that whoever is still sending hears it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { DomainError, type ErrorCode } from '../domain/errors.ts'
import { FileRefused } from './refusals.ts'

export type AnswerCode = ErrorCode | 'UNAUTHENTICATED' | 'BAD_REQUEST' | 'RATE_LIMITED' | 'INTERNAL'

/** Refuses the request as such. */
export class RequestRefused extends Error {
  readonly status: number
  readonly code: AnswerCode
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, code: AnswerCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  NOT_FOUND: 404,
  NOT_PERMITTED: 403,
  NOT_MEMBER: 403,
  INACTIVE: 403,
  IDEMPOTENCY_KEY_REUSED: 409,
  WRONG_STATE: 409,
  LIMIT_EXCEEDED: 413,
}

export type Answer = {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer to an expected refusal; null for anything else, which is nobody's to see. */
export const answerOf = (error: unknown): Answer | null => {
  if (error instanceof RequestRefused)
    return { status: error.status, body: { code: error.code, message: error.message }, headers: error.headers }
  if (!(error instanceof DomainError)) return null
  const status = error instanceof FileRefused ? error.status : (statuses[error.code] ?? 400)
  return { status, body: { code: error.code, message: error.message, ...(error.at && { path: error.at }) } }
}

const drainedBytes = 64 * 1024 * 1024
const drainedMs = 10_000

/** Takes what is still being sent and forgets it, up to a point: who is busy sending does not listen. */
const drain = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    let bytes = 0
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, drainedMs)
    const read = (): void => {
      for (let chunk: unknown; (chunk = request.read()) !== null;) bytes += (chunk as Buffer).length
      if (bytes > drainedBytes) done()
    }
    request.once('end', done).once('close', done).once('error', done).on('readable', read)
    read()
  })

/** Answers with JSON. Where the body has not been read to its end, the connection ends with the answer. */
export const sendAnswer = async (
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers = {} }: Answer,
): Promise<void> => {
  if (response.headersSent || response.destroyed) return void response.destroy()
  const text = JSON.stringify(body)
  const unread = !request.complete && Number(request.headers['content-length'] ?? 1) > 0 && request.method === 'POST'
  // Who waits to be asked for the body is not asked, and sends nothing.
  const waits = request.headers.expect !== undefined
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'cache-control': 'no-store',
    ...(unread && { connection: 'close' }),
    ...headers,
  })
  response.write(text)
  if (unread && !waits) await drain(request)
  response.end()
}
