// The event log: history of a customer or proposal, and the whole of a company's for who may read it.
import { builder } from './builder.ts'
import { companyOf, companyIdOf, rolesIn, seesSensitive, type Context } from './context.ts'
import { eventData } from './event-data.ts'
import { EventTypeRef } from './event-types.ts'
import { valueModel } from './field.ts'
import { decodeId, encodeId } from './ids.ts'
import { requestError } from './limits.ts'
import { connectionOf, connectionType, forwardArgs, pageComplexity, pageOf, type PageArgs } from './pages.ts'
import { CustomerRef, EventRef, FieldValueRef, NodeRef, ProposalRef, UserRef, type ValueModel } from './refs.ts'
import { maybePerson } from './user.ts'
import { findField } from '../domain/fields.ts'
import type { LoggedEvent, LoggedValue } from '../domain/log.ts'
import { maskNamed } from '../domain/visibility.ts'
import { readEvents, type EventPage, type EventQuery } from '../store/events.ts'
import type { Order } from '../store/page.ts'
import { keyText } from '../store/prepared.ts'
import { isGiven } from '../domain/given.ts'

type EventValueModel = { readonly logged: LoggedValue; readonly shown: ValueModel }

const EventValueRef = builder.objectRef<EventValueModel>('EventValue').implement({
  description: "A customer's value that an event tells of.",
  fields: (t) => ({
    key: t.string({
      description: 'What it is in this event, e.g. base or proposed; unique within the event.',
      resolve: ({ logged }) => logged.key,
    }),
    value: t.field({ type: FieldValueRef, description: 'The value, with its field.', resolve: ({ shown }) => shown }),
    erased: t.boolean({
      description: 'It has been erased for good; only its commitment remains in the log.',
      resolve: ({ logged }) => logged.erased,
    }),
  }),
})

const shownValues = (context: Context, event: LoggedEvent): Record<string, unknown> => {
  const clear = seesSensitive(context, event.companyId)
  const shown = event.values.map(({ key, field, value }) => ({
    key,
    ...(clear ? { value, masked: false } : maskNamed(field, value)),
  }))
  const masked = shown.flatMap((each) => (each.masked ? [each.key] : []))
  const values = Object.fromEntries(shown.map(({ key, value }) => [key, value]))
  return { values, ...(masked.length > 0 && { masked }) }
}

EventRef.implement({
  description: 'One line of the append-only log of a company.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: (event) => encodeId('Event', event.companyId, event.id) }),
    position: t.string({
      nullable: true,
      description: 'Its number in the log of the company, without gaps; null for the moment until it is sealed.',
      resolve: (event) => (event.seal === null ? null : String(event.seal.position)),
    }),
    type: t.field({ type: EventTypeRef, description: 'What has happened.', resolve: (event) => event.type }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: (event) => event.at }),
    actor: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who did it; null: the system.',
      resolve: (event, _args, context) => maybePerson(context, event.companyId, event.actorId),
    }),
    onBehalfOf: t.field({
      type: UserRef,
      nullable: true,
      description: 'For whom, where that is somebody else.',
      resolve: (event, _args, context) => maybePerson(context, event.companyId, event.onBehalfOfId),
    }),
    customer: t.field({
      type: CustomerRef,
      nullable: true,
      description: 'The customer that it is about, as it is now.',
      resolve: (event, _args, context) =>
        event.customerId === null ? null : context.loaders.customer.load(keyText(event.companyId, event.customerId)),
    }),
    proposal: t.field({
      type: ProposalRef,
      nullable: true,
      description: 'The proposal that it is about, as it is now.',
      resolve: (event, _args, context) =>
        event.proposalId === null ? null : context.loaders.proposal.load(keyText(event.companyId, event.proposalId)),
    }),
    data: t.field({
      type: 'JSON',
      description:
        'What belongs to it: names, references and numbers by type; `values` holds values of the customer by key, null where you may not see them, and `masked` the keys of these.',
      resolve: (event, _args, context) =>
        event.values.length === 0 ? eventData(event) : { ...eventData(event), ...shownValues(context, event) },
    }),
    values: t.field({
      type: [EventValueRef],
      description: "The customer's values that it tells of, as a person reads them.",
      resolve: async (event, _args, context) => {
        const company = await companyOf(context, event.companyId)
        const clear = seesSensitive(context, event.companyId)
        return event.values.flatMap((logged) => {
          const field = findField(logged.field)
          return field === undefined ? [] : [{ logged, shown: valueModel(company, field, logged.value, clear) }]
        })
      },
    }),
    hash: t.string({
      nullable: true,
      description: 'Hash over it and the line before; null until it is sealed.',
      resolve: (event) => event.seal?.hash ?? null,
    }),
  }),
})

