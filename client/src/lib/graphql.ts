// Typed documents: gql.tada reads the printed schema, so a result's shape follows from the document's own text.
import { initGraphQLTada } from 'gql.tada'
import type { introspection } from './graphql-env.d.ts'

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export const graphql = initGraphQLTada<{
  introspection: introspection
  disableMasking: true
  scalars: { DateTime: string; Date: string; Decimal: string; Cursor: string; JSON: Json }
}>()

export type { ResultOf, VariablesOf } from 'gql.tada'
export type { Json }
