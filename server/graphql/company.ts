// Companies, their parameters, and who belongs to them in which role.
import { builder } from './builder.ts'
import { companyOf, companyIdOf, type Context } from './context.ts'
import { encodeId } from './ids.ts'
import { CompanyRef, NodeRef } from './refs.ts'
import type { ApprovalParameters } from '../domain/company.ts'
import type { Calendar } from '../domain/workflow/calendar.ts'

export const Role = builder.enumType('Role', {
  description:
    'What somebody may do in a company. One person can have several; nobody is administrator and clerk at once.',
  values: {
    READER: { description: 'Reads customers, proposals and their history, and decides what they are asked.' },
    CLERK: { description: 'Edits customers and submits changes; sees bank and tax data.' },
    ADMINISTRATOR: {
      description: 'Sets the company up: parameters, fields, workflows, members. Does not edit customers.',
    },
    AUDITOR: { description: "Reads everything, bank and tax data and the company's whole event log included." },
    INTEGRATION: { description: 'Of service accounts: writes by mutation and import, as the entity behaviour allows.' },
  } as const,
})

export const EntityBehavior = builder.enumType('EntityBehavior', {
  description:
    'What becomes of governed fields in writes by service accounts and in imports. An edit by a person is never affected.',
  values: {
    ALLOW_WITHOUT_APPROVAL: { description: 'They are written at once, and recorded as such.' },
    REJECT_CHANGES: { description: 'The write is refused.' },
    CREATE_CHANGE_PROPOSALS: { description: 'They become proposed changes.' },
  } as const,
})

export const ConflictPolicy = builder.enumType('ConflictPolicy', {
  description: 'What happens to approved changes whose record has changed meanwhile.',
  values: {
    HOLD: { description: 'Nothing is written; the proposal waits as CONFLICTED for a person.' },
    OVERWRITE: { description: 'They are written over what stands there, and the log says over what.' },
  } as const,
})

const ApprovalParametersRef = builder.objectRef<ApprovalParameters>('ApprovalParameters').implement({
  description: 'How a company has set up approvals.',
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', { description: 'Off: nothing is governed, every edit is written at once.' }),
    entityBehavior: t.expose('entityBehavior', {
      type: EntityBehavior,
      description: 'What becomes of governed fields in writes that no person makes by hand.',
    }),
    autoSubmit: t.exposeBoolean('autoSubmit', { description: 'Proposals made by such a write are submitted by it.' }),
    authorsMayNotApprove: t.exposeBoolean('authorsMayNotApprove', {
      description: 'Nobody decides on what they had a hand in.',
    }),
    conflictPolicy: t.expose('conflictPolicy', {
      type: ConflictPolicy,
      description: 'What happens when the record has changed meanwhile.',
    }),
  }),
})

const CalendarRef = builder.objectRef<Calendar>('Calendar').implement({
  description: 'When a company works: limits in working time count its opening hours only.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, unique within the company: what limits name it by.' }),
    zone: t.exposeString('zone', { description: 'The time zone of its hours and days, e.g. Europe/Berlin.' }),
    week: t.field({
      type: ['String'],
      nullable: { list: false, items: true },
      description: 'Opening hours of Monday to Sunday, e.g. "09:00-17:00"; null: closed all day.',
      resolve: ({ week }) => week.map((hours) => (hours === null ? null : `${hours.from}-${hours.to}`)),
    }),
    holidays: t.field({
      type: ['Date'],
      description: 'Days on which it is closed, in order.',
      resolve: ({ holidays }) => [...holidays],
    }),
    isDefault: t.exposeBoolean('isDefault', {
      description: 'The one of the company: limits that name no calendar use it.',
    }),
  }),
})

CompanyRef.implement({
  description: 'A legal entity. Customers, proposals, workflows and members each belong to exactly one.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: 'Node id.', resolve: (company) => encodeId('Company', company.id) }),
    code: t.exposeString('code', { description: 'Its short name, e.g. USMF: what arguments called `company` take.' }),
    name: t.exposeString('name', { description: 'Its full name.' }),
    currency: t.exposeString('currency', { description: 'ISO 4217 code of the currency that it keeps its books in.' }),
    approvalParameters: t.field({
      type: ApprovalParametersRef,
      description: 'How it has set up approvals.',
      resolve: (company) => company.parameters,
    }),
    calendars: t.field({
      type: [CalendarRef],
      description:
        'Its calendars, by name. Without one, limits in working time count Monday to Friday, 09:00 to 17:00 UTC.',
      resolve: ({ calendars }) => [...calendars],
    }),
  }),
})

/** A company of the viewer's by its code; null for another's and for none. */
export const companyByCode = async (context: Context, code: string) => {
  const companyId = companyIdOf(context, code)
  return companyId === null ? null : companyOf(context, companyId)
}

builder.queryField('company', (t) =>
  t.field({
    type: CompanyRef,
    nullable: true,
    description: 'A company that you are a member of.',
    args: { code: t.arg.string({ required: true, description: 'Its code, e.g. USMF.' }) },
    resolve: (_root, args, context) => companyByCode(context, args.code),
  }),
)
