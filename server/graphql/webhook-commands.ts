// Setting up endpoints of partners. For administrators.
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import { companyIdOf, type Context } from './context.ts'
import { EventTypeRef } from './event-types.ts'
import { idOf, idWithin } from './ids.ts'
import { WebhookRef } from './refs.ts'
import { WebhookAttempt, webhookIn } from './webhook.ts'
import { isGiven } from '../domain/given.ts'
import {
  deleteWebhook,
  replayWebhook,
  rotateWebhookSecret,
  saveWebhook,
  testWebhook,
  type Named,
} from '../services/webhooks.ts'
import { findAttempt, type Attempt } from '../store/webhook-log.ts'
import type { StoredWebhook } from '../store/webhooks.ts'

type Done = { readonly webhook: StoredWebhook; readonly secret: string | null }
const refusals = ['ValidationError', 'IdempotencyError', 'NotPermittedError', 'NotFoundError'] as const

const WebhookSuccess = builder.objectRef<Done>('WebhookSuccess').implement({
  description: 'It was done.',
  fields: (t) => ({
    webhook: t.field({ type: WebhookRef, description: 'The webhook as it is now.', resolve: ({ webhook }) => webhook }),
    secret: t.exposeString('secret', {
      nullable: true,
      description:
        'The secret that was just made, this once: requests are signed with it. Null where none was made, and when the call is answered again by its idempotency key; whoever has lost it rotates it.',
    }),
  }),
})
const WebhookResult = resultUnion('WebhookResult', 'What came of a change of a webhook.', WebhookSuccess, [
  ...refusals,
  'WrongStateError',
])

const TestWebhookSuccess = builder
  .objectRef<{ readonly webhook: StoredWebhook; readonly attempt: Attempt | null }>('TestWebhookSuccess')
  .implement({
    description: 'The webhook was asked; see what came of it.',
    fields: (t) => ({
      webhook: t.field({
        type: WebhookRef,
        description: 'The webhook as it is now.',
        resolve: ({ webhook }) => webhook,
      }),
      attempt: t.field({
        type: WebhookAttempt,
        nullable: true,
        description: 'The request and what was answered; null while the first call with this key is still under way.',
        resolve: (done) => done.attempt,
      }),
    }),
  })
const TestWebhookResult = resultUnion(
  'TestWebhookResult',
  'What came of a test of a webhook.',
  TestWebhookSuccess,
  refusals,
)

const SaveWebhookInput = builder.inputType('SaveWebhookInput', {
  description: 'A webhook whole.',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the company.' }),
    id: t.id({ description: 'The webhook to be changed; left out: a new one is made.' }),
    name: t.string({ required: true, description: 'Its name: up to 60 characters.' }),
    url: t.string({
      required: true,
      description:
        'Where requests go: https://, without a user name or password. Private addresses are refused unless the server allows them.',
    }),
    types: t.field({
      type: [EventTypeRef],
      required: true,
      description: 'Which events it is told, from now on; none: it is only asked by workflows.',
    }),
    active: t.boolean({ required: true, defaultValue: true, description: 'Whether anything is sent to it.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const named = { key: keyDescription, which: 'The webhook.' }
const RotateWebhookSecretInput = builder.inputType('RotateWebhookSecretInput', {
  description: 'A new secret for a webhook.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: named.which }),
    keepOldHours: t.int({
      description: 'For how many hours requests are signed with the secret before as well: 0 to 168, 24 when left out.',
    }),
    idempotencyKey: t.string({ description: named.key }),
  }),
})
const DeleteWebhookInput = builder.inputType('DeleteWebhookInput', {
  description: 'A webhook to be deleted for good.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: named.which }),
    idempotencyKey: t.string({ description: named.key }),
  }),
})
const ReplayWebhookInput = builder.inputType('ReplayWebhookInput', {
  description: 'What a webhook is to be told again: the log from a position on, or what was given up.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: named.which }),
    fromPosition: t.string({
      description:
        'From this position of the log on, this one included; which types it takes is asked anew. Left out: only deliveries that are DEAD.',
    }),
    idempotencyKey: t.string({ description: named.key }),
  }),
})
const TestWebhookInput = builder.inputType('TestWebhookInput', {
  description: 'A webhook to be tried.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: named.which }),
    idempotencyKey: t.string({ description: named.key }),
  }),
})

