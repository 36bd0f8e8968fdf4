// How large a request may be, in one table for POST, GET, SSE and WebSocket alike, and how a refused one is told.
import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

export const limits = {
  /** Bytes of an HTTP body: 500 rows of an import fit. */
  requestBytes: 2_000_000,
  /** Bytes of one WebSocket message: a subscription and its variables. */
  socketMessageBytes: 64_000,
  tokens: 6_000,
  depth: 16,
  /** Lists and objects inside of each other in the variables. The rules refuse what is nested less than that by name. */
  variableDepth: 1_000,
  /** Fields after every fragment has been put in its places. */
  fields: 4_000,
  complexity: 30_000,
  /** Live operations on one socket. */
  operationsPerSocket: 50,
  /** Live operations of one person on this process. */
  streamsPerPerson: 2_000,
  /** Sockets of one person on this process. */
  socketsPerPerson: 2_000,
} as const

export type RequestCode = 'UNAUTHENTICATED' | 'BAD_REQUEST' | 'TOO_COMPLEX' | 'RATE_LIMITED' | 'INTERNAL'

/** A refusal of the request as such: a top-level entry in `errors` with `extensions.code`. */
export const requestError = (code: RequestCode, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code } })

/** Nobody was recognised: by no credentials, or by such as do not hold. Which it was is not told. */
export const unauthenticated = (): GraphQLError =>
  requestError(
    'UNAUTHENTICATED',
    'Your credentials are missing or not valid: sign in, and send a bearer token or an API key as authorization.',
  )

const isDeeper = (value: unknown, levels: number): boolean =>
  value !== null &&
  typeof value === 'object' &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)))

/** Why variables are refused before anybody reads them: what is nested without end takes whoever reads it off the stack. */
export const variablesFault = (variables: unknown): GraphQLError | null =>
  isDeeper(variables, limits.variableDepth)
    ? requestError(
        'TOO_COMPLEX',
        `The variables are nested deeper than ${limits.variableDepth} levels: send flatter ones.`,
      )
    : null

type Size = { fields: number; depth: number }

/**
 * Validation rule: refuses a document by the size that it has once its fragments are expanded. Each fragment is measured
 * once, so that fragments which double each other cost nothing here, and nobody else has to expand them.
 */
export const documentSize = (context: ValidationContext): ASTVisitor => {
  const measured = new Map<string, Size>()
  const underway = new Set<string>()
  const measureFragment = (fragment: FragmentDefinitionNode): Size => {
    const name = fragment.name.value
    const known = measured.get(name)
    if (known) return known
    // A cycle is another rule's refusal; here it must only end.
    if (underway.has(name)) return { fields: 0, depth: 0 }
    underway.add(name)
    const size = measure(fragment.selectionSet)
    underway.delete(name)
    measured.set(name, size)
    return size
  }
  const measure = (set: SelectionSetNode): Size => {
    const total: Size = { fields: 0, depth: 0 }
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet ? measure(selection.selectionSet) : { fields: 0, depth: 0 }
        total.fields += 1 + inner.fields
        total.depth = Math.max(total.depth, 1 + inner.depth)
        continue
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? context.getFragment(selection.name.value) : null
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? measure(selection.selectionSet)
          : fragment
            ? measureFragment(fragment)
            : null
      total.fields += inner?.fields ?? 0
      total.depth = Math.max(total.depth, inner?.depth ?? 0)
    }
    return total
  }
  return {
    OperationDefinition(operation) {
      const size = measure(operation.selectionSet)
      if (size.fields > limits.fields) {
        context.reportError(
          requestError(
            'TOO_COMPLEX',
            `The operation selects more than ${limits.fields} fields: ask in several operations.`,
          ),
        )
      }
      if (size.depth > limits.depth) {
        context.reportError(
          requestError(
            'TOO_COMPLEX',
            `The operation is nested deeper than ${limits.depth} levels: ask in several operations.`,
          ),
        )
      }
    },
  }
}
