// Keys by which programs sign in; for administrators.
import { graphql, type ResultOf } from '../graphql.ts'
import { ProblemParts } from './fragments.ts'

const KeyParts = graphql(`
  fragment KeyParts on ApiKey {
    id
    name
    hint
    active
    roles
    createdAt
    createdBy {
      id
      name
    }
    expiresAt
    lastUsedAt
    revokedAt
    revokedBy {
      id
      name
    }
    account {
      id
      name
      active
      responsible {
        id
        name
        active
      }
    }
  }
`)

export const KeysQuery = graphql(
  `
    query Keys($company: String!) {
      apiKeys(company: $company) {
        ...KeyParts
      }
    }
  `,
  [KeyParts],
)

export const CreateKey = graphql(
  `
    mutation CreateKey($input: CreateApiKeyInput!) {
      result: createApiKey(input: $input) {
        ...ProblemParts
        ... on CreateApiKeySuccess {
          __typename
          key
          apiKey {
            ...KeyParts
          }
        }
      }
    }
  `,
  [ProblemParts, KeyParts],
)

export const RevokeKey = graphql(
  `
    mutation RevokeKey($input: RevokeApiKeyInput!) {
      result: revokeApiKey(input: $input) {
        ...ProblemParts
        ... on ApiKeySuccess {
          __typename
          apiKey {
            id
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export type Key = ResultOf<typeof KeyParts>
