// The approver's queue: its stream, one item in full, and what can be answered.
import { graphql, type ResultOf } from '../graphql.ts'
import { ActionParts, BriefParts, ChangeParts, ProblemParts } from './fragments.ts'
import { ProposalParts } from './proposal-parts.ts'

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
      dueAt
      overdue
      assignee {
        id
        name
      }
      queue {
        id
        name
      }
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
          whenDue
          escalationLevel
          choices
          standIn {
            id
            name
          }
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

/** What every command on a work item answers. */
export const ItemDone = graphql(`
  fragment ItemDone on WorkItemSuccess {
    __typename
    workItem {
      id
      status
    }
  }
`)

export const Approve = graphql(
  `
    mutation Approve($input: ApproveInput!) {
      result: approve(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const Reject = graphql(
  `
    mutation Reject($input: RejectInput!) {
      result: reject(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const RequestChange = graphql(
  `
    mutation RequestChange($input: RequestChangeInput!) {
      result: requestChange(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const CompleteTask = graphql(
  `
    mutation CompleteTask($input: TaskInput!) {
      result: completeTask(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const ReturnTask = graphql(
  `
    mutation ReturnTask($input: RejectInput!) {
      result: returnTask(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const Choose = graphql(
  `
    mutation Choose($input: ChooseInput!) {
      result: choose(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export type QueueItem = ResultOf<typeof ItemParts>
export type QueueMessage = ResultOf<typeof QueueStream>['message']
export type RemovedItem = Extract<QueueMessage, { removed: unknown }>['removed'][number]
export type ItemInFull = Extract<NonNullable<ResultOf<typeof ItemQuery>['node']>, { inFull: unknown }>