const target = (input: { webhookId: string; idempotencyKey?: string | null | undefined }): Named => {
  const { companyId, id: webhookId } = idOf('Webhook', input.webhookId, ['webhookId'])
  const { idempotencyKey } = input
  return { companyId, webhookId, ...(isGiven(idempotencyKey) && { idempotencyKey }) }
}
type Kept = { readonly companyId: string; readonly webhookId: string }
const readWebhook = async (context: Context, { companyId, webhookId }: Kept): Promise<StoredWebhook> =>
  readBack(await webhookIn(context, companyId, webhookId))

builder.mutationFields((t) => ({
  saveWebhook: t.field({
    type: WebhookResult.type,
    nullable: true,
    description: 'Makes a webhook, whose secret is shown this once, or saves one whole. For administrators.',
    args: { input: t.arg({ type: SaveWebhookInput, required: true, description: 'The webhook.' }) },
    resolve: async (_root, { input }, context) => {
      const companyId = companyIdOf(context, input.company)
      const done = await attempt(context, WebhookResult, companyId, (viewer) => {
        const { id, ...rest } = present(input)
        const known = isGiven(id) && { id: idWithin('Webhook', companyId, id, ['id']) }
        return saveWebhook(context.app, viewer, { ...rest, ...known })
      })
      return { webhook: await readWebhook(context, done), secret: done.secret }
    },
  }),
  rotateWebhookSecret: t.field({
    type: WebhookResult.type,
    nullable: true,
    description:
      'Makes a new secret, shown this once; the one before stays live for some hours, so that a receiver can change over. Never more than two are live. For administrators.',
    args: { input: t.arg({ type: RotateWebhookSecretInput, required: true, description: 'Of which webhook.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, WebhookResult, companyOfId(input.webhookId), (viewer) => {
        const { keepOldHours } = input
        return rotateWebhookSecret(context.app, viewer, {
          ...target(input),
          ...(isGiven(keepOldHours) && { keepOldHours }),
        })
      })
      return { webhook: await readWebhook(context, done), secret: done.secret }
    },
  }),
  deleteWebhook: t.field({
    type: WebhookResult.type,
    nullable: true,
    description:
      'Deletes a webhook for good; what was still to be sent is given up. Its log stays. Not while an active workflow asks it. For administrators.',
    args: { input: t.arg({ type: DeleteWebhookInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, WebhookResult, companyOfId(input.webhookId), (viewer) =>
        deleteWebhook(context.app, viewer, target(input)),
      )
      return { webhook: await readWebhook(context, done), secret: null }
    },
  }),
  replayWebhook: t.field({
    type: WebhookResult.type,
    nullable: true,
    description:
      'Tells a webhook events again, with the same ids as before: from a position of the log on, or those that were given up. For administrators.',
    args: { input: t.arg({ type: ReplayWebhookInput, required: true, description: 'Which ones.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, WebhookResult, companyOfId(input.webhookId), (viewer) =>
        replayWebhook(context.app, viewer, { ...target(input), fromPosition: input.fromPosition ?? null }),
      )
      return { webhook: await readWebhook(context, done), secret: null }
    },
  }),
  testWebhook: t.field({
    type: TestWebhookResult.type,
    nullable: true,
    complexity: 100,
    description:
      'Sends a signed message of the type TEST now, to one that is switched off too, and answers what came. If a webhook that was down takes it, what waits is sent at once. For administrators.',
    args: { input: t.arg({ type: TestWebhookInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, TestWebhookResult, companyOfId(input.webhookId), (viewer) =>
        testWebhook(context.app, viewer, target(input)),
      )
      const { companyId, attemptId } = done
      return {
        webhook: await readWebhook(context, done),
        attempt: await findAttempt(context.app.db, companyId, attemptId),
      }
    },
  }),
}))
