// Endpoints of partners, as administrators see them: everything but the secrets, with the log of what was sent.
import { builder } from './builder.ts'
import { companyIdOf, rolesIn, type Context } from './context.ts'
import { EventTypeRef } from './event-types.ts'
import { encodeId } from './ids.ts'
import { connectionOf, connectionType, forwardArgs, pageComplexity, pageOf } from './pages.ts'
import { EventRef, NodeRef, ProposalRef, UserRef, WebhookRef } from './refs.ts'
import { maybePerson } from './user.ts'
import type { DeliveryStatus, Secret } from '../domain/webhook.ts'
import { keyText } from '../store/prepared.ts'
import {
  attemptOrder,
  attemptPage,
  deliveryOrder,
  deliveryPage,
  healthOf,
  type Attempt,
  type Counts,
  type Delivery,
  type Health,
} from '../store/webhook-log.ts'
import { findWebhook, listWebhooks, secretsOf, type StoredWebhook } from '../store/webhooks.ts'

const mayRead = (context: Context, companyId: string): boolean => rolesIn(context, companyId).includes('ADMINISTRATOR')

/** A webhook by its id, deleted or not, for administrators of its company. */
export const webhookIn = async (context: Context, companyId: string, id: string): Promise<StoredWebhook | null> =>
  mayRead(context, companyId) ? findWebhook(context.app.db, companyId, id) : null

const WebhookSecret = builder.objectRef<Omit<Secret, 'secret'>>('WebhookSecret').implement({
  description: 'A secret that requests to a webhook are signed with: when it lives, never what it is.',
  fields: (t) => ({
    createdAt: t.field({ type: 'DateTime', description: 'When it was made.', resolve: (s) => s.createdAt }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ends, since another has taken its place; null: it does not.',
      resolve: (s) => s.expiresAt,
    }),
  }),
})

const WebhookHealth = builder.objectRef<Health & Counts>('WebhookHealth').implement({
  description: 'How a webhook is doing.',
  fields: (t) => ({
    pending: t.exposeInt('pending', { description: 'Deliveries that are still to be made.' }),
    dead: t.exposeInt('dead', { description: 'Deliveries that were given up and can be replayed.' }),
    failures: t.exposeInt('failures', { description: 'Failed requests in a row, since the last success.' }),
    restingUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'It seems to be down: until then nothing is sent, and then one delivery to try it. Null: it is not.',
      resolve: (h) => h.restingUntil,
    }),
    lastSuccessAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When something last arrived, to a few seconds; null: never.',
      resolve: (h) => h.lastSuccessAt,
    }),
    lastFailureAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When a delivery last failed; null: never.',
      resolve: (h) => h.lastFailureAt,
    }),
    lastError: t.exposeString('lastError', { nullable: true, description: 'Why the last failure was one.' }),
  }),
})

const WebhookDeliveryStatus = builder.enumType('WebhookDeliveryStatus', {
  description: 'Where a delivery stands.',
  values: {
    PENDING: { description: 'To be tried, or tried again.' },
    DELIVERED: { description: 'Taken: it was answered with a status from 200 to 299.' },
    DEAD: {
      description: 'Given up after three days; later events of its customer are delivered, and it can be replayed.',
    },
  } as const satisfies Record<DeliveryStatus, { description: string }>,
})

const WebhookDelivery = builder.objectRef<Delivery>('WebhookDelivery').implement({
  description: 'One event for one webhook. Kept for 30 days after its end.',
  fields: (t) => ({
    position: t.string({
      description: "The event's number in the log of the company.",
      resolve: ({ position }) => String(position),
    }),
    event: t.field({
      type: EventRef,
      nullable: true,
      description: 'What is told.',
      resolve: ({ companyId, eventId }, _args, context) => context.loaders.event.load(keyText(companyId, eventId)),
    }),
    status: t.field({ type: WebhookDeliveryStatus, description: 'Where it stands.', resolve: ({ status }) => status }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried, since it was last replayed.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'Since when it is to be delivered: it is tried for three days from then.',
      resolve: ({ createdAt }) => createdAt,
    }),
    nextAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried next; null: it waits for an earlier one of its customer, or has ended.',
      resolve: ({ nextAt }) => nextAt,
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was delivered or given up; null: neither yet.',
      resolve: ({ endedAt }) => endedAt,
    }),
    lastStatus: t.exposeInt('lastStatus', {
      nullable: true,
      description: 'HTTP status of the last answer; null: there was none.',
    }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'Why the last try failed; null: it did not.',
    }),
  }),
})

