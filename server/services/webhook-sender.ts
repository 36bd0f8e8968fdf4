// Makes one signed request to an endpoint of a partner and says what came of it (Standard Webhooks). It trusts neither the
// address nor the answer: where a name leads to is checked in the very connection, so that a name which leads elsewhere
// the second time it is asked gains nothing; no redirect is followed; answers are bounded in size and time.
import { lookup as resolveName, type LookupAddress } from 'node:dns'
import { request as overHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as overHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { isPrivateAddress, urlProblem } from './webhook-address.ts'

/** As much of an answer is read; it is cut off there. */
export const answerLimit = 64 * 1024

export type SenderOptions = {
  /** Whether endpoints within one's own network may be asked, and over plain HTTP. */
  readonly allowPrivate: boolean
  /** From the first look-up to the last byte of the answer. */
  readonly timeoutMs: number
  /** Until the connection stands; 5 seconds, and never more than `timeoutMs`. */
  readonly connectMs?: number
  /** Where a name leads to: the system's answer when left out. For tests. */
  readonly resolve?: typeof resolveName
}

export type Outgoing = {
  readonly url: string
  /** Those that are live; the request carries one signature by each. */
  readonly secrets: readonly string[]
  /** `webhook-id`: the same when the same thing is sent again. */
  readonly id: string
  /** Of this try. */
  readonly timestamp: Date
  /** JSON. */
  readonly body: string
  /** Ends it early, as a failure. */
  readonly signal?: AbortSignal
}

/** Whatever was answered, or a sentence on why nothing was; with a redirect both its status and the sentence. */
export type SendResult =
  | { readonly status: number; readonly body: string; readonly durationMs: number }
  | { readonly error: string; readonly status?: number; readonly durationMs: number }

export type Sender = {
  readonly send: (outgoing: Outgoing) => Promise<SendResult>
  readonly timeoutMs: number
  readonly allowPrivate: boolean
}

/** A failure whose sentence may be shown to who set the endpoint up. */
class SendProblem extends Error {}

const sentences: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name of the endpoint is not known.',
  EAI_AGAIN: 'The name of the endpoint could not be looked up just now.',
  ECONNREFUSED: 'The endpoint refused the connection.',
  ECONNRESET: 'The endpoint closed the connection before it had answered.',
  EPIPE: 'The endpoint closed the connection before it had answered.',
  ETIMEDOUT: 'The endpoint could not be reached in time.',
  EHOSTUNREACH: 'There is no way to the endpoint.',
  ENETUNREACH: 'There is no way to the endpoint.',
  CERT_HAS_EXPIRED: 'The certificate of the endpoint has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the endpoint is signed by itself.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the endpoint is not signed by an authority that is trusted.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the endpoint could not be verified: its chain is not complete.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate of the endpoint is not signed by an authority that is trusted.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the endpoint is for another name.',
}

/** What the system says may hold addresses of the network: only its code is shown. */
function sentenceOf(error: unknown): string {
  if (error instanceof SendProblem) return error.message
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === undefined) return 'The request failed.'
  return sentences[code] ?? (code.startsWith('HPE_') ? 'The answer is not HTTP.' : `The request failed (${code}).`)
}

/** Looks a name up for a connection and refuses it when any of its addresses is private. */
const guardedLookup =
  (resolve: typeof resolveName): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const first = addresses?.[0]
      if (error !== null) return callback(error, '', 0)
      if (first === undefined) return callback(new SendProblem('The name of the endpoint is not known.'), '', 0)
      if (addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(new SendProblem('The endpoint leads to a private address, which is not allowed here.'), '', 0)
      }
      if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }

/** The beginning of an answer as text; what is beyond the limit is not waited for. */
async function readStart(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part)
    size += part.length
    if (size >= answerLimit) break
  }
  return Buffer.concat(parts).subarray(0, answerLimit).toString('utf8')
}

/** What signs a request: `webhook-id`, `webhook-timestamp`, and a signature by each secret. */
const signed = ({ secrets, id, timestamp, body }: Outgoing): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
  'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, timestamp, body)).join(' '),
})

/** One sender serves a process. `send` never rejects for what the other side does; each request has a connection of its own. */
export function createSender(settings: SenderOptions): Sender {
  const { allowPrivate, timeoutMs, connectMs = 5_000, resolve = resolveName } = settings

  const ask = async (outgoing: Outgoing): Promise<{ status: number; body: string }> => {
    const problem = urlProblem(outgoing.url, allowPrivate)
    if (problem !== null) throw new SendProblem(`The URL of the endpoint ${problem}.`)
    if (outgoing.secrets.length === 0) throw new SendProblem('The endpoint has no live secret.')
    const content = Buffer.from(outgoing.body)
    const options: RequestOptions = {
      method: 'POST',
      // Not of a pool: nothing stays open between requests.
      agent: false,
      headers: {
        'content-type': 'application/json',
        'content-length': content.length,
        'user-agent': 'Countersign',
        accept: 'application/json',
        ...signed(outgoing),
      },
      ...(outgoing.signal && { signal: outgoing.signal }),
      ...(!allowPrivate && { lookup: guardedLookup(resolve) }),
    }
    const url = new URL(outgoing.url)
    const request = url.protocol === 'https:' ? overHttps(url, options) : overHttp(url, options)
    let tooLate: SendProblem | undefined
    const late = (ms: number, what: string): NodeJS.Timeout =>
      setTimeout(() => {
        tooLate = new SendProblem(`The endpoint ${what} within ${ms} ms.`)
        request.destroy(tooLate)
      }, ms)
    const timers = [late(timeoutMs, 'did not answer')]
    if (connectMs < timeoutMs) {
      const connecting = late(connectMs, 'could not be connected to')
      timers.push(connecting)
      const connected = url.protocol === 'https:' ? 'secureConnect' : 'connect'
      request.once('socket', (socket) => socket.once(connected, () => clearTimeout(connecting)))
    }
    try {
      const answer = await new Promise<IncomingMessage>((done, fail) => {
        request.once('response', done)
        // Node tells neither an answer nor an error then, not even when the request is destroyed.
        request.once('upgrade', (_answer, socket) => {
          socket.destroy()
          fail(new SendProblem('The endpoint answered with 101, another protocol, instead of an answer.'))
        })
        request.on('error', fail)
        request.once('close', () => fail(new SendProblem('The endpoint ended the connection without an answer.')))
        request.end(content)
      })
      return { status: answer.statusCode ?? 0, body: await readStart(answer) }
    } catch (error) {
      // An answer that is ended while it is read only says that it was ended.
      throw tooLate ?? error
    } finally {
      for (const timer of timers) clearTimeout(timer)
      request.destroy()
    }
  }

  return {
    timeoutMs,
    allowPrivate,
    async send(outgoing) {
      const from = performance.now()
      const durationMs = (): number => Math.round(performance.now() - from)
      try {
        const { status, body } = await ask(outgoing)
        if (status < 300 || status > 399) return { status, body, durationMs: durationMs() }
        const error = `The endpoint answered with a redirect (${status}), which is not followed: give its final address.`
        return { status, error, durationMs: durationMs() }
      } catch (error) {
        return { error: sentenceOf(error), durationMs: durationMs() }
      }
    },
  }
}
