// Files over HTTP: POST /imports takes one, GET /imports/<id>/refused.csv gives back what was not taken of it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Log } from '../log.ts'
import { DomainError, type Problem } from '../domain/errors.ts'
import { brokenOff } from '../domain/import-job.ts'
import type { App, Viewer } from '../services/app.ts'
import { beginUpload, type Upload } from '../services/import-upload.ts'
import { refusedRows } from '../services/import-jobs.ts'
import { answerOf, RequestRefused, sendAnswer, type Answer } from './answers.ts'
import { endableBody, signInEnded, UploadEnded } from './body.ts'
import { hashFile, readFile, type FileKind, type ReadFile } from './read-file.ts'
import { fileKindOf } from './request.ts'
import { refusedCsv } from './refused-csv.ts'
import { FileRefused, unreadable } from './refusals.ts'

type ImportId = { readonly companyId: string; readonly id: string }

/** Somebody who has been recognised, for as long as they are. */
export type SignedIn = {
  readonly viewer: Viewer
  /** Calls once when the key is revoked or the sign-in ends; the answer forgets about it. */
  readonly whenEnded: (ended: () => void) => () => void
  /** Looked up anew: does it hold still? What another process has revoked is seen here. */
  readonly holds: () => Promise<boolean>
}

export type UploadsOptions = {
  readonly app: App
  /** Who is asking (null: nobody who is known), and whether they may ask now; `headers` go with the answer. */
  readonly admit: (request: IncomingMessage) => Promise<{
    readonly signedIn: SignedIn | null
    readonly refusal: string | null
    readonly headers: Readonly<Record<string, string>>
  }>
  /** The ids of the API. */
  readonly ids: {
    readonly encode: (job: ImportId) => string
    readonly decode: (id: string) => ImportId | null
  }
  /** Origins besides the server's own from which a browser may call. */
  readonly allowedOrigins: readonly string[]
  /** Of a file, unpacked. */
  readonly maxBytes: number
  /** How long a sender may be silent. */
  readonly silenceMs?: number
  readonly log: Log
}

export type Uploads = {
  /** False: the request is for something else. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  /** Resolves when nothing is being received any more; connections are others' to end. */
  readonly stop: () => Promise<void>
}

const longestSilenceMs = 120_000
const headersTaken = 'authorization, x-api-key, content-type, content-encoding, idempotency-key, import-options'
const headersShown = 'content-disposition, retry-after, ratelimit, ratelimit-policy'

const unauthenticated = (): RequestRefused =>
  new RequestRefused(
    401,
    'UNAUTHENTICATED',
    'Your credentials are missing or not valid: sign in, and send a bearer token or an API key as authorization.',
    { 'www-authenticate': 'Bearer' },
  )

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

const lost: Problem = {
  code: 'INVALID_VALUE',
  message: 'Something went wrong here while the file was being received, and nothing of it was kept. Send it again.',
}

/** Reads the body into the upload; ends the job when that fails. */
const receive = async (
  request: IncomingMessage,
  signedIn: SignedIn,
  upload: Upload,
  kind: FileKind,
  limits: { readonly maxBytes: number },
  log: Log,
): Promise<void> => {
  // What is not read to its end is answered nevertheless: leaving off must not close the connection.
  const sent = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>
  const { body, end } = endableBody(sent)
  const forget = signedIn.whenEnded(() => end(signInEnded()))
  upload.whenOver(end)
  const finish = async (file: ReadFile): Promise<void> => {
    if (!(await signedIn.holds())) throw signInEnded()
    try {
      await upload.finish(file)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      // There was nothing in it: that is about the file, not about the request.
      if (error.code === 'INVALID_VALUE') throw unreadable(error.message)
      // The first one with this key is on its way, or has failed and its key is being freed.
      if (upload.replayed && error.code === 'WRONG_STATE')
        throw new RequestRefused(409, error.code, error.message, { 'retry-after': '5' })
      throw error
    }
  }
  try {
    if (upload.replayed) {
      const none: ReadFile['layout'] = { format: kind.format, header: null, columns: [], nulls: [], empty: 'LEAVE' }
      await finish({ ...(await hashFile(body, kind.packing, limits)), layout: none, rows: 1 })
      return
    }
    await finish(await readFile(body, kind, limits, (rows) => upload.write(rows)))
  } catch (error) {
    const broken = request.destroyed && !request.complete
    const { code, message, at } =
      error instanceof UploadEnded ? error.problem : error instanceof DomainError ? error : lost
    await upload
      .fail(broken ? brokenOff : { code, message, ...(at && { at }) })
      // Left to the sweep that ends what nobody moves any more; the error that is told is the first one.
      .catch((second: unknown) => log.error({ err: second, importId: upload.id }, 'an import could not be ended'))
    throw error
  } finally {
    forget()
  }
}

const fileName = (name: string | null): string => {
  const plain = (name ?? 'import').replace(/\.(csv|tsv|txt|jsonl|ndjson|json)(\.gz)?$/i, '')
  return `${
    plain
      .replace(/[^A-Za-z0-9._-]+/g, '_')
      .replace(/^[._]+/, '')
      .slice(0, 80) || 'import'
  }-refused.csv`
}

