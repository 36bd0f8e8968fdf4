// People, service accounts and groups, as a company knows them.
import { builder } from './builder.ts'
import { companyByCode, Role } from './company.ts'
import { companyOf, viewerOf, type Context } from './context.ts'
import { decodeId, encodeId } from './ids.ts'
import { connectionOf, connectionType, forwardArgs, pageComplexity, pageInMemory, pageOf } from './pages.ts'
import { GroupRef, NodeRef, UserRef, type GroupModel, type UserModel } from './refs.ts'
import type { Person } from '../domain/directory.ts'
import type { Order } from '../store/page.ts'

/** A person as a company knows them; somebody whom it no longer knows keeps their id and nothing else. */
export const personIn = async (context: Context, companyId: string, userId: string): Promise<UserModel> => {
  const { directory } = await companyOf(context, companyId)
  return { companyId, person: directory.people.get(userId) ?? unknown(userId) }
}

const unknown = (id: string): Person => ({
  id,
  kind: 'PERSON',
  name: 'Unknown person',
  email: null,
  active: false,
  roles: [],
  managerId: null,
  responsibleId: null,
})

export const peopleIn = (context: Context, companyId: string, userIds: readonly string[]): Promise<UserModel[]> =>
  Promise.all(userIds.map((userId) => personIn(context, companyId, userId)))

export const maybePerson = (context: Context, companyId: string, userId: string | null): Promise<UserModel | null> =>
  userId === null ? Promise.resolve(null) : personIn(context, companyId, userId)

/** A person by id: whoever shares a company with the viewer, as the first of these by code knows them; else null. */
export const sharedPerson = async (context: Context, userId: string): Promise<UserModel | null> => {
  const mine = [...viewerOf(context).memberships].sort(([, a], [, b]) => (a.code < b.code ? -1 : 1))
  for (const [companyId] of mine) {
    const { directory } = await companyOf(context, companyId)
    const person = directory.people.get(userId)
    if (person !== undefined) return { companyId, person }
  }
  return null
}

export const groupIn = async (context: Context, companyId: string, groupId: string): Promise<GroupModel | null> => {
  const group = (await companyOf(context, companyId)).directory.groups.get(groupId)
  return group === undefined ? null : { companyId, group }
}

/** The groups of a company that somebody is in, by name. */
export const groupsWith = async (context: Context, companyId: string, userId: string): Promise<GroupModel[]> => {
  const { directory } = await companyOf(context, companyId)
  return [...directory.groups.values()]
    .filter(({ memberIds }) => memberIds.includes(userId))
    .map((group) => ({ companyId, group }))
}

const UserKind = builder.enumType('UserKind', {
  description: 'Who acts.',
  values: {
    PERSON: { description: 'A person who signs in.' },
    SERVICE: { description: 'A program with a key of its own.' },
  } as const,
})

UserRef.implement({
  description: 'A person or a service account, as the company knows them through which you meet them.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: ({ person }) => encodeId('User', person.id) }),
    kind: t.field({ type: UserKind, description: 'Person or service account.', resolve: ({ person }) => person.kind }),
    name: t.string({ description: 'Full name.', resolve: ({ person }) => person.name }),
    email: t.string({
      nullable: true,
      description: 'E-mail address, where one is known.',
      resolve: ({ person }) => person.email,
    }),
    active: t.boolean({
      description: 'False: no longer a member; keeps their history and decides nothing.',
      resolve: ({ person }) => person.active,
    }),
    roles: t.field({
      type: [Role],
      description:
        'What they may do in the company through which you meet them; of who is no longer a member, what they might last.',
      resolve: ({ person }) => [...person.roles],
    }),
    groups: t.field({
      type: [GroupRef],
      description: 'The groups that they are in there, by name.',
      resolve: ({ companyId, person }, _args, context) =>
        companyId === null ? [] : groupsWith(context, companyId, person.id),
    }),
    manager: t.field({
      type: UserRef,
      nullable: true,
      description: 'Whom they report to in this company: what workflows climb.',
      resolve: ({ companyId, person }, _args, context) =>
        companyId === null ? null : maybePerson(context, companyId, person.managerId),
    }),
    responsible: t.field({
      type: UserRef,
      nullable: true,
      description: 'Of a service account: the person who answers for it.',
      resolve: ({ companyId, person }, _args, context) =>
        companyId === null ? null : maybePerson(context, companyId, person.responsibleId),
    }),
  }),
})

GroupRef.implement({
  description: "A company's named set of people, which workflows ask by its name.",
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: ({ companyId, group }) => encodeId('Group', companyId, group.id) }),
    name: t.string({ description: 'Its name, unique within the company.', resolve: ({ group }) => group.name }),
    members: t.field({
      type: [UserRef],
      description: 'Who is in it.',
      resolve: ({ companyId, group }, _args, context) => peopleIn(context, companyId, group.memberIds),
    }),
  }),
})

const UserConnection = connectionType('User', UserRef, 'people and service accounts', false)
const byName: Order = { name: 'USER_NAME', kinds: ['text', 'uuid'], descending: false }

builder.queryFields((t) => ({
  user: t.field({
    type: UserRef,
    nullable: true,
    description:
      'A member of a company, also a former one, as this company knows them; null when they never were one, or it is not yours.',
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      id: t.arg.id({ required: true, description: 'Their id.' }),
    },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      const named = decodeId(args.id)
      if (company === null || named?.type !== 'User') return null
      const person = company.directory.people.get(named.own)
      return person === undefined ? null : { companyId: company.id, person }
    },
  }),
  users: t.field({
    type: UserConnection,
    nullable: true,
    complexity: pageComplexity,
    description: "A company's members, by name.",
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      search: t.arg.string({ description: 'Part of the name or the e-mail address.' }),
      active: t.arg.boolean({ description: 'Only those who are, or are no longer, active.' }),
      ...forwardArgs(),
    },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      if (company === null) return null
      const page = pageOf(args, byName)
      const sought = (args.search ?? '').trim().toLowerCase()
      const matches = (person: Person) =>
        (typeof args.active !== 'boolean' || person.active === args.active) &&
        (person.name.toLowerCase().includes(sought) || (person.email ?? '').toLowerCase().includes(sought))
      const sorted = [...company.directory.people.values()]
        .filter(matches)
        .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1))
      return connectionOf(
        page,
        byName,
        pageInMemory(page, sorted, (person) => person.id),
        (person) => [person.name, person.id],
        (person) => ({ companyId: company.id, person }),
      )
    },
  }),
  groups: t.field({
    type: [GroupRef],
    nullable: true,
    description: "A company's groups, by name.",
    args: { company: t.arg.string({ required: true, description: 'Code of the company.' }) },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      if (company === null) return null
      const sorted = [...company.directory.groups.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'))
      return sorted.map((group) => ({ companyId: company.id, group }))
    },
  }),
}))
