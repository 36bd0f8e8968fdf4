// What waits for somebody out of an import: as a whole, one by one, and the decision on all of it.
import { graphql, type ResultOf } from '../graphql.ts'
import { BriefParts, ProblemParts } from './fragments.ts'

export const BatchesQuery = graphql(
  `
    query Batches($company: String) {
      approvalBatches(company: $company) {
        items
        others
        overdue
        oldest
        digest
        import {
          id
          name
          createdAt
          createdBy {
            id
            name
          }
        }
        fields {
          changes
          field {
            name
            label
            record
            group
            type
            scale
          }
          sample {
            ...BriefParts
          }
        }
      }
    }
  `,
  [BriefParts],
)

/** In which company an import is: its batch is asked for there. */
export const BatchPlaceQuery = graphql(`
  query BatchPlace($id: ID!) {
    node(id: $id) {
      __typename
      ... on ImportJob {
        id
        name
        company {
          id
          code
        }
      }
    }
  }
`)

export const BatchItemsQuery = graphql(
  `
    query BatchItems($importId: ID!, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
      approvalQueue(filter: { importId: $importId }, first: $first, after: $after, last: $last, before: $before) {
        totalCount
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
        edges {
          node {
            id
            kind
            version
            step
            dueAt
            overdue
            actions {
              action
              allowed
            }
            changes {
              ...BriefParts
            }
            proposal {
              id
              revision
              customer {
                id
                account
                name
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
  `,
  [BriefParts],
)

/** Tells of which imports something has come, changed or gone; the items themselves are asked for where they are shown. */
export const BatchMoves = graphql(`
  subscription BatchMoves($after: Cursor) {
    message: approvalQueue(after: $after) {
      __typename
      ... on LiveMessage {
        cursor
      }
      ... on QueueSnapshot {
        complete
      }
      ... on QueueDelta {
        changedBatches
      }
    }
  }
`)

export const DecideBatch = graphql(
  `
    mutation DecideBatch($input: DecideBatchInput!) {
      result: decideBatch(input: $input) {
        ...ProblemParts
        ... on DecideBatchSuccess {
          __typename
          decided
          failed {
            code
            message
            path
          }
          job {
            id
          }
        }
      }
    }
  `,
  [ProblemParts],
)

/** How far a decision in the background has come. */
export const BatchDecisionQuery = graphql(`
  query BatchDecision($id: ID!) {
    node(id: $id) {
      __typename
      ... on BatchDecision {
        id
        outcome
        items
        processed
        decided
        finishedAt
        import {
          id
        }
        failed {
          code
          message
          path
        }
      }
    }
  }
`)

/** Whom work items are about, for those that were refused. */
export const ItemSubjectsQuery = graphql(`
  query ItemSubjects($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on WorkItem {
        id
        proposal {
          id
          customer {
            id
            account
            name
          }
        }
      }
    }
  }
`)

export type Batch = NonNullable<ResultOf<typeof BatchesQuery>['approvalBatches']>[number]
export type BatchDecision = Extract<NonNullable<ResultOf<typeof BatchDecisionQuery>['node']>, { finishedAt: unknown }>
export type Refused = BatchDecision['failed'][number]
