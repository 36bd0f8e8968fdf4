// Taking back what was applied, beside a proposal that waits for its time: what is offered is what would be done.
import { expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { asks, queueWorldOf } from './queue-world.ts'

const app = await startTestApp()
const { ids, must, run, workflowFor, customerOf, read } = await queueWorldOf(app)
const account = 'US-120'

type Said = { action: string; allowed: boolean; reason: string | null }
type Item = { actions: Said[] }
type Shown = { proposal: { revision: number; workItems: { id: string }[] } }
const decide = async (mutation: 'approve' | 'reject', comment: string | null = null): Promise<void> => {
  const selection = 'proposal { revision workItems(open: true) { id } }'
  const { proposal } = (await customerOf('tess', account, selection)) as Shown
  const workItemId = proposal.workItems[0]?.id ?? 'none'
  await must('tess', mutation, { workItemId, revision: proposal.revision, ...(comment !== null && { comment }) })
}
const propose = async (set: object): Promise<string> =>
  (await must('clara', 'updateCustomer', { company: 'USMF', account, set })).proposal?.id ?? 'none'

test('says of an applied proposal and of what came back for it that a scheduled one holds its fields', async () => {
  await workflowFor(account, asks({ users: [ids.tess] }))
  const proposalId = await propose({ creditLimit: '1200000' })
  await must('clara', 'submitProposal', { proposalId })
  await decide('reject', 'Too much.')
  await must('clara', 'submitProposal', { proposalId, comment: 'It is not.' })
  await decide('approve')
  const offered = async (): Promise<(Said | undefined)[]> => {
    const { node: proposal } = await read<{ node: { actions: Said[]; workItems: (Item & { kind: string })[] } }>(
      'clara',
      `query ($id: ID!) { node(id: $id) { ... on Proposal {
        actions { action allowed reason } workItems { kind actions { action allowed reason } } } } }`,
      { id: proposalId },
    )
    const returned = proposal.workItems.find(({ kind }) => kind === 'RETURN')
    return [proposal, returned].map((each) => each?.actions.find(({ action }) => action === 'REVERT'))
  }
  const yes = { action: 'REVERT', allowed: true, reason: null }
  expect(await offered()).toEqual([yes, yes])

  const next = await propose({ creditLimit: '1300000' })
  const no = { action: 'REVERT', allowed: false, reason: 'PENDING_PROPOSAL' }
  expect(await offered()).toEqual([no, no])
  const effectiveAt = `${new Date().getUTCFullYear() + 1}-01-01T00:00:00Z`
  await must('clara', 'scheduleProposal', { proposalId: next, effectiveAt })
  await must('clara', 'submitProposal', { proposalId: next })
  await decide('approve')
  expect(await offered()).toEqual([no, no])
  expect(await run('clara', 'revertProposal', { proposalId })).toMatchObject({ __typename: 'PendingProposalError' })
})
