// Bodies of requests, read from the connection itself: yoga's own limit puts two streams and a second request around each.
import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { limits, type RequestCode } from './limits.ts'

const refused = (status: number, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' satisfies RequestCode, http: { status } } })

const tooLarge = (): GraphQLError => refused(413, `A request holds at most ${limits.requestBytes} bytes.`)

const brokenOff = (): GraphQLError => refused(400, 'The body broke off.')

/** Fails with a refusal once there are more bytes than the limit; what was announced as too large is not read at all. */
const read = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    // Hung up while the caller was being recognised: nothing would come of it any more, not even an end.
    if (request.destroyed) return reject(brokenOff())
    if (Number(request.headers['content-length'] ?? 0) > limits.requestBytes) return reject(tooLarge())
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= limits.requestBytes) chunks.push(chunk)
      else {
        chunks.length = 0
        reject(tooLarge())
      }
    })
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    // Who has hung up; nobody is there to be told, and it is nothing to log.
    request.on('error', () => reject(brokenOff()))
  })

const parsed = (text: string): GraphQLParams => {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw refused(400, 'POST body sent invalid JSON.')
  }
  if (typeof body !== 'object' || body === null) throw refused(400, 'The body has to be a JSON object.')
  return body
}

/**
 * Takes an operation as JSON. What a form on a foreign page can send is no operation: JSON is what a browser sends elsewhere
 * only when allowed.
 */
export const jsonBodies = (): Plugin<object, { readonly req: IncomingMessage }> => ({
  onRequestParse({ request, serverContext, setRequestParser }) {
    if (request.method !== 'POST') return
    const isJson = /^application\/(graphql\+)?json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')
    if (!isJson) throw refused(415, 'Send the operation as application/json.')
    setRequestParser(async () => parsed(await read(serverContext.req)))
  },
})
