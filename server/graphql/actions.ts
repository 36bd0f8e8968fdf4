// What a viewer may do now and, for what they may not, why: the rules' own answer, never one of the API's.
import { builder } from './builder.ts'
import { companyOf, viewerOf, type Context } from './context.ts'
import { ErrorCodeRef } from './error-codes.ts'
import type { Action as ActionName, AvailableAction } from '../domain/actions.ts'
import type { Customer } from '../domain/customer.ts'
import type { Proposal, WorkItem } from '../domain/proposal.ts'
import { actionsOfCustomer, actionsOfItem, actionsOfProposal, type Others } from '../services/explain.ts'
import type { CustomerLine } from '../store/customers.ts'
import { keyText } from '../store/prepared.ts'
import { allSoon } from './soon.ts'

const Action = builder.enumType('Action', {
  description: 'What can be done with a customer, proposal or work item. Later versions may add actions.',
  values: {
    EDIT: { description: 'Change values: updateCustomer.' },
    SUBMIT: { description: 'Ask for approval: submitProposal.' },
    DISCARD: { description: 'Withdraw changes: discardChanges, discardProposal.' },
    SCHEDULE: { description: 'Set the time from which the changes apply: scheduleProposal.' },
    COMMENT: { description: 'Say something: addComment.' },
    RECALL: { description: 'Take a submitted proposal back: recallProposal.' },
    REBASE: { description: 'Put changes on the record as it is now: rebaseProposal.' },
    REVERT: { description: 'Propose an applied proposal backwards: revertProposal.' },
    APPROVE: { description: 'Vote for: approve.' },
    REJECT: { description: 'Vote against: reject.' },
    REQUEST_CHANGE: { description: 'Send back with a request for other values: requestChange.' },
    REFUSE: { description: 'Leave changes out of an approval: `refuse` of approve.' },
    DELEGATE: { description: 'Hand the seat over to somebody else: delegate.' },
    CLAIM: { description: 'Take the item from its queue: claim.' },
    RELEASE: { description: 'Give the item back to its queue: release.' },
    MOVE: { description: 'Put the item into another queue: moveToQueue.' },
    COMPLETE: { description: 'Say that the task is done: completeTask.' },
    RETURN: { description: 'Give the task back, which rejects the changes: returnTask.' },
    CHOOSE: { description: 'Pick one of the outcomes of a decision: choose.' },
    REASSIGN: { description: 'As an administrator, give the seat to somebody else: reassign.' },
    CANCEL: { description: 'As an administrator, end the run and keep nothing of it: cancelRun.' },
    RESUME: { description: 'As an administrator, go on after an error: resumeRun.' },
  } as const satisfies Record<ActionName, { description: string }>,
})

export const AvailableActionRef = builder.objectRef<AvailableAction>('AvailableAction').implement({
  description: 'Whether you may do something now and, if not, why.',
  fields: (t) => ({
    action: t.field({ type: Action, description: 'What.', resolve: (a) => a.action }),
    allowed: t.exposeBoolean('allowed', { description: 'It would be accepted now.' }),
    reason: t.field({
      type: ErrorCodeRef,
      nullable: true,
      description: 'Why not: the code that it would be refused with.',
      resolve: (a) => a.reason,
    }),
    message: t.exposeString('message', { nullable: true, description: 'Why not, as a sentence for a person.' }),
  }),
})

/** A proposal and its customer, both whole; null when they are not there. */
export const wholeState = async (
  context: Context,
  companyId: string,
  proposalId: string,
): Promise<{ proposal: Proposal; customer: Customer } | null> => {
  const proposal = await context.loaders.wholeProposal.load(keyText(companyId, proposalId))
  const customer =
    proposal === null ? null : await context.loaders.wholeCustomer.load(keyText(companyId, proposal.customerId))
  return proposal === null || customer === null ? null : { customer, proposal }
}

/** The customer's other proposals that are not closed, and what they hold: read only where a rule looks at it. */
export const othersOf = async (
  context: Context,
  { companyId, customerId, id, status }: Pick<Proposal, 'companyId' | 'customerId' | 'id' | 'status'>,
): Promise<Others> => {
  if (status !== 'SCHEDULED' && status !== 'APPLIED') return []
  const key = keyText(companyId, customerId)
  const [open, scheduled] = await Promise.all([
    context.loaders.openProposal.load(key),
    context.loaders.scheduledProposals.load(key),
  ])
  const others = [...(open === null ? [] : [open]), ...scheduled].filter((other) => other.id !== id)
  // What a scheduled one holds cannot be reverted either.
  const held = status === 'APPLIED' ? others.filter((other) => other.status === 'SCHEDULED') : []
  const whole = await allSoon(held.map((other) => context.loaders.wholeProposal.load(keyText(companyId, other.id))))
  const changes = new Map(whole.flatMap((each) => (each === null ? [] : [[each.id, each.changes] as const])))
  return others.map((other) => ({ ...other, changes: changes.get(other.id) ?? [] }))
}

export const proposalActions = async (
  context: Context,
  companyId: string,
  proposalId: string,
): Promise<AvailableAction[]> => {
  const state = await wholeState(context, companyId, proposalId)
  const company = await companyOf(context, companyId)
  if (state === null) return []
  const others = await othersOf(context, state.proposal)
  return actionsOfProposal(context.app, viewerOf(context), company, state.customer, state.proposal, others)
}

export const itemActions = async (
  context: Context,
  companyId: string,
  proposalId: string,
  item: WorkItem,
): Promise<AvailableAction[]> => {
  const state = await wholeState(context, companyId, proposalId)
  const company = await companyOf(context, companyId)
  if (state === null) return []
  // What came back offers what can be done with its proposal.
  const others = item.kind === 'RETURN' ? await othersOf(context, state.proposal) : []
  return actionsOfItem(context.app, viewerOf(context), company, state.customer, state.proposal, item, others)
}

export const customerActions = async (
  context: Context,
  { companyId, id }: CustomerLine,
): Promise<AvailableAction[]> => {
  const key = keyText(companyId, id)
  const [open, customer, company] = await Promise.all([
    context.loaders.openProposal.load(key),
    context.loaders.wholeCustomer.load(key),
    companyOf(context, companyId),
  ])
  const proposal = open === null ? null : await context.loaders.wholeProposal.load(keyText(companyId, open.id))
  return customer === null ? [] : actionsOfCustomer(context.app, viewerOf(context), company, customer, proposal)
}