export const createUploads = (options: UploadsOptions): Uploads => {
  const { app, admit, ids, allowedOrigins, maxBytes, log, silenceMs = longestSilenceMs } = options
  const underWay = new Set<Promise<unknown>>()

  const signedIn = async (request: IncomingMessage, response: ServerResponse): Promise<SignedIn> => {
    const { signedIn: found, refusal, headers } = await admit(request)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (refusal !== null) throw new RequestRefused(429, 'RATE_LIMITED', refusal)
    if (found === null) throw unauthenticated()
    return found
  }

  const begin = async (viewer: Viewer, request: IncomingMessage, url: URL, kind: FileKind): Promise<Upload> => {
    const company = url.searchParams.get('company') ?? ''
    if (company === '')
      throw new RequestRefused(400, 'BAD_REQUEST', 'Say which company the file is for: POST /imports?company=USMF.')
    const { columns, constants, ...rest } = kind.options
    try {
      return await beginUpload(app, viewer, {
        company,
        name: url.searchParams.get('name')?.slice(0, 255) ?? null,
        options: { ...rest, columns: [...columns], constants: [...constants], format: kind.format },
        unattended: kind.options.commit,
        idempotencyKey: single(request.headers['idempotency-key']) ?? null,
      })
    } catch (error) {
      // Too many at a time is for later, a file too large for never.
      if (error instanceof DomainError && error.code === 'LIMIT_EXCEEDED')
        throw new FileRefused(429, error.code, error.message, error.at)
      throw error
    }
  }

  const post = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<Answer> => {
    const sender = await signedIn(request, response)
    const kind = fileKindOf(request)
    const upload = await begin(sender.viewer, request, url, kind)
    if (request.headers.expect !== undefined) response.writeContinue()
    const receiving = receive(request, sender, upload, kind, { maxBytes }, log)
    const settled = receiving.catch(() => undefined)
    underWay.add(settled)
    request.setTimeout(silenceMs, () => request.destroy())
    try {
      await receiving
    } finally {
      request.setTimeout(0)
      underWay.delete(settled)
    }
    return { status: 202, body: { id: ids.encode(upload) } }
  }

  const download = async (request: IncomingMessage, response: ServerResponse, id: string): Promise<void> => {
    const { viewer } = await signedIn(request, response)
    const found = ids.decode(id)
    if (found === null)
      throw new DomainError('NOT_FOUND', 'There is no such import, or it is not yours to see.', { at: ['importId'] })
    const read = () => refusedRows(app, viewer, found.companyId, found.id)
    const { job, rows, seesSensitive } = await read()
    let first: typeof rows | null = rows
    const again = async (): Promise<typeof rows> => {
      const next = first ?? (await read()).rows
      first = null
      return next
    }
    response.writeHead(200, {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${fileName(job.name)}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    if (request.method === 'HEAD') return void response.end()
    await pipeline(Readable.from(refusedCsv(job.layout, again, seesSensitive)), response)
  }

  /** What browsers on other pages need to be told. */
  const crossOrigin = (request: IncomingMessage, response: ServerResponse): void => {
    const { origin } = request.headers
    if (origin === undefined || !allowedOrigins.includes(origin)) return
    response.setHeader('vary', 'Origin')
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', headersShown)
    if (request.method !== 'OPTIONS') return
    response.setHeader('access-control-allow-methods', 'GET, POST')
    response.setHeader('access-control-allow-headers', headersTaken)
    response.setHeader('access-control-max-age', '600')
  }

  const refused = async (request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> => {
    // Nobody is there any more.
    if (request.destroyed && !request.complete) return void response.destroy()
    const answer = answerOf(error)
    if (answer === null) log.error({ err: error, path: '/imports' }, 'a request failed')
    if (response.headersSent) return void response.destroy()
    await sendAnswer(
      request,
      response,
      answer ?? { status: 500, body: { code: 'INTERNAL', message: 'Something went wrong here; it has been logged.' } },
    )
  }

  return {
    async handle(request, response) {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const id = /^\/imports\/([\w-]{1,400})\/refused\.csv$/.exec(url.pathname)?.[1]
      const isList = url.pathname === '/imports'
      // Pages of the client are at these addresses, too.
      const reads = request.method === 'GET' || request.method === 'HEAD'
      if (id === undefined && (!isList || reads)) return false
      const allowed = id === undefined ? 'POST' : 'GET, HEAD'
      crossOrigin(request, response)
      try {
        if (request.method === 'OPTIONS') response.writeHead(204, { allow: `${allowed}, OPTIONS` }).end()
        else if (id === undefined ? request.method !== 'POST' : !reads)
          throw new RequestRefused(405, 'BAD_REQUEST', `${id === undefined ? '/imports' : 'This'} takes ${allowed}.`, {
            allow: `${allowed}, OPTIONS`,
          })
        else if (id === undefined) await sendAnswer(request, response, await post(request, response, url))
        else await download(request, response, id)
      } catch (error) {
        await refused(request, response, error)
      }
      return true
    },
    async stop() {
      await Promise.all(underWay)
    },
  }
}
