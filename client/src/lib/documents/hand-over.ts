// Who has a work item: handing it on, taking it from its queue and giving it back; and whom it can be given to.
import { graphql } from '../graphql.ts'
import { ProblemParts } from './fragments.ts'
import { ItemDone } from './queue.ts'

export const Claim = graphql(
  `
    mutation Claim($input: WorkItemInput!) {
      result: claim(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const Release = graphql(
  `
    mutation Release($input: WorkItemInput!) {
      result: release(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const MoveToQueue = graphql(
  `
    mutation MoveToQueue($input: MoveToQueueInput!) {
      result: moveToQueue(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const Delegate = graphql(
  `
    mutation Delegate($input: DelegateInput!) {
      result: delegate(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

export const Reassign = graphql(
  `
    mutation Reassign($input: DelegateInput!) {
      result: reassign(input: $input) {
        ...ProblemParts
        ...ItemDone
      }
    }
  `,
  [ProblemParts, ItemDone],
)

/** Where items are that have left somebody's queue; up to 100. */
export const WhereaboutsQuery = graphql(`
  query Whereabouts($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on WorkItem {
        id
        assignee {
          id
          name
        }
        standIn {
          id
          name
        }
        queue {
          id
          name
        }
      }
    }
  }
`)

export const PeopleQuery = graphql(`
  query People($company: String!, $search: String) {
    users(company: $company, search: $search, active: true, first: 20) {
      edges {
        node {
          id
          name
          email
          kind
        }
      }
    }
  }
`)

export const QueuesQuery = graphql(`
  query Queues($company: String!) {
    queues(company: $company) {
      id
      name
    }
  }
`)
