// Setting up who takes work and when: queues and calendars, for administrators; absences, for everybody themselves.
import { attempt, companyOfId, keyDescription, present, readBack, resultUnion } from './commands.ts'
import { builder } from './builder.ts'
import { companyIdOf, companyOf } from './context.ts'
import { idOf, idWithin, userIdOf } from './ids.ts'
import { WorkQueueRef, type QueueModel } from './refs.ts'
import { CompanyResult, SaveGroupInput, UserResult } from './setup-commands.ts'
import { personIn } from './user.ts'
import { queueIn } from './work-queue.ts'
import { isGiven } from '../domain/given.ts'
import { endAbsence, saveQueue, setAbsence, setCalendar } from '../services/work-setup.ts'

const QueueSuccess = builder.objectRef<{ readonly queue: QueueModel }>('QueueSuccess').implement({
  description: 'It was done.',
  fields: (t) => ({
    queue: t.field({ type: WorkQueueRef, description: 'The queue as it is now.', resolve: ({ queue }) => queue }),
  }),
})
const QueueResult = resultUnion('QueueResult', 'What came of saving a queue.', QueueSuccess, [
  'ValidationError',
  'AlreadyExistsError',
  'IdempotencyError',
  'NotPermittedError',
  'NotFoundError',
])

const SetCalendarInput = builder.inputType('SetCalendarInput', {
  description: 'A calendar whole. One with this name is replaced, otherwise it is made.',
  fields: (t) => ({
    company: t.string({ required: true, description: 'Code of the company.' }),
    name: t.string({ required: true, description: 'Its name, unique within the company.' }),
    zone: t.string({ required: true, description: 'Time zone, a name of the IANA list, e.g. Europe/Berlin.' }),
    week: t.field({
      type: ['String'],
      required: { list: true, items: false },
      description:
        'Opening hours of Monday to Sunday, e.g. ["09:00-17:00", …, null, null]; null: closed. "24:00" is the end of a day.',
    }),
    holidays: t.field({ type: ['Date'], required: true, description: 'Days on which it is closed; up to 1000.' }),
    isDefault: t.boolean({
      description:
        'Limits that name no calendar use it. Takes the mark off the one that had it; left out: as it was, of a new one false.',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const SetAbsenceInput = builder.inputType('SetAbsenceInput', {
  description:
    'Somebody is away from one moment to another. It holds in each company of yours in which they and the stand-in are active members (for somebody else: those of them that you administer), or in none if one of them refuses it.',
  fields: (t) => ({
    company: t.string({ description: 'Code of a company: only in this one.' }),
    userId: t.id({ description: 'Who; left out: you. Somebody else takes an administrator.' }),
    standInId: t.id({ required: true, description: 'Who answers in their place: an active member.' }),
    from: t.field({ type: 'DateTime', required: true, description: 'Since when.' }),
    until: t.field({
      type: 'DateTime',
      required: true,
      description: 'Until when, in the future and at most two years later: from this moment on they answer again.',
    }),
    workflowId: t.id({ description: 'Only items of this workflow, in its company; left out: all items.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})
const EndAbsenceInput = builder.inputType('EndAbsenceInput', {
  description: 'An absence, in its one company, to be ended now or, before it begins, to be taken back.',
  fields: (t) => ({
    absenceId: t.id({ required: true, description: 'Which one.' }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
})

builder.mutationFields((t) => ({
  saveQueue: t.field({
    type: QueueResult.type,
    nullable: true,
    description: 'Saves a queue whole. For administrators.',
    args: { input: t.arg({ type: SaveGroupInput, required: true, description: 'The queue.' }) },
    resolve: async (_root, { input }, context) => {
      const companyId = companyIdOf(context, input.company)
      const done = await attempt(context, QueueResult, companyId, (viewer) => {
        const { id, ...rest } = present(input)
        return saveQueue(context.app, viewer, {
          ...rest,
          ...(isGiven(id) && { id: idWithin('WorkQueue', companyId, id, ['id']) }),
          memberIds: input.memberIds.map((memberId, n) => userIdOf(memberId, ['memberIds', String(n)])),
        })
      })
      return { queue: readBack(await queueIn(context, done.companyId, done.queueId)) }
    },
  }),
  setCalendar: t.field({
    type: CompanyResult.type,
    nullable: true,
    description:
      'Makes a calendar or replaces it. Limits that are running keep the due times that they have. For administrators.',
    args: { input: t.arg({ type: SetCalendarInput, required: true, description: 'The calendar.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, CompanyResult, companyIdOf(context, input.company), (viewer) =>
        setCalendar(context.app, viewer, present(input)),
      )
      return { company: await companyOf(context, done.companyId) }
    },
  }),
  setAbsence: t.field({
    type: UserResult.type,
    nullable: true,
    description:
      'Says that you, or somebody in a company that you administer, are away and who stands in. It covers what is open already and hands back by itself.',
    args: { input: t.arg({ type: SetAbsenceInput, required: true, description: 'The absence.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, UserResult, null, (viewer) => {
        const { userId, standInId, workflowId, ...rest } = present(input)
        return setAbsence(context.app, viewer, {
          ...rest,
          ...(isGiven(userId) && { userId: userIdOf(userId, ['userId']) }),
          standInId: userIdOf(standInId, ['standInId']),
          ...(isGiven(workflowId) && { workflow: idOf('Workflow', workflowId, ['workflowId']) }),
        })
      })
      return { user: await personIn(context, done.companyId, done.userId) }
    },
  }),
  endAbsence: t.field({
    type: UserResult.type,
    nullable: true,
    description: 'Ends an absence of yours, or of somebody in a company that you administer.',
    args: { input: t.arg({ type: EndAbsenceInput, required: true, description: 'Which one.' }) },
    resolve: async (_root, { input }, context) => {
      const done = await attempt(context, UserResult, companyOfId(input.absenceId), (viewer) => {
        const { companyId, id: absenceId } = idOf('Absence', input.absenceId, ['absenceId'])
        const { idempotencyKey } = present(input)
        return endAbsence(context.app, viewer, {
          companyId,
          absenceId,
          ...(isGiven(idempotencyKey) && { idempotencyKey }),
        })
      })
      return { user: await personIn(context, done.companyId, done.userId) }
    },
  }),
}))
