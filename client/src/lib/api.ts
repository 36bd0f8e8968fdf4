// Questions and commands to the server. A command keeps its idempotency key while the network fails, so that sending it
// again can never do it twice.
import { Client, fetchExchange, type CombinedError, type TypedDocumentNode } from '@urql/core'
import type { Problem } from './documents/fragments.ts'
import { messages } from './messages.ts'
import { session } from './session.svelte.ts'

/** What is under way goes out even if the page is closed; of more than 64 kB a browser would refuse all. */
const mostKept = 60_000
const send: typeof fetch = (input, init) => {
  const keepalive = typeof init?.body === 'string' && new Blob([init.body]).size < mostKept
  return fetch(input, { ...init, keepalive })
}

const client = new Client({
  url: '/graphql',
  fetch: send,
  exchanges: [fetchExchange],
  preferGetMethod: false,
  requestPolicy: 'network-only',
  fetchOptions: () => ({
    headers: session.token === null ? {} : { authorization: `Bearer ${session.token}` },
  }),
})

/** What went wrong on the way, in a sentence; `retryable` when the server may not have been reached. */
export class RequestFailed extends Error {
  readonly retryable: boolean
  constructor(message: string, retryable: boolean) {
    super(message)
    this.retryable = retryable
  }
}

const unauthenticated = (error: CombinedError) =>
  (error.response as Response | undefined)?.status === 401 ||
  error.graphQLErrors.some((e) => e.extensions.code === 'UNAUTHENTICATED')

const asFailure = (error: CombinedError) => {
  const status = (error.response as Response | undefined)?.status ?? 0
  const retryable = error.graphQLErrors.length === 0 && (status === 0 || status >= 500)
  return new RequestFailed(
    retryable ? messages.unreachable : (error.graphQLErrors[0]?.message ?? messages.failed),
    retryable,
  )
}

type Settled<Data> = { data?: Data | undefined; error?: CombinedError | undefined }

/** To be asked later: is whoever is signed in now still there? What one has begun is never sent again in the name of the next. */
const presence = (): (() => boolean) => {
  const { person } = session
  return () => session.token !== null && session.person === person
}

/** Once more after a renewed sign-in; throws RequestFailed. */
const settle = async <Data>(send: () => Promise<Settled<Data>>): Promise<Data> => {
  const isThere = presence()
  let { data, error } = await send()
  if (error && unauthenticated(error) && isThere() && (await session.renew()) && isThere())
    ({ data, error } = await send())
  if (data) return data
  throw error ? asFailure(error) : new RequestFailed(messages.failed, false)
}

export const ask = <Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> => settle(() => client.query<Data>(document, variables).toPromise())

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const pauses = [500, 1500, 4000]

/** A key for one intended command; kept by whoever may have to send it again. */
export const newKey = (): string =>
  (crypto as Partial<Crypto>).randomUUID?.() ??
  // Outside of a secure context (plain http on another host) browsers hide randomUUID.
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('-')

/** What a command answers when it was not refused. */
export type Success<Data extends { result: unknown }> = Exclude<NonNullable<Data['result']>, { code: unknown }>
export type Outcome<Data extends { result: unknown }> =
  { ok: true; value: Success<Data> } | { ok: false; problem: Problem }

/** Sends a command whose root field is aliased `result`, again and with the same key while the network fails. */
export const tell = async <Data extends { result: { __typename: string } | null }, Input>(
  document: TypedDocumentNode<Data, { input: Input }>,
  input: Omit<Input, 'idempotencyKey'>,
  key: string = newKey(),
): Promise<Outcome<Data>> => {
  const variables = { input: { ...input, idempotencyKey: key } as Input }
  const isThere = presence()
  for (let attempt = 0; ; attempt++) {
    try {
      const { result } = await settle(() => client.mutation(document, variables).toPromise())
      if (result === null) throw new RequestFailed(messages.failed, false)
      // Every refusal, also one that a later version of the API adds, has a code.
      if ('code' in result) return { ok: false, problem: result as unknown as Problem }
      return { ok: true, value: result as Success<Data> }
    } catch (failure) {
      const pause = pauses[attempt]
      if (!(failure instanceof RequestFailed) || !failure.retryable || pause === undefined) throw failure
      await wait(pause)
      if (!isThere()) throw failure
    }
  }
}
