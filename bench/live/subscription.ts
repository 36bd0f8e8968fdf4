// What the subscribers of the bench ask for, and how a message looks on its way.
import { company } from './world.ts'

/** What a banner or a list of pending changes is made of; what it begins with is asked for by number alone. */
export const proposalStatus = {
  query: `subscription Changes($company: String!) {
  proposalStatus(company: $company) {
    __typename
    ... on LiveMessage { cursor }
    ... on ProposalStatusSnapshot { counts { status count } }
    ... on ProposalStatusChanged {
      event { id position type at }
      proposal { id status revision }
    }
  }
}`,
  variables: { company },
  mark: 'ProposalStatusChanged',
} as const

/** An approver's list. */
export const approvalQueue = {
  query: `subscription Queue {
  approvalQueue {
    __typename
    ... on LiveMessage { cursor }
    ... on QueueSnapshot { items { id version subject dueAt } totalCount complete }
    ... on QueueDelta {
      upserts { id version subject dueAt proposal { id status revision } }
      removed { id version reason }
      totalCount
    }
  }
}`,
  variables: {},
  mark: 'QueueDelta',
} as const

export type Changed = Readonly<Record<string, unknown>>

/** The message inside a frame: what a server that has it in memory gives to its subscribers. */
export const messageOf = (frame: string): Changed => {
  const { payload } = JSON.parse(frame) as { payload: { data: { proposalStatus: Changed } } }
  return payload.data.proposalStatus
}
