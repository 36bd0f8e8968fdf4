// What a viewer may do now and, for what they may not, why: the rules' own answer, never one of the API's.
import { builder } from './builder.ts'
import { companyOf, viewerOf, type Context } from './context.ts'
import { ErrorCodeRef } from './error-codes.ts'
import type { Action as ActionName, AvailableAction } from '../domain/actions.ts'
import type { Customer } from '../domain/customer.ts'
import type { Proposal, WorkItem } from '../domain/proposal.ts'
import { actionsOfCustomer, actionsOfItem, actionsOfProposal } from '../services/explain.ts'
import type { CustomerHead } from '../store/customers.ts'
import { keyText } from '../store/prepared.ts'

const Action = builder.enumType('Action', {
  description: 'What can be done with a customer, proposal or work item. Later versions may add actions.',
  values: {
    EDIT: { description: 'Change values: updateCustomer.' },
    SUBMIT: { description: 'Ask for approval: submitProposal.' },
    DISCARD: { description: 'Withdraw changes: discardChanges, discardProposal.' },
    COMMENT: { description: 'Say something: addComment.' },
    RECALL: { description: 'Take a submitted proposal back: recallProposal.' },
    REBASE: { description: 'Put changes on the record as it is now: rebaseProposal.' },
    APPROVE: { description: 'Vote for: approve.' },
    REJECT: { description: 'Vote against: reject.' },
    REQUEST_CHANGE: { description: 'Send back with a request for other values: requestChange.' },
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

export const proposalActions = async (
  context: Context,
  companyId: string,
  proposalId: string,
): Promise<AvailableAction[]> => {
  const state = await wholeState(context, companyId, proposalId)
  const company = await companyOf(context, companyId)
  return state === null
    ? []
    : actionsOfProposal(context.app, viewerOf(context), company, state.customer, state.proposal)
}

export const itemActions = async (
  context: Context,
  companyId: string,
  proposalId: string,
  item: WorkItem,
): Promise<AvailableAction[]> => {
  const state = await wholeState(context, companyId, proposalId)
  const company = await companyOf(context, companyId)
  return state === null
    ? []
    : actionsOfItem(context.app, viewerOf(context), company, state.customer, state.proposal, item)
}

export const customerActions = async (
  context: Context,
  { companyId, id }: CustomerHead,
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
