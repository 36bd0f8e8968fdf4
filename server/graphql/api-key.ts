// Keys of service accounts, as administrators see them: everything but the key.
import { builder } from './builder.ts'
import { Role } from './company.ts'
import { companyIdOf, companyOf, rolesIn, type Context } from './context.ts'
import { encodeId } from './ids.ts'
import { ApiKeyRef, CompanyRef, NodeRef, UserRef, type ApiKeyModel } from './refs.ts'
import { maybePerson, personIn } from './user.ts'
import { isLive } from '../domain/api-key.ts'
import { findApiKey, listApiKeys } from '../store/api-keys.ts'

const mayRead = (context: Context, companyId: string): boolean => rolesIn(context, companyId).includes('ADMINISTRATOR')

/** A key by its id, for administrators of its company. */
export const apiKeyIn = async (context: Context, companyId: string, keyId: string): Promise<ApiKeyModel | null> => {
  if (!mayRead(context, companyId)) return null
  const key = await findApiKey(context.app.db, companyId, keyId)
  return key === null ? null : { companyId, key }
}

const opensSomething = async (context: Context, { companyId, key }: ApiKeyModel): Promise<boolean> => {
  const { person } = await personIn(context, companyId, key.userId)
  return person.active && isLive(key, context.app.clock().toISOString())
}

ApiKeyRef.implement({
  description:
    'A key by which a service account signs in, in one company. The key itself is shown once, when it is made, and only its hash is kept.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: ({ companyId, key }) => encodeId('ApiKey', companyId, key.id) }),
    company: t.field({
      type: CompanyRef,
      description: 'The one company that it opens.',
      resolve: ({ companyId }, _args, context) => companyOf(context, companyId),
    }),
    name: t.string({ description: 'What it is for.', resolve: ({ key }) => key.name }),
    hint: t.string({
      description: 'The last four characters of the key, by which to tell it from others.',
      resolve: ({ key }) => key.hint,
    }),
    account: t.field({
      type: UserRef,
      description: 'The service account that it signs in; `responsible` is the person who answers for it.',
      resolve: ({ companyId, key }, _args, context) => personIn(context, companyId, key.userId),
    }),
    roles: t.field({
      type: [Role],
      description: 'What its account may do, now; `setMember` changes it for all keys of the account.',
      resolve: async ({ companyId, key }, _args, context) => [
        ...(await personIn(context, companyId, key.userId)).person.roles,
      ],
    }),
    createdBy: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who made it; null: the system, when it was set up.',
      resolve: ({ companyId, key }, _args, context) => maybePerson(context, companyId, key.createdById),
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was made.', resolve: ({ key }) => key.createdAt }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'From this moment on it opens nothing; null: it does not end by itself.',
      resolve: ({ key }) => key.expiresAt,
    }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When it was last signed in with, to the minute: by a request, or by opening a socket; what goes on over a socket does not count. Null: never.',
      resolve: ({ key }) => key.lastUsedAt,
    }),
    revokedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked; null: it was not.',
      resolve: ({ key }) => key.revokedAt,
    }),
    revokedBy: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who revoked it.',
      resolve: ({ companyId, key }, _args, context) => maybePerson(context, companyId, key.revokedById),
    }),
    active: t.boolean({
      description: 'Does it open anything now? False once it is revoked or has ended, or its account is deactivated.',
      resolve: (model, _args, context) => opensSomething(context, model),
    }),
  }),
})

builder.queryField('apiKeys', (t) =>
  t.field({
    type: [ApiKeyRef],
    nullable: true,
    description:
      "A company's API keys, the newest first, those that were revoked or have ended included. For administrators; null for others.",
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      active: t.arg.boolean({ description: 'Only those that do, or do not, open anything now.' }),
    },
    resolve: async (_root, { company, active }, context) => {
      const companyId = companyIdOf(context, company)
      if (companyId === null || !mayRead(context, companyId)) return null
      const keys = (await listApiKeys(context.app.db, companyId)).map((key) => ({ companyId, key }))
      if (typeof active !== 'boolean') return keys
      const states = await Promise.all(keys.map((key) => opensSomething(context, key)))
      return keys.filter((_, n) => states[n] === active)
    },
  }),
)
