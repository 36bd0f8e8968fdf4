// Three proposals on their way, so that every page of the demo world has something to show.
import { updateCustomer, type UpdateInput } from '../services/customers.ts'
import { submitProposal } from '../services/proposals.ts'
import { approve } from '../services/work-items.ts'
import { loadProposal } from '../store/proposals.ts'
import type { World } from './world.ts'

export const seedProposals = async (world: World, companyId: string): Promise<void> => {
  world.ago({ minutes: 190 })
  const large = await propose(world, 'colin', {
    account: 'US-015',
    set: { creditLimit: '250000.00', paymentTerms: 'Net60' },
    reason: 'Framework agreement for two years',
  })
  world.ago({ minutes: 185 })
  await submit(world, 'colin', companyId, large, 'The agreement is signed; first orders are due next month.')
  world.ago({ minutes: 100 })
  await approveAll(world, 'mia', companyId, large)

  world.ago({ minutes: 65 })
  const small = await propose(world, 'clara', {
    account: 'US-010',
    set: { creditLimit: '60000.00' },
    reason: 'Orders have grown by half since spring',
  })
  world.ago({ minutes: 60 })
  await submit(world, 'clara', companyId, small, 'Please raise before the weekend.')

  world.ago({ minutes: 20 })
  await propose(world, 'clara', {
    account: 'US-007',
    set: { paymentTerms: 'Net45', methodOfPayment: 'WIRE' },
    reason: 'As agreed on the phone',
  })
}

const propose = async ({ app, as }: World, user: string, edit: Omit<UpdateInput, 'company'>): Promise<string> => {
  const { proposalId } = await updateCustomer(app, await as(user), { company: 'USMF', ...edit })
  if (proposalId === null) throw new Error(`nothing was proposed for ${edit.account}`)
  return proposalId
}

const submit = async ({ app, as }: World, user: string, companyId: string, proposalId: string, comment: string) => {
  await submitProposal(app, await as(user), { companyId, proposalId, comment })
}

/** Approves whatever this person is asked about the proposal now. */
const approveAll = async ({ app, tx, as }: World, user: string, companyId: string, proposalId: string) => {
  const viewer = await as(user)
  const proposal = await loadProposal(tx, companyId, proposalId)
  const items = proposal?.items.filter(({ status, assigneeId }) => status === 'OPEN' && assigneeId === viewer.userId)
  for (const { id: workItemId } of items ?? []) {
    await approve(app, viewer, { companyId, workItemId, revision: proposal?.revision ?? 0, comment: 'Known customer.' })
  }
}
