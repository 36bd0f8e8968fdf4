// Making and revoking keys of service accounts. For administrators.
import { apiKeyIn } from './api-key.ts'
import { builder } from './builder.ts'
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import { Role } from './company.ts'
import { companyIdOf } from './context.ts'
import { idOf, userIdOf } from './ids.ts'
import { ApiKeyRef, type ApiKeyModel } from './refs.ts'
import { maxKeyYears, maxLiveKeys } from '../domain/api-key.ts'
import { isGiven } from '../domain/given.ts'
import { createApiKey, revokeApiKey } from '../services/api-keys.ts'

type Made = { readonly apiKey: ApiKeyModel; readonly key: string | null }

const CreateApiKeySuccess = builder.objectRef<Made>('CreateApiKeySuccess').implement({
  description: 'The key was made.',
  fields: (t) => ({
    key: t.exposeString('key', {
      nullable: true,
      description:
        'The key, this once: keep it where secrets are kept, for only its hash is kept here. Null when the call is answered again by its idempotency key; whoever has lost the first answer revokes this key and makes another.',
    }),
    apiKey: t.field({ type: ApiKeyRef, description: 'What is known of it.', resolve: ({ apiKey }) => apiKey }),
  }),
})
const CreateApiKeyResult = resultUnion('CreateApiKeyResult', 'What came of making a key.', CreateApiKeySuccess, [
  'ValidationError',
  'AlreadyExistsError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const ApiKeySuccess = builder.objectRef<Pick<Made, 'apiKey'>>('ApiKeySuccess').implement({
  description: 'It was done.',
  fields: (t) => ({
    apiKey: t.field({ type: ApiKeyRef, description: 'The key as it is now.', resolve: ({ apiKey }) => apiKey }),
  }),
})
const ApiKeyResult = resultUnion('ApiKeyResult', 'What came of revoking a key.', ApiKeySuccess, [
  'ValidationError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const ServiceAccountInput = builder.inputType('ServiceAccountInput', {
  description: 'A service account to be made: a program that signs in with keys and acts under its own name.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name, which no other service account of the company has.' }),
    roles: t.field({
      type: [Role],
      required: true,
      description: 'One or more of READER, AUDITOR and INTEGRATION; the last is what it takes to write.',
    }),
    managerId: t.id({ description: 'Whom workflows take for its manager: a person of the company; left out: nobody.' }),
  }),
})
const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A key to be made, for a service account that is there (`userId`) or for a new one (`account`).',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the one company that it opens.' }),
    name: t.string({ required: true, description: 'What it is for, for instance "CRM, production".' }),
    userId: t.id({
      description: `A service account of the company. It may have ${maxLiveKeys} keys in force at a time, so that one can be exchanged for another without a pause.`,
    }),
    account: t.field({ type: ServiceAccountInput, description: 'A service account to be made for it.' }),
    responsibleId: t.id({
      description:
        'The person who answers for the account: an active member of the company. A new account needs one; of an account that is there it changes who it is, left out: as before.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: `From when on it opens nothing: in the future, at most ${maxKeyYears} years ahead. Left out: it does not end by itself.`,
    }),
    idempotencyKey: t.string({
      description: `${keyDescription} The key itself is not told again: the second answer has null in its place.`,
    }),
  }),
})
const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'A key to be revoked.',
  fields: (t) => ({
    keyId: t.id({ required: true, description: 'The id of an ApiKey, not the key itself.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreateApiKeyResult.type,
    nullable: true,
    description: 'Makes a key by which a service account signs in, and shows it this once. For administrators.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The key.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, CreateApiKeyResult, companyIdOf(context, input.company), (viewer) => {
        const { userId, account, responsibleId, ...rest } = present(input)
        const managerId = account?.managerId
        return createApiKey(context.app, viewer, {
          ...rest,
          ...(isGiven(userId) && { userId: userIdOf(userId, ['userId']) }),
          ...(isGiven(account) && {
            account: {
              name: account.name,
              roles: account.roles,
              managerId: isGiven(managerId) ? userIdOf(managerId, ['account', 'managerId']) : null,
            },
          }),
          ...(isGiven(responsibleId) && { responsibleId: userIdOf(responsibleId, ['responsibleId']) }),
        })
      })
      return { key: done.key, apiKey: readBack(await apiKeyIn(context, done.companyId, done.keyId)) }
    },
  }),
  revokeApiKey: t.field({
    type: ApiKeyResult.type,
    nullable: true,
    description:
      'Revokes a key for good: its next request is refused on every process, and the sockets and streams that it has open are closed. Revoking it again changes nothing. For administrators.',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, ApiKeyResult, companyOfId(input.keyId), (viewer) => {
        const { companyId, id: keyId } = idOf('ApiKey', input.keyId, ['keyId'])
        const { idempotencyKey } = present(input)
        return revokeApiKey(context.app, viewer, {
          companyId,
          keyId,
          ...(isGiven(idempotencyKey) && { idempotencyKey }),
        })
      })
      return { apiKey: readBack(await apiKeyIn(context, done.companyId, done.keyId)) }
    },
  }),
}))
