// Server-sent events with ids: a reader that connects again names the last one and goes on behind it.
import type { Plugin } from 'graphql-yoga'
import type { ExecutionResult } from 'graphql'
import { requestError } from './limits.ts'

const pingMs = 12_000

const isIterable = (value: unknown): value is AsyncIterable<ExecutionResult> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** The cursor of a message, if the operation has selected it: `data.<its only field>.cursor`. */
const cursorOf = ({ data }: ExecutionResult): string | undefined => {
  const [message] = Object.values(data ?? {})
  if (typeof message !== 'object' || message === null || !('cursor' in message)) return undefined
  return typeof message.cursor === 'string' ? message.cursor : undefined
}

type Ready = { readonly text: string; readonly cursor: string }
const ready = new WeakMap<object, Ready>()

/** A result that is text already, because others have got the same; `cursor`: where a reader goes on behind it. */
export const readyResult = (text: string, cursor: string): ExecutionResult => {
  const result: ExecutionResult = {}
  ready.set(result, { text, cursor })
  return result
}

const frameOf = (result: ExecutionResult): string => {
  const { text, cursor } = ready.get(result) ?? { text: JSON.stringify(result), cursor: cursorOf(result) }
  return `event: next\n${cursor === undefined ? '' : `id: ${cursor}\n`}data: ${text}\n\n`
}

/** `gone` tells of a reader that hangs up before the first byte, too: nobody would cancel the body then. */
const bodyOf = (results: AsyncIterable<ExecutionResult>, gone: AbortSignal): ReadableStream<Uint8Array> => {
  const iterator = results[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  let ping: ReturnType<typeof setInterval> | undefined
  const end = (): void => {
    clearInterval(ping)
    void iterator.return?.()
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // At once: some readers wait for the first byte before they believe in the connection.
      controller.enqueue(encoder.encode(':\n\n'))
      ping = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'))
      }, pingMs)
      if (gone.aborted) end()
      else gone.addEventListener('abort', end, { once: true })
    },
    async pull(controller) {
      const result = await iterator.next()
      if (result.done !== true) return controller.enqueue(encoder.encode(frameOf(result.value)))
      clearInterval(ping)
      controller.enqueue(encoder.encode('event: complete\ndata:\n\n'))
      controller.close()
    },
    cancel: end,
  })
}

/** Whoever takes anything takes events, too; yoga's own writer would not know what is text already. */
const takesEvents = (accept: string | null): boolean =>
  /(^|,)\s*(\*\/\*|text\/\*|text\/event-stream)\s*(;|,|$)/i.test(accept === null || accept === '' ? '*/*' : accept)

const notTaken = ({ Response }: { Response: typeof globalThis.Response }): Response => {
  const errors = [
    requestError('BAD_REQUEST', 'A subscription is answered as text/event-stream: accept that, or use a socket.'),
  ]
  return new Response(JSON.stringify({ errors }), {
    status: 406,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
}

/** Answers streams over HTTP in place of yoga's own writer, which knows no ids. */
export const eventIds = (): Plugin => ({
  onResultProcess(payload) {
    const { request, result } = payload
    if (!isIterable(result)) return
    if (!takesEvents(request.headers.get('accept'))) {
      // Nobody will read it, and nobody else would end it.
      void result[Symbol.asyncIterator]().return?.()
      return payload.setResultProcessor((_results, fetchAPI) => notTaken(fetchAPI), 'application/json')
    }
    payload.setResultProcessor(
      (results, fetchAPI) =>
        new fetchAPI.Response(bodyOf(results as AsyncIterable<ExecutionResult>, request.signal), {
          status: 200,
          headers: {
            'content-type': 'text/event-stream',
            'cache-control': 'no-cache',
            connection: 'keep-alive',
            // A proxy that collects what passes would hold every message back.
            'x-accel-buffering': 'no',
          },
        }),
      'text/event-stream',
    )
  },
})
