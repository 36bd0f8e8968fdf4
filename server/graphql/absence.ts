// Absences: when somebody is away, and who answers in their place.
import { builder } from './builder.ts'
import { companyByCode } from './company.ts'
import { companyOf, viewerOf, type Context } from './context.ts'
import { encodeId } from './ids.ts'
import { AbsenceRef, CompanyRef, NodeRef, UserRef, WorkflowRef, type AbsenceModel } from './refs.ts'
import { personIn } from './user.ts'
import { workflowIn } from './workflow-lookup.ts'
import type { Company } from '../domain/company.ts'
import { isBefore } from '../domain/instant.ts'

const byBegin = (a: AbsenceModel, b: AbsenceModel): number =>
  Date.parse(a.absence.from) - Date.parse(b.absence.from) || (a.absence.id < b.absence.id ? -1 : 1)

/** Absences of the company that are not over at this moment; one of a workflow that is no longer there concerns nobody. */
const comingOrThere = ({ id: companyId, directory, workflows }: Company, now: string): AbsenceModel[] =>
  directory.absences
    .filter(
      ({ until, workflowId }) =>
        isBefore(now, until) && (workflowId === null || workflows.some((w) => w.id === workflowId)),
    )
    .map((absence) => ({ companyId, absence }))

export const absenceIn = async (
  context: Context,
  companyId: string,
  absenceId: string,
): Promise<AbsenceModel | null> => {
  const company = await companyOf(context, companyId)
  const now = context.app.clock().toISOString()
  return comingOrThere(company, now).find(({ absence }) => absence.id === absenceId) ?? null
}

/** Somebody's absences that are not over, in the companies that the viewer is a member of; by begin. */
const absencesOf = async (context: Context, userId: string): Promise<AbsenceModel[]> => {
  const now = context.app.clock().toISOString()
  const found: AbsenceModel[] = []
  for (const companyId of viewerOf(context).memberships.keys()) {
    const all = comingOrThere(await companyOf(context, companyId), now)
    found.push(...all.filter(({ absence }) => absence.userId === userId))
  }
  return found.sort(byBegin)
}

AbsenceRef.implement({
  description: 'Somebody is away for a time, and somebody else answers what they are asked.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: 'Node id.',
      resolve: ({ companyId, absence }) => encodeId('Absence', companyId, absence.id),
    }),
    company: t.field({
      type: CompanyRef,
      description: 'The company in which they are away.',
      resolve: ({ companyId }, _args, context) => companyOf(context, companyId),
    }),
    user: t.field({
      type: UserRef,
      description: 'Who is away.',
      resolve: ({ companyId, absence }, _args, context) => personIn(context, companyId, absence.userId),
    }),
    standIn: t.field({
      type: UserRef,
      description: 'Who answers in their place; while they are away themself, whoever stands in for them.',
      resolve: ({ companyId, absence }, _args, context) => personIn(context, companyId, absence.standInId),
    }),
    from: t.field({ type: 'DateTime', description: 'Since when.', resolve: ({ absence }) => absence.from }),
    until: t.field({
      type: 'DateTime',
      description: 'Until when: from this moment on they answer again.',
      resolve: ({ absence }) => absence.until,
    }),
    workflow: t.field({
      type: WorkflowRef,
      nullable: true,
      description: 'Only items of this workflow; null: all items.',
      resolve: ({ companyId, absence }, _args, context) =>
        absence.workflowId === null ? null : workflowIn(context, companyId, absence.workflowId),
    }),
  }),
})

builder.objectField(UserRef, 'absences', (t) =>
  t.field({
    type: [AbsenceRef],
    description:
      'When they are away: absences that have not ended, one for each company that you share and in which they said so, by begin.',
    resolve: ({ person }, _args, context) => absencesOf(context, person.id),
  }),
)

builder.queryField('absences', (t) =>
  t.field({
    type: [AbsenceRef],
    nullable: true,
    description: 'Who of a company is away or will be: absences that have not ended, by begin.',
    args: { company: t.arg.string({ required: true, description: 'Code of the company.' }) },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      return company && comingOrThere(company, context.app.clock().toISOString()).sort(byBegin)
    },
  }),
)
