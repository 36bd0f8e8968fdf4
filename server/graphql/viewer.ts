// Who is signed in, where they belong, and what waits for them.
import { builder } from './builder.ts'
import { Role } from './company.ts'
import { companyOf, viewerOf } from './context.ts'
import { CompanyRef, GroupRef, UserRef } from './refs.ts'
import { groupsWith, sharedPerson } from './user.ts'
import { queueFilter } from './work-item-lists.ts'
import { countQueue } from '../store/queue.ts'
import type { Role as RoleName } from '../domain/directory.ts'
import type { Viewer } from '../services/app.ts'

type MembershipModel = { readonly userId: string; readonly companyId: string; readonly roles: readonly RoleName[] }

const MembershipRef = builder.objectRef<MembershipModel>('Membership').implement({
  description: 'That you belong to a company, and as what.',
  fields: (t) => ({
    company: t.field({
      type: CompanyRef,
      description: 'The company.',
      resolve: (own, _args, context) => companyOf(context, own.companyId),
    }),
    roles: t.field({ type: [Role], description: 'What you may do there.', resolve: (own) => [...own.roles] }),
    groups: t.field({
      type: [GroupRef],
      description: 'The groups that you are in there.',
      resolve: (own, _args, context) => groupsWith(context, own.companyId, own.userId),
    }),
  }),
})

const ViewerRef = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Whoever is signed in.',
  fields: (t) => ({
    user: t.field({
      type: UserRef,
      description: 'You.',
      resolve: async (viewer, _args, context) =>
        (await sharedPerson(context, viewer.userId)) ?? {
          companyId: null,
          person: {
            id: viewer.userId,
            kind: viewer.kind,
            name: viewer.name,
            email: null,
            active: true,
            roles: [],
            managerId: null,
            responsibleId: null,
          },
        },
    }),
    memberships: t.field({
      type: [MembershipRef],
      description: 'Your companies, by code.',
      resolve: (viewer) =>
        [...viewer.memberships]
          .sort(([, a], [, b]) => (a.code < b.code ? -1 : 1))
          .map(([companyId, { roles }]) => ({ userId: viewer.userId, companyId, roles })),
    }),
    openWorkItems: t.int({
      complexity: 10,
      description: 'How many open work items wait for you, over all your companies: as many as `approvalQueue` lists.',
      resolve: async (_viewer, _args, context) => countQueue(context.app.db, await queueFilter(context, null)),
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    nullable: true,
    description: 'Who is signed in.',
    resolve: (_root, _args, context) => viewerOf(context),
  }),
)
