// Anything by its id. What is not the viewer's is not there: both answer null.
import { absenceIn } from './absence.ts'
import { apiKeyIn } from './api-key.ts'
import { batchDecisionIn } from './batches.ts'
import { builder } from './builder.ts'
import { childModel } from './children.ts'
import { companyOf, isMember, type Context } from './context.ts'
import { decodeId, type DecodedId } from './ids.ts'
import { requestError } from './limits.ts'
import { NodeRef } from './refs.ts'
import { groupIn, sharedPerson } from './user.ts'
import { mayReadEvent } from './event.ts'
import { webhookIn } from './webhook.ts'
import { versionIn, workflowIn } from './workflow-lookup.ts'
import { queueIn } from './work-queue.ts'
import { keyText } from '../store/prepared.ts'

const find = async (context: Context, { type, parts, own }: DecodedId): Promise<object | null> => {
  if (type === 'User') return sharedPerson(context, own)
  const [companyId, second = '', third = ''] = parts
  if (!isMember(context, companyId)) return null
  const key = keyText(companyId, second)
  switch (type) {
    case 'Company':
      return companyOf(context, companyId)
    case 'Group':
      return groupIn(context, companyId, second)
    case 'WorkQueue':
      return queueIn(context, companyId, second)
    case 'Absence':
      return absenceIn(context, companyId, second)
    case 'Customer':
      return context.loaders.customer.load(key)
    case 'BankAccount': {
      const child = (await context.loaders.children.load(key)).bankAccounts.find(({ id }) => id === third)
      return child === undefined ? null : childModel(companyId, second, 'bankAccounts', child)
    }
    case 'Address': {
      const child = (await context.loaders.children.load(key)).addresses.find(({ id }) => id === third)
      return child === undefined ? null : childModel(companyId, second, 'addresses', child)
    }
    case 'Contact': {
      const child = (await context.loaders.children.load(key)).contacts.find(({ id }) => id === third)
      return child === undefined ? null : childModel(companyId, second, 'contacts', child)
    }
    case 'Proposal':
      return context.loaders.proposal.load(key)
    case 'ProposedChange': {
      const change = (await context.loaders.changes.load(key)).find(({ id }) => id === third)
      return change === undefined ? null : { companyId, proposalId: second, change }
    }
    case 'WorkItem': {
      const item = (await context.loaders.items.load(key)).find(({ id }) => id === third)
      return item === undefined ? null : { companyId, proposalId: second, item }
    }
    case 'Workflow':
      return workflowIn(context, companyId, second)
    case 'WorkflowVersion':
      return versionIn(context, companyId, second, Number(third))
    case 'Event': {
      const event = await context.loaders.event.load(key)
      return event !== null && mayReadEvent(context, event) ? event : null
    }
    case 'ImportJob':
      return context.loaders.importJob.load(key)
    case 'ApiKey':
      return apiKeyIn(context, companyId, second)
    case 'BatchDecision':
      return batchDecisionIn(context, companyId, second)
    case 'Decision':
    case 'Comment':
      return null
    case 'Webhook':
      return webhookIn(context, companyId, second)
    default:
      return type satisfies never
  }
}

/** A node with its type's name, by which the interface tells what it is. */
const nodeById = async (context: Context, id: string): Promise<object | null> => {
  const decoded = decodeId(id)
  const found = decoded === null ? null : await find(context, decoded)
  return decoded === null || found === null ? null : { ...found, __typename: decoded.type }
}

builder.queryFields((t) => ({
  node: t.field({
    type: NodeRef,
    nullable: true,
    description: 'Anything by its id; null when it is not there or not yours to see.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, args, context) => nodeById(context, args.id),
  }),
  nodes: t.field({
    type: [NodeRef],
    nullable: { list: false, items: true },
    complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
    description: 'Several things by their ids, in that order; null for each that is not there or not yours to see.',
    args: { ids: t.arg.idList({ required: true, description: 'Up to 100 ids.' }) },
    resolve: (_root, args, context) => {
      if (args.ids.length > 100) throw requestError('BAD_REQUEST', 'Ask for at most 100 ids at once.')
      return args.ids.map((id) => nodeById(context, id))
    },
  }),
}))
