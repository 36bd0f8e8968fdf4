// What people do while nobody looks at their browsers: the same deeds by the API, for what a test needs beforehand.
import type { TestApp } from '../helpers/app.ts'

type Result = { result: { __typename: string; message?: string; proposal?: { id: string } | null } }
type Item = { id: string; step: string; proposal: { id: string; revision: number; customer: { account: string } } }

const refusal = '__typename ... on UserError { message }'

const tell = async (app: TestApp, user: string, mutation: string, type: string, input: object, wanted = '') => {
  const document = `mutation($input: ${type}!) { result: ${mutation}(input: $input) { ${refusal} ${wanted} } }`
  const { result } = await app.ask<Result>(user, document, { input })
  if (result.message !== undefined) throw new Error(`${user} may not ${mutation}: ${result.message}`)
  return result
}

/** Edits a customer of USMF; answers the proposal's id, or null if everything was written at once. */
export const edit = async (app: TestApp, user: string, account: string, change: object): Promise<string | null> => {
  const input = { company: 'USMF', account, ...change }
  const wanted = '... on UpdateCustomerSuccess { proposal { id } }'
  return (await tell(app, user, 'updateCustomer', 'UpdateCustomerInput', input, wanted)).proposal?.id ?? null
}

export const propose = async (app: TestApp, user: string, account: string, set: object): Promise<string> => {
  const proposalId = await edit(app, user, account, { set })
  if (proposalId === null) throw new Error(`nothing of ${account} needs approval`)
  return proposalId
}

export const submit = (app: TestApp, user: string, proposalId: string, comment?: string) =>
  tell(app, user, 'submitProposal', 'SubmitProposalInput', { proposalId, comment })

export const recall = (app: TestApp, user: string, proposalId: string, comment: string) =>
  tell(app, user, 'recallProposal', 'RecallProposalInput', { proposalId, comment })

export const discard = (app: TestApp, user: string, proposalId: string) =>
  tell(app, user, 'discardProposal', 'DiscardProposalInput', { proposalId })

/** Edits and submits at once; answers the proposal's id. */
export const ask = async (app: TestApp, user: string, account: string, set: object): Promise<string> => {
  const proposalId = await propose(app, user, account, set)
  await submit(app, user, proposalId)
  return proposalId
}

/** What waits for somebody, by account. */
export const itemsOf = async (app: TestApp, user: string, account: string): Promise<Item[]> => {
  const { approvalQueue } = await app.ask<{ approvalQueue: { edges: { node: Item }[] } }>(
    user,
    '{ approvalQueue(first: 50) { edges { node { id step proposal { id revision customer { account } } } } } }',
  )
  return approvalQueue.edges.map(({ node }) => node).filter(({ proposal }) => proposal.customer.account === account)
}

export const approve = async (app: TestApp, user: string, account: string): Promise<void> => {
  for (const { id, proposal } of await itemsOf(app, user, account)) {
    await tell(app, user, 'approve', 'ApproveInput', { workItemId: id, revision: proposal.revision })
  }
}

/** Switches the approval of fields of USMF on or off. */
export const govern = (app: TestApp, fields: { enable?: string[]; disable?: string[] }) =>
  tell(app, 'adam', 'setFieldApproval', 'SetFieldApprovalInput', { company: 'USMF', ...fields })

export const statusOf = async (app: TestApp, proposalId: string): Promise<string> => {
  const { node } = await app.ask<{ node: { status: string } }>(
    'clara',
    'query($id: ID!) { node(id: $id) { ... on Proposal { status } } }',
    { id: proposalId },
  )
  return node.status
}
