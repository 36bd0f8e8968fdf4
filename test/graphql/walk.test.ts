// The main job, end to end, over real HTTP: edit, propose, submit, approve, applied.
import { expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'

const app = await startTestApp()

type Item = { id: string; proposal: { revision: number; customer: { account: string } } }

const queueItem = async (user: string, account: string): Promise<Item> => {
  const { approvalQueue } = await app.ask<{ approvalQueue: { edges: { node: Item }[] } }>(
    user,
    '{ approvalQueue { edges { node { id proposal { revision customer { account } } } } } }',
  )
  const item = approvalQueue.edges.find(({ node }) => node.proposal.customer.account === account)?.node
  if (item === undefined) throw new Error(`${user} is not asked about ${account}`)
  return item
}

const approve = (user: string, item: Item) =>
  app.ask<{ approve: { proposal?: { status: string }; code?: string } }>(
    user,
    `mutation ($input: ApproveInput!) { approve(input: $input) {
      ... on WorkItemSuccess { proposal { status } } ... on UserError { code message } } }`,
    { input: { workItemId: item.id, revision: item.proposal.revision } },
  )

test('a raised credit limit is written only when everybody who is asked has approved it', async () => {
  const { updateCustomer } = await app.ask<{
    updateCustomer: { proposed: string[]; customer: { creditLimit: string }; proposal: { id: string } }
  }>(
    'clara',
    `mutation { updateCustomer(input: { company: "USMF", account: "US-001", set: { creditLimit: "150000" } }) {
      ... on UpdateCustomerSuccess { proposed customer { creditLimit } proposal { id } } ... on UserError { code message } } }`,
  )
  expect(updateCustomer).toMatchObject({ proposed: ['creditLimit'], customer: { creditLimit: '50000.00' } })
  const submitted = await app.ask(
    'clara',
    `mutation ($id: ID!) { submitProposal(input: { proposalId: $id }) {
      ... on ProposalSuccess { proposal { status blockers { message } } } ... on UserError { code message } } }`,
    { id: updateCustomer.proposal.id },
  )
  expect(submitted).toEqual({
    submitProposal: {
      proposal: { status: 'PENDING', blockers: [{ message: 'Waiting for Mia Lindgren at "Manager".' }] },
    },
  })
  expect(await approve('mia', await queueItem('mia', 'US-001'))).toEqual({
    approve: { proposal: { status: 'PENDING' } },
  })
  expect(await approve('cora', await queueItem('cora', 'US-001'))).toEqual({
    approve: { proposal: { status: 'PENDING' } },
  })
  expect(await approve('carl', await queueItem('carl', 'US-001'))).toEqual({
    approve: { proposal: { status: 'APPLIED' } },
  })
  const after = await app.ask(
    'clara',
    '{ customer(company: "USMF", account: "US-001") { creditLimit version proposal { id } } }',
  )
  expect(after).toEqual({ customer: { creditLimit: '150000.00', version: 2, proposal: null } })
})
