// The one schema builder: its plugins, its scalars and the rules that every field follows.
import SchemaBuilder from '@pothos/core'
import ComplexityPlugin, { ComplexityErrorKind } from '@pothos/plugin-complexity'
import ErrorsPlugin from '@pothos/plugin-errors'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import type { Context } from './context.ts'
import { limits, requestError, unauthenticated } from './limits.ts'

export type SchemaTypes = {
  Context: Context
  AuthScopes: { signedIn: boolean }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: string; Output: string }
    Date: { Input: string; Output: string }
    Decimal: { Input: string; Output: string }
    Cursor: { Input: string; Output: string }
    JSON: { Input: unknown; Output: unknown }
  }
  DefaultFieldNullability: false
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, ComplexityPlugin, RelayPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    // Without it a forbidden subscription opens its stream and is refused only at its first event.
    authorizeOnSubscribe: true,
    authScopes: (context) => ({ signedIn: context.viewer !== null }),
    unauthorizedError: unauthenticated,
  },
  complexity: {
    defaultComplexity: 1,
    defaultListMultiplier: 5,
    limit: { complexity: limits.complexity, depth: limits.depth },
    complexityError: (kind) =>
      requestError(
        'TOO_COMPLEX',
        kind === ComplexityErrorKind.Depth
          ? `The operation is nested deeper than ${limits.depth} levels: ask in several operations.`
          : 'The operation asks for too much at once: take smaller pages or fewer fields.',
      ),
  },
  relay: {
    cursorType: 'Cursor' as 'String',
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    pageInfoTypeOptions: { description: 'Where a page begins and ends, and whether more lies beyond.' },
    hasNextPageFieldOptions: { description: 'More follows after `endCursor`.' },
    hasPreviousPageFieldOptions: { description: 'More lies before `startCursor`.' },
    startCursorFieldOptions: { description: 'The cursor of the first entry; null when the page is empty.' },
    endCursorFieldOptions: { description: 'The cursor of the last entry; null when the page is empty.' },
    nodeTypeOptions: { description: 'Whatever can be read again by its id with `node`.' },
    idFieldOptions: { description: 'Names this thing everywhere in the API; opaque.' },
  },
})

builder.queryType({
  authScopes: { signedIn: true },
  description: 'Reading. Null means: not there, or not yours to see; that is no error.',
})
builder.mutationType({
  authScopes: { signedIn: true },
  description:
    'Writing. Each answers a union: success, or one of the expected refusals, which all implement UserError. Each input takes an `idempotencyKey`: the same key and input sent again is answered without being done again.',
})
builder.subscriptionType({
  authScopes: { signedIn: true },
  description:
    'Live streams, over WebSocket (graphql-transport-ws) or server-sent events, at the same address as everything else.',
})
