// What the tests of the live streams do to a proposal, in one call each, and what they select of the streams.
import type { TestApp } from '../helpers/app.ts'
import type { LiveMessage } from '../helpers/live.ts'

export type Change = {
  field: { name: string }
  proposed: { raw: unknown; display: string | null; masked: boolean } | null
}
export type ProposalMessage = LiveMessage & {
  proposals?: { id: string; status: string; customer: { account: string }; changes: Change[] }[]
  counts?: { status: string; count: number }[]
  event?: { type: string; position: string; actor: { name: string } | null; data: Record<string, unknown> }
  proposal?: {
    id: string
    status: string
    revision: number
    customer: { account: string; creditLimit: string }
    changes: Change[]
  }
}
export const proposalStatus = `subscription ($company: String, $account: String, $proposalId: ID, $after: Cursor) {
  proposalStatus(company: $company, account: $account, proposalId: $proposalId, after: $after) {
    __typename ... on LiveMessage { cursor }
    ... on ProposalStatusSnapshot {
      proposals { id status customer { account } changes { field { name } proposed { raw display masked } } }
      counts { status count }
    }
    ... on ProposalStatusChanged {
      event { type position actor { name } data }
      proposal { id status revision customer { account creditLimit } changes { field { name } proposed { raw display masked } } }
    }
  } }`

export type QueueItem = {
  id: string
  version: number
  status: string
  step: string
  proposal: { id: string; revision: number; customer: { account: string } }
}
export type Removal = {
  id: string
  version: number
  reason: string
  outcome: string | null
  by: { name: string } | null
}
export type QueueMessage = LiveMessage & {
  items?: QueueItem[]
  complete?: boolean
  totalCount?: number
  upserts?: QueueItem[]
  removed?: Removal[]
}
const item = 'id version status step proposal { id revision customer { account } }'
export const approvalQueue = `subscription ($filter: QueueFilter, $after: Cursor) {
  approvalQueue(filter: $filter, after: $after) {
    __typename ... on LiveMessage { cursor }
    ... on QueueSnapshot { complete totalCount items { ${item} } }
    ... on QueueDelta { totalCount upserts { ${item} } removed { id version reason outcome by { name } } }
  } }`

/** The commands over one application; each fails with the whole answer unless it succeeds. */
export const commandsOf = (app: TestApp) => {
  const run = async <T>(user: string, name: string, input: string, success: string, variables: object): Promise<T> => {
    const data = await app.ask<Record<string, T & { code?: string }>>(
      user,
      `mutation ($input: ${input}!) { ${name}(input: $input) { __typename ${success} ... on UserError { code message path } } }`,
      { input: variables },
    )
    const result = data[name]
    if (result === undefined || result.code !== undefined) throw new Error(`${user}: ${name}: ${JSON.stringify(data)}`)
    return result
  }
  /** Changes a customer; gives back the id of the proposal that it is in. */
  const edit = async (user: string, account: string, set: object, more: object = {}): Promise<string> => {
    const company = account.startsWith('DE') ? 'DEMF' : 'USMF'
    const success = '... on UpdateCustomerSuccess { proposal { id } }'
    const input = { company, account, set, ...more }
    const done = await run<{ proposal: { id: string } }>(user, 'updateCustomer', 'UpdateCustomerInput', success, input)
    return done.proposal.id
  }
  const submit = (user: string, proposalId: string): Promise<unknown> =>
    run(user, 'submitProposal', 'SubmitProposalInput', '', { proposalId })
  const queue = async (user: string): Promise<QueueItem[]> => {
    const { approvalQueue: found } = await app.ask<{ approvalQueue: { edges: { node: QueueItem }[] } }>(
      user,
      `{ approvalQueue(first: 100) { edges { node { ${item} } } } }`,
    )
    return found.edges.map(({ node }) => node)
  }
  const itemOf = async (user: string, proposalId: string): Promise<QueueItem> => {
    const found = (await queue(user)).find(({ proposal }) => proposal.id === proposalId)
    if (found === undefined) throw new Error(`${user} is not asked about ${proposalId}`)
    return found
  }
  type Answer = 'approve' | 'reject' | 'requestChange'
  const answer =
    (name: Answer) =>
    async (user: string, proposalId: string): Promise<QueueItem> => {
      const found = await itemOf(user, proposalId)
      const input = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input`
      const vote = { workItemId: found.id, revision: found.proposal.revision, comment: 'Because.' }
      await run(user, name, input, '', vote)
      return found
    }
  return {
    edit,
    submit,
    queue,
    approve: answer('approve'),
    reject: answer('reject'),
    requestChange: answer('requestChange'),
    /** An edit that goes straight to the first approver. */
    propose: async (user: string, account: string, set: object, more: object = {}): Promise<string> => {
      const proposalId = await edit(user, account, set, more)
      await submit(user, proposalId)
      return proposalId
    },
    recall: (user: string, proposalId: string): Promise<unknown> =>
      run(user, 'recallProposal', 'RecallProposalInput', '', { proposalId, comment: 'Not yet.' }),
    member: (input: object): Promise<unknown> => run('adam', 'setMember', 'SetMemberInput', '', input),
    userId: async (user: string, name: string): Promise<string> => {
      const { users } = await app.ask<{ users: { edges: { node: { id: string; name: string } }[] } }>(
        user,
        '{ users(company: "USMF", first: 100) { edges { node { id name } } } }',
      )
      const found = users.edges.find(({ node }) => node.name === name)?.node
      if (found === undefined) throw new Error(`there is no ${name}`)
      return found.id
    },
  }
}
