// Setting up endpoints of partners: for administrators. A secret is shown to whoever has it made, once; neither the log nor what is
// kept of the call holds it.
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { DomainError } from '../domain/errors.ts'
import type { EventType, DomainEvent } from '../domain/events.ts'
import { mayAdminister } from '../domain/permit.ts'
import { changeWebhook, removeWebhook, rotateSecret, usualHours } from '../domain/webhook.ts'
import { giveUp, noteSuccess, replayDead, replayFrom, shareWebhook, startAfresh } from '../store/deliveries.ts'
import { newId } from '../store/ids.ts'
import { findAttempt, insertAttempt } from '../store/webhook-log.ts'
import {
  findEndpoint,
  headOfLog,
  insertSecret,
  insertWebhook,
  keepSecret,
  listWebhooks,
  lockWebhook,
  markDeleted,
  secretsOf,
  updateWebhook,
  type StoredWebhook,
} from '../store/webhooks.ts'
import { stillAdministers } from './api-keys.ts'
import type { App, Viewer } from './app.ts'
import { command, notFound, unwrap, type Replayed, type Scope } from './command.ts'
import { faultOf, leaseFrom } from './deliveries.ts'
import { administer } from './setup.ts'
import { urlProblem } from './webhook-address.ts'

type Answer = { readonly companyId: string; readonly webhookId: string } & Replayed
type WithKey = { readonly idempotencyKey?: string | null }
/** A webhook that a command is about. */
export type Named = WithKey & { readonly companyId: string; readonly webhookId: string }

const secretBytes = 32
const newSecret = (): string => `whsec_${randomBytes(secretBytes).toString('base64')}`

/** Runs a command about one webhook that is there, whose row is held: administrators only. */
const about = async <T extends { readonly companyId: string }>(
  app: App,
  viewer: Viewer,
  mutation: string,
  { companyId, webhookId, idempotencyKey, ...rest }: Named,
  work: (scope: Scope, webhook: StoredWebhook) => Promise<T>,
): Promise<T & Replayed> => {
  const by = { what: 'webhook', at: 'webhookId' }
  const call = { mutation, companyId, idempotencyKey, input: { webhookId, ...rest }, by }
  const done = await command(app, viewer, call, async (scope) => {
    const refusal = mayAdminister(scope)
    if (refusal !== null) throw refusal
    const webhook = await lockWebhook(scope.tx, companyId, webhookId)
    if (webhook?.deletedAt !== null) throw notFound('webhook', 'webhookId')
    return work(scope, webhook)
  })
  stillAdministers(viewer, done)
  return done
}

export type WebhookInput = WithKey & {
  readonly company: string
  /** Left out: a new one. */
  readonly id?: string | null
  readonly name: string
  readonly url: string
  readonly types: readonly EventType[]
  readonly active: boolean
}

/**
 * Makes a webhook or saves one whole. `secret`: that of a new one, only in the very answer to who made it.
 * Errors: INVALID_VALUE, LIMIT_EXCEEDED, NOT_PERMITTED, NOT_FOUND.
 */
export const saveWebhook = async (
  app: App,
  viewer: Viewer,
  input: WebhookInput,
): Promise<Answer & { readonly secret: string | null }> => {
  const secret = newSecret()
  const done = await administer(app, viewer, 'saveWebhook', input, async (scope) => {
    const { tx, company, actor, now } = scope
    const named = input.id ?? null
    const before = named === null ? null : await lockWebhook(tx, company.id, named)
    if (named !== null && before?.deletedAt !== null) throw notFound('webhook', 'id')
    const webhookId = named ?? newId()
    const others = (await listWebhooks(tx, company.id)).length
    const { name, url, types, active } = input
    const urlFault = urlProblem(url.trim(), app.sender.allowPrivate)
    const known = before === null ? null : { id: before.id, ...wishOf(before) }
    const change = unwrap(changeWebhook(company, known, { id: webhookId, name, url, types, active, urlFault, others }))
    if (change !== null) {
      const { save } = change
      if (before === null) {
        await insertWebhook(tx, company.id, save, { createdById: actor.id, createdAt: now })
        await insertSecret(tx, company.id, webhookId, { id: newId(), secret, createdAt: now })
      } else {
        // What happened before anything was wanted is not delivered afterwards.
        const first = before.types.length === 0 ? await headOfLog(tx, company.id) : undefined
        await updateWebhook(tx, company.id, save, first)
        const elsewhere = save.url !== before.url || (save.active && !before.active)
        if (elsewhere) await startAfresh(tx, { companyId: company.id, id: webhookId }, now, leaseFrom(app))
      }
      await scope.append(change.events)
    }
    return { companyId: company.id, webhookId, made: before === null }
  })
  stillAdministers(viewer, done)
  return { ...done, secret: done.made && done.replayed !== true ? secret : null }
}

const wishOf = ({ name, url, types, active }: StoredWebhook) => ({ name, url, types, active })

/**
 * Gives a webhook a new secret; the one before stays live for `keepOldHours` (24 by default).
 * Errors: INVALID_VALUE, NOT_PERMITTED, NOT_FOUND.
 */
