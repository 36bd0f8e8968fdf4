// Operations that are registered with the server and named by their hash instead of being sent as text: over POST, GET, server-sent
// events and sockets by the same rule. Where nothing else is taken, nobody can send an operation that a team has not looked at.
import type { Plugin } from 'graphql-yoga'
import { requestError } from './limits.ts'

export type PersistedOperations = {
  /** Texts by the SHA-256 of each, in lower-case hexadecimal. */
  readonly documents: ReadonlyMap<string, string>
  /** Whatever is not registered is refused. */
  readonly only: boolean
}

export const noneRegistered: PersistedOperations = { documents: new Map(), only: false }

/** What a request says of its operation: its text, or its hash as `extensions.persistedQuery.sha256Hash` or `documentId`. */
export type Named = {
  readonly query?: unknown
  readonly documentId?: unknown
  readonly extensions?: unknown
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

const hashOf = ({ documentId, extensions }: Named): string | undefined => {
  const hash = documentId ?? member(member(extensions, 'persistedQuery'), 'sha256Hash')
  return typeof hash === 'string' ? hash.replace(/^sha256:/, '').toLowerCase() : undefined
}

/** Is an operation named by a hash? */
export const isNamed = (named: Named): boolean => hashOf(named) !== undefined

const texts = new WeakMap<object, ReadonlySet<unknown>>()
const registered = (documents: ReadonlyMap<string, string>): ReadonlySet<unknown> => {
  const known = texts.get(documents) ?? new Set(documents.values())
  texts.set(documents, known)
  return known
}

/** The text of the operation that is meant; undefined: none is named. Throws a refusal for what is not registered. */
export const operationText = (named: Named, { documents, only }: PersistedOperations): string | undefined => {
  // The protocol of sockets wants a text even where there is none.
  const query = typeof named.query === 'string' && named.query !== '' ? named.query : undefined
  const hash = hashOf(named)
  const text = hash === undefined ? undefined : documents.get(hash)
  if (text !== undefined) return text
  if (hash !== undefined && query === undefined)
    throw requestError('BAD_REQUEST', 'No operation is registered here under this hash: register it, or send its text.')
  if (only && query !== undefined && !registered(documents).has(query))
    throw requestError('BAD_REQUEST', 'Only registered operations are taken here: register it, and send its hash.')
  return query
}

/** Over HTTP. */
export const persistedOperations = (operations: PersistedOperations): Plugin => ({
  onParams({ request, params, setParams }) {
    // Of an address yoga reads only what it knows itself.
    const inAddress = request.method === 'GET' ? new URL(request.url).searchParams.get('documentId') : null
    const query = operationText({ ...params, ...(inAddress !== null && { documentId: inAddress }) }, operations)
    if (query !== undefined && query !== params.query) setParams({ ...params, query })
  },
})