export const EventConnection = connectionType('Event', EventRef, 'events', false)

const order: Order = { name: 'EVENT', kinds: ['uuid'], descending: false }

/** Events of one company as a connection; whether the viewer may read them is the caller's question. */
export const eventsOf = async (
  context: Context,
  query: EventQuery,
  args: PageArgs,
  how: Pick<EventPage, 'newestFirst' | 'unsealed'>,
  most?: number,
) => {
  const page = pageOf(args, order, most)
  const rows = await readEvents(context.app.db, query, { ...how, limit: page.limit + 1, after: page.from?.[0] })
  return connectionOf(
    page,
    order,
    rows,
    (event) => [event.id],
    (event) => event,
  )
}

const EventFilter = builder.inputType('EventFilter', {
  description: 'Which events; all that is given must hold.',
  fields: (t) => ({
    account: t.string({ description: 'Of this customer.' }),
    proposalId: t.id({ description: 'Of this proposal.' }),
    actor: t.id({ description: 'Done by this user.' }),
    types: t.field({ type: [EventTypeRef], description: 'Of any of these types.' }),
    fromPosition: t.string({
      description: 'At this position of the log or later, for who knows a position and no cursor.',
    }),
    from: t.field({ type: 'DateTime', description: 'At this moment or later.' }),
    until: t.field({ type: 'DateTime', description: 'Before this moment.' }),
  }),
})

const mayReadLog = (context: Context, companyId: string): boolean =>
  rolesIn(context, companyId).some((role) => role === 'ADMINISTRATOR' || role === 'AUDITOR' || role === 'INTEGRATION')

/** An event of a customer is part of its history, which every member may read; the others are the log's alone. */
export const mayReadEvent = (context: Context, event: LoggedEvent): boolean =>
  event.customerId !== null || mayReadLog(context, event.companyId)

const positionOf = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw requestError('BAD_REQUEST', 'A position is a whole number, written as an event shows it.')
}

/** Nothing has the id that is all zeros: what a filter by something unknown finds. */
const nobody = '00000000-0000-0000-0000-000000000000'

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    nullable: true,
    complexity: pageComplexity,
    description:
      "A company's log in order of position: sealed events only. For administrators, auditors and integrations.",
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      filter: t.arg({ type: EventFilter, description: 'Which ones.' }),
      ...forwardArgs(1000),
    },
    resolve: async (_root, args, context) => {
      const companyId = companyIdOf(context, args.company)
      if (companyId === null || !mayReadLog(context, companyId)) return null
      const { account, proposalId, actor, types, fromPosition, from, until } = args.filter ?? {}
      const customer = !isGiven(account)
        ? null
        : await context.loaders.customerByAccount.load(keyText(companyId, account))
      const idOf = (id: string, type: 'Proposal' | 'User') => {
        const decoded = decodeId(id)
        return decoded?.type === type ? decoded.own : nobody
      }
      const query: EventQuery = {
        companyId,
        customerId: !isGiven(account) ? undefined : (customer?.id ?? nobody),
        proposalId: !isGiven(proposalId) ? undefined : idOf(proposalId, 'Proposal'),
        actorId: !isGiven(actor) ? undefined : idOf(actor, 'User'),
        types: types ?? undefined,
        fromPosition: isGiven(fromPosition) ? positionOf(fromPosition) : undefined,
        from: from ?? undefined,
        until: until ?? undefined,
      }
      return eventsOf(context, query, args, {}, 1000)
    },
  }),
)