export const WebhookAttempt = builder.objectRef<Attempt>('WebhookAttempt').implement({
  description: 'One request that was made to a webhook. Kept for 30 days.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'When it ended.', resolve: ({ at }) => at }),
    durationMs: t.exposeInt('durationMs', { description: 'How long it took, in milliseconds.' }),
    status: t.exposeInt('status', { nullable: true, description: 'HTTP status of the answer; null: there was none.' }),
    error: t.exposeString('error', { nullable: true, description: 'Why it failed, as a sentence; null: it did not.' }),
    position: t.string({
      nullable: true,
      description: 'Number in the log of the event that was delivered; null: it was no delivery.',
      resolve: ({ position }) => (position === null ? null : String(position)),
    }),
    proposal: t.field({
      type: ProposalRef,
      nullable: true,
      description: 'The proposal that a workflow asked about; null for deliveries and tests.',
      resolve: ({ companyId, proposalId }, _args, context) =>
        proposalId === null ? null : context.loaders.proposal.load(keyText(companyId, proposalId)),
    }),
    elementPath: t.exposeString('elementPath', {
      nullable: true,
      description: 'Path of the workflow element that asked; null for deliveries and tests.',
    }),
  }),
})

const DeliveryConnection = connectionType('WebhookDelivery', WebhookDelivery, 'deliveries', false)
const AttemptConnection = connectionType('WebhookAttempt', WebhookAttempt, 'requests', false)

WebhookRef.implement({
  description:
    'An endpoint of a partner: it is told events of the company, signed by Standard Webhooks, and can be asked by workflows. For administrators.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: ({ companyId, id }) => encodeId('Webhook', companyId, id) }),
    name: t.exposeString('name', { description: 'Its name.' }),
    url: t.exposeString('url', { description: 'Where requests go.' }),
    types: t.field({
      type: [EventTypeRef],
      description: 'Which events it is told; none: it is only asked by workflows.',
      resolve: ({ types }) => [...types],
    }),
    active: t.exposeBoolean('active', {
      description: 'Nothing is sent to one that is switched off; it goes on where it was when it is switched on again.',
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was made.', resolve: ({ createdAt }) => createdAt }),
    createdBy: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who made it.',
      resolve: ({ companyId, createdById }, _args, context) => maybePerson(context, companyId, createdById),
    }),
    deletedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted; null: it is in use.',
      resolve: ({ deletedAt }) => deletedAt,
    }),
    position: t.string({
      description: "Up to here the company's log has been gone through for it: what matches has become deliveries.",
      resolve: ({ position }) => String(position),
    }),
    secrets: t.field({
      type: [WebhookSecret],
      description:
        'What requests are signed with: one, or two while one takes the place of the other; the newest first.',
      resolve: async ({ companyId, id }, _args, { app }) => {
        const now = app.clock().getTime()
        const kept = await secretsOf(app.db, companyId, id)
        return kept.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > now)
      },
    }),
    health: t.field({
      type: WebhookHealth,
      complexity: 10,
      description: 'How it is doing.',
      resolve: ({ companyId, id }, _args, { app }) => healthOf(app.db, companyId, id),
    }),
    deliveries: t.field({
      type: DeliveryConnection,
      complexity: pageComplexity,
      description: 'What it was told or is to be told, the latest event first.',
      args: { status: t.arg({ type: WebhookDeliveryStatus, description: 'Only these.' }), ...forwardArgs() },
      resolve: async ({ companyId, id }, args, { app }) => {
        const page = pageOf(args, deliveryOrder)
        const rows = await deliveryPage(app.db, companyId, id, args.status ?? null, page)
        return connectionOf(
          page,
          deliveryOrder,
          rows,
          (row) => [row.position],
          (row) => row,
        )
      },
    }),
    attempts: t.field({
      type: AttemptConnection,
      complexity: pageComplexity,
      description: 'Requests that were made to it, the latest first.',
      args: forwardArgs(),
      resolve: async ({ companyId, id }, args, { app }) => {
        const page = pageOf(args, attemptOrder)
        const rows = await attemptPage(app.db, companyId, id, page)
        return connectionOf(
          page,
          attemptOrder,
          rows,
          (row) => [row.at, row.id],
          (row) => row,
        )
      },
    }),
  }),
})

builder.queryField('webhooks', (t) =>
  t.field({
    type: [WebhookRef],
    nullable: true,
    description: "A company's webhooks, by name. For administrators; null for others.",
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      deleted: t.arg.boolean({ defaultValue: false, description: 'Those that have been deleted as well.' }),
    },
    resolve: async (_root, args, context) => {
      const companyId = companyIdOf(context, args.company)
      if (companyId === null || !mayRead(context, companyId)) return null
      return listWebhooks(context.app.db, companyId, args.deleted === true)
    },
  }),
)
