// Setting a company up: parameters, governed fields, reference values, members and groups. For administrators.
import { builder } from './builder.ts'
import { attempt, keyDescription, present, readBack, resultUnion } from './commands.ts'
import { ConflictPolicy, EntityBehavior, Role } from './company.ts'
import { companyIdOf, companyOf } from './context.ts'
import { ReferenceKind } from './field.ts'
import { idWithin, userIdOf } from './ids.ts'
import { CompanyRef, GroupRef, UserRef, type GroupModel, type UserModel } from './refs.ts'
import { groupIn, personIn } from './user.ts'
import type { Company } from '../domain/company.ts'
import { saveGroup, setMember } from '../services/members.ts'
import { setApprovalParameters, setFieldApproval, setReferenceValues } from '../services/setup.ts'
import { isGiven } from '../domain/given.ts'

const CompanySuccess = builder.objectRef<{ readonly company: Company }>('CompanySuccess').implement({
  description: 'It was done.',
  fields: (t) => ({
    company: t.field({ type: CompanyRef, description: 'The company as it is now.', resolve: ({ company }) => company }),
  }),
})
export const CompanyResult = resultUnion('CompanyResult', 'What came of setting a company up.', CompanySuccess, [
  'ValidationError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])
const UserSuccess = builder.objectRef<{ readonly user: UserModel }>('UserSuccess').implement({
  description: 'It was done.',
  fields: (t) => ({
    user: t.field({ type: UserRef, description: 'The person as they are now.', resolve: ({ user }) => user }),
  }),
})
export const UserResult = resultUnion('UserResult', 'What came of a command on a member.', UserSuccess, [
  'ValidationError',
  'AlreadyExistsError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])
const GroupSuccess = builder.objectRef<{ readonly group: GroupModel }>('GroupSuccess').implement({
  description: 'It was done.',
  fields: (t) => ({
    group: t.field({ type: GroupRef, description: 'The group as it is now.', resolve: ({ group }) => group }),
  }),
})
const GroupResult = resultUnion('GroupResult', 'What came of saving a group.', GroupSuccess, [
  'ValidationError',
  'AlreadyExistsError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const company = 'Code of the company.'

const SetApprovalParametersInput = builder.inputType('SetApprovalParametersInput', {
  description: 'Parameters of a company: those that are left out stay as they are.',
  fields: (t) => ({
    company: t.string({ required: true, description: company }),
    enabled: t.boolean({ description: 'Off: nothing is governed, every edit is written at once.' }),
    entityBehavior: t.field({
      type: EntityBehavior,
      description: 'What becomes of governed fields in writes that no person makes by hand.',
    }),
    autoSubmit: t.boolean({ description: 'Proposals made by such a write are submitted by it.' }),
    authorsMayNotApprove: t.boolean({ description: 'Nobody decides on what they had a hand in.' }),
    conflictPolicy: t.field({
      type: ConflictPolicy,
      description: 'What happens when the record has changed meanwhile.',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const SetFieldApprovalInput = builder.inputType('SetFieldApprovalInput', {
  description: 'Fields to be put under approval, or taken out of it.',
  fields: (t) => ({
    company: t.string({ required: true, description: company }),
    enable: t.stringList({
      description: 'Names of fields that are to need approval; bankAccounts stands for all fields of a record.',
    }),
    disable: t.stringList({ description: 'Names of fields that are to be written at once again.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const ReferenceValueInput = builder.inputType('ReferenceValueInput', {
  description: 'A code with its name.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'The code.' }),
    name: t.string({ required: true, description: 'What a person reads.' }),
  }),
})
const SetReferenceValuesInput = builder.inputType('SetReferenceValuesInput', {
  description: 'Codes to be added, renamed or retired.',
  fields: (t) => ({
    company: t.string({ required: true, description: company }),
    kind: t.field({ type: ReferenceKind, required: true, description: 'Which list.' }),
    upsert: t.field({
      type: [ReferenceValueInput],
      description: 'Codes to add, to rename, or to take into use again.',
    }),
    deactivate: t.stringList({
      description: 'Codes to retire: records keep them, but nobody can choose them any more.',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const SetMemberInput = builder.inputType('SetMemberInput', {
  description: 'A member of a company: what is left out stays as it is.',
  fields: (t) => ({
    company: t.string({ required: true, description: company }),
    userId: t.id({ description: 'Who; left out: invite somebody by e-mail.' }),
    email: t.string({ description: 'Of somebody invited: the address that they sign in with.' }),
    name: t.string({ description: 'Of somebody invited: their name.' }),
    roles: t.field({ type: [Role], description: 'All of their roles in this company.' }),
    managerId: t.id({ description: 'Whom they report to; null: nobody.' }),
    active: t.boolean({ description: 'False: they are no longer a member.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
export const SaveGroupInput = builder.inputType('SaveGroupInput', {
  description: 'A group or queue with all of its members.',
  fields: (t) => ({
    company: t.string({ required: true, description: company }),
    id: t.id({ description: 'Which one; left out: a new one.' }),
    name: t.string({ required: true, description: 'Its name, unique within the company.' }),
    memberIds: t.idList({ required: true, description: 'Everybody who is to be in it.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

builder.mutationFields((t) => ({
  setApprovalParameters: t.field({
    type: CompanyResult.type,
    nullable: true,
    description: 'Sets approval parameters. What runs already keeps those of its submit. For administrators.',
    args: { input: t.arg({ type: SetApprovalParametersInput, required: true, description: 'The parameters.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, CompanyResult, companyIdOf(context, input.company), (viewer) =>
        setApprovalParameters(context.app, viewer, present(input)),
      )
      return { company: await companyOf(context, done.companyId) }
    },
  }),
  setFieldApproval: t.field({
    type: CompanyResult.type,
    nullable: true,
    description: 'Puts fields under approval or takes them out of it. For administrators.',
    args: { input: t.arg({ type: SetFieldApprovalInput, required: true, description: 'The fields.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, CompanyResult, companyIdOf(context, input.company), (viewer) =>
        setFieldApproval(context.app, viewer, present(input)),
      )
      return { company: await companyOf(context, done.companyId) }
    },
  }),
  setReferenceValues: t.field({
    type: CompanyResult.type,
    nullable: true,
    description: 'Adds, renames and retires codes of a list. For administrators.',
    args: { input: t.arg({ type: SetReferenceValuesInput, required: true, description: 'The codes.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, CompanyResult, companyIdOf(context, input.company), (viewer) =>
        setReferenceValues(context.app, viewer, present(input)),
      )
      return { company: await companyOf(context, done.companyId) }
    },
  }),
  setMember: t.field({
    type: UserResult.type,
    nullable: true,
    description: 'Invites somebody, or changes their roles, manager or state. For administrators.',
    args: { input: t.arg({ type: SetMemberInput, required: true, description: 'The member.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, UserResult, companyIdOf(context, input.company), (viewer) => {
        const { userId, managerId, ...rest } = present(input)
        return setMember(context.app, viewer, {
          ...rest,
          ...(isGiven(userId) && { userId: userIdOf(userId, ['userId']) }),
          ...(managerId !== undefined && { managerId: managerId === null ? null : userIdOf(managerId, ['managerId']) }),
        })
      })
      return { user: await personIn(context, done.companyId, done.userId) }
    },
  }),
  saveGroup: t.field({
    type: GroupResult.type,
    nullable: true,
    description: 'Saves a group whole. For administrators.',
    args: { input: t.arg({ type: SaveGroupInput, required: true, description: 'The group.' }) },
    resolve: async (_root, { input }, context) => {
      const companyId = companyIdOf(context, input.company)
      const done = await attempt(context, GroupResult, companyId, (viewer) => {
        const { id, ...rest } = present(input)
        return saveGroup(context.app, viewer, {
          ...rest,
          ...(isGiven(id) && { id: idWithin('Group', companyId, id, ['id']) }),
          memberIds: input.memberIds.map((memberId, n) => userIdOf(memberId, ['memberIds', String(n)])),
        })
      })
      return { group: readBack(await groupIn(context, done.companyId, done.groupId)) }
    },
  }),
}))
