// The approver's queue: its stream, one item in full, and the three decisions.
import { graphql, type ResultOf } from '../graphql.ts'
import { ActionParts, BriefParts, ChangeParts, ProblemParts, ProposalParts } from './fragments.ts'

/** What a line of the queue shows. */
export const ItemParts = graphql(
  `
    fragment ItemParts on WorkItem {
      id
      kind
      step
      subject
      status
      version
      createdAt
      changes {
        ...BriefParts
      }
      proposal {
        id
        revision
        submittedAt
        submittedBy {
          id
          name
        }
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
  `,
  [BriefParts],
)

export const QueueStream = graphql(
  `
    subscription Queue($after: Cursor) {
      message: approvalQueue(after: $after) {
        __typename
        ... on LiveMessage {
          cursor
        }
        ... on QueueSnapshot {
          complete
          totalCount
          items {
            ...ItemParts
          }
        }
        ... on QueueDelta {
          totalCount
          upserts {
            ...ItemParts
          }
          removed {
            id
            version
            reason
            outcome
            by {
              id
              name
            }
          }
        }
      }
    }
  `,
  [ItemParts],
)

export const ItemQuery = graphql(
  `
    query WorkItem($id: ID!) {
      node(id: $id) {
        __typename
        ... on WorkItem {
          ...ItemParts
          instructions
          decidedBy {
            id
            name
          }
          seen: changes {
            ...ChangeParts
          }
          actions {
            ...ActionParts
          }
          inFull: proposal {
            ...ProposalParts
          }
        }
      }
    }
  `,
  [ItemParts, ChangeParts, ActionParts, ProposalParts],
)

export const Approve = graphql(
  `
    mutation Approve($input: ApproveInput!) {
      result: approve(input: $input) {
        ...ProblemParts
        ... on WorkItemSuccess {
          __typename
          workItem {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const Reject = graphql(
  `
    mutation Reject($input: RejectInput!) {
      result: reject(input: $input) {
        ...ProblemParts
        ... on WorkItemSuccess {
          __typename
          workItem {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const RequestChange = graphql(
  `
    mutation RequestChange($input: RequestChangeInput!) {
      result: requestChange(input: $input) {
        ...ProblemParts
        ... on WorkItemSuccess {
          __typename
          workItem {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export type QueueItem = ResultOf<typeof ItemParts>
export type QueueMessage = ResultOf<typeof QueueStream>['message']
export type RemovedItem = Extract<QueueMessage, { removed: unknown }>['removed'][number]
export type ItemInFull = Extract<NonNullable<ResultOf<typeof ItemQuery>['node']>, { inFull: unknown }>