export const rotateWebhookSecret = async (
  app: App,
  viewer: Viewer,
  input: Named & { readonly keepOldHours?: number | null },
): Promise<Answer & { readonly secret: string | null }> => {
  const secret = newSecret()
  const done = await about(app, viewer, 'rotateWebhookSecret', input, async ({ tx, company, now, append }, { id }) => {
    const secretId = newId()
    const kept = await secretsOf(tx, company.id, id)
    const change = unwrap(rotateSecret(id, kept, secretId, input.keepOldHours ?? usualHours, now))
    if (change !== null) {
      await keepSecret(tx, company.id, id, change.save.keep)
      await insertSecret(tx, company.id, id, { id: secretId, secret, createdAt: now })
      await append(change.events)
    }
    return { companyId: company.id, webhookId: id }
  })
  return { ...done, secret: done.replayed === true ? null : secret }
}

/** Deletes a webhook for good; what was still to be sent is given up. Errors: WRONG_STATE, NOT_PERMITTED, NOT_FOUND. */
export const deleteWebhook = (app: App, viewer: Viewer, input: Named): Promise<Answer> =>
  about(app, viewer, 'deleteWebhook', input, async ({ tx, company, now, append }, webhook) => {
    const change = unwrap(removeWebhook(company, webhook))
    if (change !== null) {
      await markDeleted(tx, company.id, webhook.id, now)
      await giveUp(tx, { companyId: company.id, id: webhook.id }, now, 'The webhook was deleted.')
      await append(change.events)
    }
    return { companyId: company.id, webhookId: webhook.id }
  })

export type ReplayInput = Named & {
  /** Of the company's log; null: what was given up. */
  readonly fromPosition: string | null
}

/**
 * Tells a webhook again what it was told from a position on, or what was given up. `replayed` events are the log's: which of them it
 * takes is asked anew. Errors: INVALID_VALUE, NOT_PERMITTED, NOT_FOUND.
 */
export const replayWebhook = (app: App, viewer: Viewer, input: ReplayInput): Promise<Answer> =>
  about(app, viewer, 'replayWebhook', input, async ({ tx, company, now, append }, webhook) => {
    const endpoint = { companyId: company.id, id: webhook.id }
    const given = input.fromPosition
    const head = await headOfLog(tx, company.id)
    const fromPosition = given === null ? null : /^\d{1,15}$/.test(given) ? Number(given) : 0
    if (fromPosition !== null && (fromPosition < 1 || fromPosition > head)) {
      const message = `Positions of the log are 1 to ${head} by now; name one of them.`
      throw new DomainError('INVALID_VALUE', message, { at: ['fromPosition'] })
    }
    const dead = fromPosition === null ? await replayDead(tx, endpoint, now) : null
    if (fromPosition !== null) await replayFrom(tx, endpoint, fromPosition, now)
    const what = fromPosition === null ? { dead } : { fromPosition }
    const event: DomainEvent = { type: 'WebhookChanged', data: { webhookId: webhook.id, replay: what } }
    await append([event])
    return { companyId: company.id, webhookId: webhook.id }
  })

/** Between looks for what another call with the same key does. */
const lookAgainMs = 50

/**
 * Sends a signed message to try a webhook, switched off or not, and notes what came. A success after failures lets what waits be sent
 * at once. A replay answers what came of the first call; where that has died it sends the same message. Errors: NOT_PERMITTED,
 * NOT_FOUND.
 */
export const testWebhook = async (
  app: App,
  viewer: Viewer,
  input: Named,
): Promise<Answer & { readonly attemptId: string }> => {
  const done = await about(app, viewer, 'testWebhook', input, async ({ company }, { id }) => {
    return { companyId: company.id, webhookId: id, attemptId: newId(), code: company.code, until: leaseFrom(app) }
  })
  const { companyId, webhookId, attemptId, code, until } = done
  if (done.replayed === true) {
    const answered = async (): Promise<boolean> => (await findAttempt(app.db, companyId, attemptId)) !== null
    while (!(await answered()) && app.clock().toISOString() < until) await setTimeout(lookAgainMs)
    if (await answered()) return done
  }
  const now = app.clock()
  const at = now.toISOString()
  const endpoint = await findEndpoint(app.db, companyId, webhookId, at)
  if (endpoint === null) throw notFound('webhook', 'webhookId')
  const { url, secrets, name } = endpoint
  const body = JSON.stringify({ type: 'TEST', timestamp: at, data: { company: code, webhook: name } })
  const result = await app.sender.send({ url, secrets, id: `test_${attemptId}`, timestamp: now, body })
  const error = faultOf(result)
  await app.db.transaction(async (tx) => {
    const { durationMs } = result
    const of = { companyId, webhookId, position: null, proposalId: null, elementPath: null }
    await insertAttempt(tx, { id: attemptId, ...of, at, durationMs, status: result.status ?? null, error })
    if (error !== null) return
    await shareWebhook(tx, { companyId, id: webhookId })
    await noteSuccess(tx, { companyId, id: webhookId }, app.clock().toISOString(), leaseFrom(app))
  })
  return done
}
