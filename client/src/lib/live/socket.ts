// Subscriptions over graphql-ws. A stream remembers the last cursor that it was given and names it when it is opened
// again, so that a lost connection loses no message.
import { stringifyDocument, type TypedDocumentNode } from '@urql/core'
import { createClient, type Client } from 'graphql-ws'
import { session } from '../session.svelte.ts'
import { connection } from './connection.svelte.ts'

const pingEvery = 10_000
const pongWithin = 5_000
const expired = [4401, 4403]

let client: Client | undefined

const open = (): Client => {
  let pong: ReturnType<typeof setTimeout> | undefined
  return createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: () => ({ authorization: `Bearer ${session.token ?? ''}` }),
    keepAlive: pingEvery,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    // Quick at first; never so slow that a person would reload instead. The spread keeps a restart from being a stampede.
    retryWait: async (retries) => {
      const pause = Math.min(8000, 250 * 2 ** retries) * (0.75 + Math.random() / 2)
      await new Promise((resolve) => setTimeout(resolve, pause))
    },
    on: {
      connected: () => connection.up(),
      message: () => connection.message(),
      // A half-open socket never closes by itself: no answer to a ping closes it here.
      ping: (received) => {
        if (!received) pong = setTimeout(() => client?.terminate(), pongWithin)
      },
      pong: (received) => {
        if (received) clearTimeout(pong)
      },
      closed: (event) => {
        clearTimeout(pong)
        connection.down()
        if (expired.includes((event as CloseEvent).code)) void session.renew()
      },
    },
  })
}

/** One socket for each person; a renewed token is given when it connects again. */
const current = (): Client => (client ??= open())

type Message = { message: { cursor: string } }

/**
 * Follows a stream whose root field is aliased `message` until the answer is called. After a refusal or an end by the
 * server it is opened again, from the last cursor.
 */
export const follow = <Data extends Message, Variables extends object>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  onMessage: (message: Data['message']) => void,
): (() => void) => {
  let cursor: string | undefined
  let stopped = false
  let unsubscribe = () => {}
  // graphql-ws writes the very same payload each time that it connects, so the getter is what makes it resume.
  const payload = {
    query: stringifyDocument(document),
    variables: Object.defineProperty({ ...variables } as Record<string, unknown>, 'after', {
      enumerable: true,
      get: () => cursor,
    }),
  }
  const subscribe = () => {
    if (stopped) return
    const again = () => setTimeout(subscribe, 3000)
    unsubscribe = current().subscribe<Data>(payload, {
      next: ({ data }) => {
        if (!data) return
        cursor = data.message.cursor
        onMessage(data.message)
      },
      error: again,
      complete: () => {
        if (!stopped) again()
      },
    })
  }
  subscribe()
  return () => {
    stopped = true
    unsubscribe()
  }
}

/** Ends the socket, when another person signs in or nobody is. */
export const disconnect = (): void => {
  void client?.dispose()
  client = undefined
}
