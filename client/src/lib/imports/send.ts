// Sends a file whole and tells how far it has come. By XMLHttpRequest: a fetch does not tell of what it sends in every browser.
import { messages } from '../messages.ts'
import { session } from '../session.svelte.ts'
import { importWords } from '../words/imports.ts'
import type { Mapping } from './mappings.ts'
import type { Format } from './preview.ts'

/** Refused in the API's words, or not reached; `again`: with the same key it is the same import. */
export class SendFailed extends Error {
  readonly path: readonly string[]
  readonly again: boolean
  constructor(message: string, again: boolean, path: readonly string[] = []) {
    super(message)
    this.again = again
    this.path = path
  }
}

export type Sending = {
  company: string
  file: File
  format: Format
  key: string
  columns: Readonly<Record<string, string | null>>
  options: Pick<Mapping, 'empty' | 'delimiter' | 'encoding'> & { nulls: readonly string[] }
  onprogress: (sent: number) => void
  signal: AbortSignal
}

type Answer = { id?: string; message?: string; path?: string[] }

/** Headers take ASCII alone. */
const ascii = (text: string) =>
  text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

const optionsOf = ({ columns, options: { nulls, empty, delimiter, encoding } }: Sending) =>
  ascii(
    JSON.stringify({
      ...(Object.keys(columns).length > 0 ? { columns } : {}),
      ...(nulls.length > 0 ? { null: nulls } : {}),
      ...(delimiter === null ? {} : { delimiter }),
      ...(encoding === null ? {} : { encoding }),
      empty,
    }),
  )

const send = (sending: Sending): Promise<{ status: number; answer: Answer; retryAfter: number }> =>
  new Promise((resolve, reject) => {
    const { company, file, format, key, onprogress, signal } = sending
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    request.open('POST', `/imports?${new URLSearchParams({ company, name: file.name }).toString()}`)
    request.setRequestHeader('authorization', `Bearer ${session.token ?? ''}`)
    request.setRequestHeader('content-type', format === 'CSV' ? 'text/csv' : 'application/x-ndjson')
    request.setRequestHeader('idempotency-key', key)
    request.setRequestHeader('import-options', optionsOf(sending))
    request.upload.onprogress = ({ loaded }) => onprogress(loaded)
    request.onload = () => {
      const { status } = request
      let answer: Answer = {}
      try {
        answer = JSON.parse(request.responseText) as Answer
      } catch {
        // Not the application's answer: something on the way has refused it.
      }
      resolve({ status, answer, retryAfter: Number(request.getResponseHeader('retry-after') ?? 0) })
    }
    request.onerror = () => reject(new SendFailed(importWords.send.brokenOff, true))
    request.onabort = () => reject(cancelled())
    request.onloadend = () => signal.removeEventListener('abort', stop)
    signal.addEventListener('abort', stop)
    request.send(file)
  })

const cancelled = () => new SendFailed(importWords.send.cancelled, false)

/** Throws SendFailed at once when it is cancelled meanwhile. */
const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(cancelled())
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })

/** Sends it, once more after a renewed sign-in or where an earlier try is still being ended; answers the import's id. Throws SendFailed. */
export const sendFile = async (sending: Sending): Promise<string> => {
  for (let tries = 0; ; tries++) {
    if (sending.signal.aborted) throw cancelled()
    const { status, answer, retryAfter } = await send(sending)
    if (status === 202 && answer.id !== undefined) return answer.id
    if (tries < 3 && status === 401 && (await session.renew())) continue
    if (tries < 3 && status === 409 && retryAfter > 0) {
      await wait(retryAfter * 1_000, sending.signal)
      continue
    }
    throw new SendFailed(answer.message ?? messages.failed, status >= 500, answer.path)
  }
}
