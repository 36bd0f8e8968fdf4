// Keys of service accounts, made and revoked by administrators. The key is in the answer of the call that makes it, and nowhere else.
import { randomBytes } from 'node:crypto'
import { apiKeyText, hashOfApiKey, hintOf, secretBytes } from '../domain/api-key-text.ts'
import { decideKey, revokeKey, type KeyWish } from '../domain/api-key.ts'
import { mayAdminister, notPermitted } from '../domain/permit.ts'
import { insertApiKey, listApiKeys, lockApiKey, saveRevocation } from '../store/api-keys.ts'
import { newId } from '../store/ids.ts'
import { saveMember } from '../store/members.ts'
import { insertUser, saveUser } from '../store/users.ts'
import type { App, Viewer } from './app.ts'
import { command, notFound, unwrap, type Replayed } from './command.ts'
import { administer } from './setup.ts'

type Answer = { readonly companyId: string; readonly keyId: string } & Replayed

/** An answer that is given again shows what only administrators may see; who is none any more is told so. */
export const stillAdministers = (viewer: Viewer, { companyId }: Pick<Answer, 'companyId'>): void => {
  const membership = viewer.memberships.get(companyId)
  if (membership?.roles.includes('ADMINISTRATOR') === true) return
  throw notPermitted(`This takes the role administrator in ${membership?.code ?? 'the company'}; ask an administrator.`)
}

export type CreateApiKeyInput = KeyWish & { readonly company: string; readonly idempotencyKey?: string | null }

/**
 * Makes a key, and the service account with it if one is described. `key` is null in a replay: it is not kept, and cannot be told
 * twice. Errors: INVALID_VALUE, LIMIT_EXCEEDED, ALREADY_EXISTS, NOT_PERMITTED, NOT_FOUND.
 */
export const createApiKey = async (
  app: App,
  viewer: Viewer,
  input: CreateApiKeyInput,
): Promise<Answer & { readonly key: string | null }> => {
  const text = apiKeyText(randomBytes(secretBytes).toString('hex'))
  // What is returned in here is kept for replays: the key has no place in it.
  const done = await administer(app, viewer, 'createApiKey', input, async ({ tx, company, actor, now, append }) => {
    const userId = input.userId ?? null
    const keys = userId === null ? [] : await listApiKeys(tx, company.id, userId)
    const { key, account, accountIs, events } = unwrap(
      decideKey(company, actor, input, { now, newId, hint: hintOf(text), keys }),
    )
    const { id, kind, name, email, responsibleId, roles, managerId, active } = account
    if (accountIs === 'CHANGED') await saveUser(tx, { id, kind, name, email, responsibleId })
    if (accountIs === 'NEW') {
      await insertUser(tx, { id, kind, name, email, responsibleId, signIn: null })
      await saveMember(tx, company.id, { userId: id, roles, managerId, active })
    }
    await insertApiKey(tx, company.id, { ...key, hash: hashOfApiKey(text) })
    await append(events)
    return { companyId: company.id, keyId: key.id }
  })
  stillAdministers(viewer, done)
  return { ...done, key: done.replayed === true ? null : text }
}

export type RevokeApiKeyInput = {
  readonly companyId: string
  readonly keyId: string
  readonly idempotencyKey?: string | null
}

/** Ends a key for good; nothing changes where it was revoked before. Errors: NOT_PERMITTED, NOT_FOUND. */
export const revokeApiKey = async (
  app: App,
  viewer: Viewer,
  { companyId, keyId, idempotencyKey }: RevokeApiKeyInput,
): Promise<Answer> => {
  const by = { what: 'key', at: 'keyId' }
  const call = { mutation: 'revokeApiKey', companyId, idempotencyKey, input: { keyId }, by }
  const done = await command<Answer>(app, viewer, call, async (scope) => {
    const { tx, actor, now, append } = scope
    const refusal = mayAdminister(scope)
    if (refusal !== null) throw refusal
    const key = await lockApiKey(tx, companyId, keyId)
    if (key === null) throw notFound('key', 'keyId')
    const change = unwrap(revokeKey(key, actor, now))
    if (change !== null) {
      await saveRevocation(tx, companyId, change.save)
      await append(change.events)
    }
    return { companyId, keyId }
  })
  stillAdministers(viewer, done)
  return done
}
