// What leaves the server as an error: a refusal of the request with its code, or nothing but that something went wrong.
import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Log } from '../log.ts'
import type { RequestCode } from './limits.ts'
import { isGiven } from '../domain/given.ts'

const codes: ReadonlySet<unknown> = new Set<RequestCode>([
  'UNAUTHENTICATED',
  'BAD_REQUEST',
  'TOO_COMPLEX',
  'RATE_LIMITED',
  'INTERNAL',
])
const internalMessage =
  'Something went wrong here. It has been logged; try again, and name the request id when you report it.'

/** The error of ours, or of GraphQL itself, at the bottom of a located one; undefined for whatever else was thrown. */
const originOf = (error: unknown): GraphQLError | undefined => {
  if (!(error instanceof GraphQLError)) return undefined
  return !isGiven(error.originalError) ? error : originOf(error.originalError)
}

/** An error of the request as it may be shown: GraphQL's own complaints are BAD_REQUEST, the rest is masked and logged. */
export const createMask =
  (log: Log) =>
  (error: unknown): GraphQLError => {
    const origin = originOf(error)
    const located = error instanceof GraphQLError ? error : undefined
    const place = {
      nodes: located?.nodes ?? null,
      source: located?.source ?? null,
      positions: located?.positions ?? null,
      path: located?.path ?? null,
    }
    if (origin !== undefined) {
      // GraphQL copies the extensions of what was thrown to the error that has its place.
      if (located !== undefined && codes.has(located.extensions.code)) return located
      const { http } = origin.extensions
      return new GraphQLError(origin.message, {
        ...place,
        extensions: { code: 'BAD_REQUEST', ...(http !== undefined && { http }) },
      })
    }
    const requestId = randomUUID()
    log.error({ err: located?.originalError ?? error, path: located?.path, requestId }, 'a request failed')
    return new GraphQLError(internalMessage, { ...place, extensions: { code: 'INTERNAL', requestId } })
  }

/** What does not fit the schema is a BAD_REQUEST wherever it came in. */
export const codedValidation = (): Plugin => ({
  onValidate:
    () =>
    ({ result, setResult }) => {
      const errors = result as readonly GraphQLError[]
      if (errors.every((error) => codes.has(error.extensions.code))) return
      setResult(errors.map((error) => (codes.has(error.extensions.code) ? error : locate(error))))
    },
})
const locate = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { ...error.extensions, code: 'BAD_REQUEST' satisfies RequestCode },
  })
