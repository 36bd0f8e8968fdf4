// Endpoints that are told what happens, and what came of telling them; for administrators.
import { graphql, type ResultOf } from '../graphql.ts'
import { ProblemParts } from './fragments.ts'

const HookParts = graphql(`
  fragment HookParts on Webhook {
    id
    name
    url
    types
    active
    position
    createdAt
    createdBy {
      id
      name
    }
    deletedAt
    secrets {
      createdAt
      expiresAt
    }
    health {
      pending
      dead
      failures
      restingUntil
      lastSuccessAt
      lastFailureAt
      lastError
    }
  }
`)

const AttemptParts = graphql(`
  fragment AttemptParts on WebhookAttempt {
    at
    status
    durationMs
    error
    position
    elementPath
    proposal {
      id
      customer {
        id
        account
      }
    }
  }
`)

export const WebhooksQuery = graphql(
  `
    query Webhooks($company: String!, $deleted: Boolean!) {
      webhooks(company: $company, deleted: $deleted) {
        ...HookParts
      }
    }
  `,
  [HookParts],
)

export const WebhookQuery = graphql(
  `
    query Webhook($id: ID!) {
      node(id: $id) {
        __typename
        ... on Webhook {
          ...HookParts
        }
      }
    }
  `,
  [HookParts],
)

export const DeliveriesQuery = graphql(`
  query Deliveries($id: ID!, $status: WebhookDeliveryStatus, $after: Cursor) {
    node(id: $id) {
      __typename
      ... on Webhook {
        id
        deliveries(first: 50, after: $after, status: $status) {
          pageInfo {
            hasNextPage
            endCursor
          }
          edges {
            node {
              position
              status
              attempts
              createdAt
              endedAt
              nextAt
              lastStatus
              lastError
              event {
                id
                type
                at
                customer {
                  id
                  account
                  company {
                    id
                    code
                  }
                }
              }
            }
          }
        }
      }
    }
  }
`)

export const AttemptsQuery = graphql(
  `
    query Attempts($id: ID!, $after: Cursor) {
      node(id: $id) {
        __typename
        ... on Webhook {
          id
          attempts(first: 50, after: $after) {
            pageInfo {
              hasNextPage
              endCursor
            }
            edges {
              cursor
              node {
                ...AttemptParts
              }
            }
          }
        }
      }
    }
  `,
  [AttemptParts],
)

/** The first line of the log at a moment or later: where a replay can begin. */
export const PositionQuery = graphql(`
  query Position($company: String!, $from: DateTime!) {
    events(company: $company, filter: { from: $from }, first: 1) {
      edges {
        node {
          id
          position
        }
      }
    }
  }
`)

export const SaveWebhook = graphql(
  `
    mutation SaveWebhook($input: SaveWebhookInput!) {
      result: saveWebhook(input: $input) {
        ...ProblemParts
        ... on WebhookSuccess {
          __typename
          secret
          webhook {
            ...HookParts
          }
        }
      }
    }
  `,
  [ProblemParts, HookParts],
)

export const RotateSecret = graphql(
  `
    mutation RotateSecret($input: RotateWebhookSecretInput!) {
      result: rotateWebhookSecret(input: $input) {
        ...ProblemParts
        ... on WebhookSuccess {
          __typename
          secret
          webhook {
            ...HookParts
          }
        }
      }
    }
  `,
  [ProblemParts, HookParts],
)

export const TestWebhook = graphql(
  `
    mutation TestWebhook($input: TestWebhookInput!) {
      result: testWebhook(input: $input) {
        ...ProblemParts
        ... on TestWebhookSuccess {
          __typename
          attempt {
            ...AttemptParts
          }
        }
      }
    }
  `,
  [ProblemParts, AttemptParts],
)

export const ReplayWebhook = graphql(
  `
    mutation ReplayWebhook($input: ReplayWebhookInput!) {
      result: replayWebhook(input: $input) {
        ...ProblemParts
        ... on WebhookSuccess {
          __typename
          webhook {
            ...HookParts
          }
        }
      }
    }
  `,
  [ProblemParts, HookParts],
)

export const DeleteWebhook = graphql(
  `
    mutation DeleteWebhook($input: DeleteWebhookInput!) {
      result: deleteWebhook(input: $input) {
        ...ProblemParts
        ... on WebhookSuccess {
          __typename
          webhook {
            id
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export type Webhook = ResultOf<typeof HookParts>
export type EventType = Webhook['types'][number]
export type Attempt = ResultOf<typeof AttemptParts>
type DeliveryNode = Extract<NonNullable<ResultOf<typeof DeliveriesQuery>['node']>, { __typename: 'Webhook' }>
export type Delivery = DeliveryNode['deliveries']['edges'][number]['node']
