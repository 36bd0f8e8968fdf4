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
      import {
        id
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
    subscription Queue($after: Cursor, $filter: QueueFilter) {
      message: approvalQueue(after: $after, filter: $filter) {
        __typename
        ... on LiveMessage {
          cursor
        }
        ... on QueueSnapshot {
          complete
          items {
            ...ItemParts
          }
        }
        ... on QueueDelta {
          changedBatches
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

/** Imports of which something waits: each is one line of the queue. */
export const WaitingBatches = graphql(`
  query WaitingBatches {
    approvalBatches {
      items
      others
      overdue
      oldest
      fields {
        changes
        field {
          name
          label
        }
      }
      import {
        id
        name
        company {
          id
          code
        }
        createdBy {
          id
          name
        }
      }
    }
  }
`)

/** Up to 100 items as lines show them. */
export const LinesQuery = graphql(
  `
    query Lines($ids: [ID!]!) {
      nodes(ids: $ids) {
        __typename
        ... on WorkItem {
          ...ItemParts
        }
      }
    }
  `,
  [ItemParts],
)

/** What may be done with each of up to 100 items. */
export const OffersQuery = graphql(
  `
    query Offers($ids: [ID!]!) {
      nodes(ids: $ids) {
        __typename
        ... on WorkItem {
          id
          actions {
            ...ActionParts
          }
        }
      }
    }
  `,
  [ActionParts],
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

/** Up to 200 answers in one call; each is refused or recorded by itself. */
export const DecideMany = graphql(
  `
    mutation DecideMany($input: DecideManyInput!) {
      result: decideMany(input: $input) {
        __typename
        results {
          __typename
          ...ProblemParts
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
export type Batch = NonNullable<ResultOf<typeof WaitingBatches>['approvalBatches']>[number]
