// A company with what it has set up, as one snapshot, and the writes that change it. Every such write raises
// `setup_version`, which is what caches of the snapshot compare.
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import {
  approvalFields,
  companies,
  groupMembers,
  groups,
  memberships,
  referenceValues,
} from '../db/tables/companies.ts'
import { users } from '../db/tables/users.ts'
import { webhooks } from '../db/tables/webhooks.ts'
import type { ApprovalParameters, Company, ReferenceValue, References } from '../domain/company.ts'
import type { Directory, Group, Person } from '../domain/directory.ts'
import type { ReferenceKind } from '../domain/fields.ts'
import { explaining } from './errors.ts'
import { preparedFor } from './prepared.ts'
import { raiseSetupVersion, readSetupVersion } from './setup-version.ts'
import { loadWork } from './work.ts'
import { loadWorkflows, type StoredWorkflow } from './workflows.ts'

export type StoredCompany = Omit<Company, 'workflows'> & { readonly workflows: readonly StoredWorkflow[] }

const statements = preparedFor((reader) => ({
  company: reader
    .select()
    .from(companies)
    .where(eq(companies.id, sql.placeholder('id')))
    .prepare('company'),
  people: reader
    .select({
      id: users.id,
      kind: users.kind,
      name: users.name,
      email: users.email,
      active: memberships.active,
      roles: memberships.roles,
      managerId: memberships.managerId,
      responsibleId: users.responsibleId,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(eq(memberships.companyId, sql.placeholder('id')))
    .orderBy(asc(users.name), asc(users.id))
    .prepare('people'),
  groups: reader
    .select({ id: groups.id, name: groups.name, userId: groupMembers.userId })
    .from(groups)
    .leftJoin(groupMembers, and(eq(groupMembers.companyId, groups.companyId), eq(groupMembers.groupId, groups.id)))
    .where(eq(groups.companyId, sql.placeholder('id')))
    .orderBy(asc(groups.name), asc(groupMembers.userId))
    .prepare('groups'),
  fields: reader
    .select({ field: approvalFields.field })
    .from(approvalFields)
    .where(eq(approvalFields.companyId, sql.placeholder('id')))
    .prepare('approval_fields'),
  references: reader
    .select()
    .from(referenceValues)
    .where(eq(referenceValues.companyId, sql.placeholder('id')))
    .orderBy(asc(referenceValues.kind), asc(referenceValues.code))
    .prepare('reference_values'),
  webhooks: reader
    .select({ id: webhooks.id, name: webhooks.name, active: webhooks.active })
    .from(webhooks)
    .where(and(eq(webhooks.companyId, sql.placeholder('id')), isNull(webhooks.deletedAt)))
    .prepare('webhooks'),
}))

/** The company's set-up as it stood at one moment; null where there is no such company. */
export const loadCompany = async (reader: Reader, id: string): Promise<StoredCompany | null> => {
  const read = statements(reader)
  for (;;) {
    const [row] = await read.company.execute({ id })
    if (row === undefined) return null
    const [people, groupRows, fields, references, workflows, work, endpoints, version] = await Promise.all([
      read.people.execute({ id }),
      read.groups.execute({ id }),
      read.fields.execute({ id }),
      read.references.execute({ id }),
      loadWorkflows(reader, id),
      loadWork(reader, id),
      read.webhooks.execute({ id }),
      readSetupVersion(reader, id),
    ])
    // Statements see what has been committed until they begin: with a write in between they belong to two moments.
    if (version !== row.setupVersion || (await readSetupVersion(reader, id)) !== version) continue
    return {
      id: row.id,
      code: row.code,
      name: row.name,
      currency: row.currency,
      setupVersion: row.setupVersion,
      parameters: {
        enabled: row.approvalsEnabled,
        entityBehavior: row.entityBehavior,
        autoSubmit: row.autoSubmit,
        authorsMayNotApprove: row.authorsMayNotApprove,
        conflictPolicy: row.conflictPolicy,
      },
      approvalFields: new Set(fields.map(({ field }) => field)),
      directory: {
        people: new Map(people.map((person: Person) => [person.id, person])),
        groups: groupsOf(groupRows),
        queues: work.queues,
        absences: work.absences,
      },
      references: referencesOf(references),
      workflows,
      calendars: work.calendars,
      webhooks: new Map(endpoints.map((webhook) => [webhook.id, webhook])),
    }
  }
}

const groupsOf = (rows: readonly { id: string; name: string; userId: string | null }[]): Directory['groups'] => {
  const found = new Map<string, Group & { memberIds: string[] }>()
  for (const { id, name, userId } of rows) {
    const group = found.get(id) ?? { id, name, memberIds: [] }
    if (userId !== null) group.memberIds.push(userId)
    found.set(id, group)
  }
  return found
}

const referencesOf = (rows: readonly ({ kind: ReferenceKind } & ReferenceValue)[]): References => {
  const kinds = new Map<ReferenceKind, Map<string, ReferenceValue>>()
  for (const { kind, code, name, active } of rows) {
    const values = kinds.get(kind) ?? new Map<string, ReferenceValue>()
    kinds.set(kind, values.set(code, { code, name, active }))
  }
  return kinds
}

export type CompanyName = { readonly id: string; readonly code: string; readonly name: string }

/** By its code, exactly as written. */
export const findCompanyByCode = async (reader: Reader, code: string): Promise<CompanyName | null> => {
  const [row] = await reader
    .select({ id: companies.id, code: companies.code, name: companies.name })
    .from(companies)
    .where(eq(companies.code, code))
  return row ?? null
}

export const listCompanies = (reader: Reader): Promise<CompanyName[]> =>
  reader
    .select({ id: companies.id, code: companies.code, name: companies.name })
    .from(companies)
    .orderBy(companies.code)

type NewCompany = CompanyName & { readonly currency: string; readonly parameters: ApprovalParameters }

/** A code that exists is an ALREADY_EXISTS. */
export const insertCompany = (tx: Tx, { parameters, ...company }: NewCompany): Promise<void> =>
  explaining(async () => {
    await tx.insert(companies).values({ ...company, ...parameterColumns(parameters) })
  })

const parameterColumns = ({ enabled, ...parameters }: ApprovalParameters) => ({
  approvalsEnabled: enabled,
  ...parameters,
})

/** Loosening them needs a ParametersChanged event in the same transaction: the database refuses it otherwise. */
export const saveParameters = async (tx: Tx, companyId: string, parameters: ApprovalParameters): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  await tx.update(companies).set(parameterColumns(parameters)).where(eq(companies.id, companyId))
}

/** Puts fields under approval and releases others. Releasing needs a FieldApprovalChanged event in the same transaction. */
export const saveApprovalFields = async (
  tx: Tx,
  companyId: string,
  change: { readonly enable: readonly string[]; readonly disable: readonly string[] },
): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  if (change.enable.length > 0) {
    await tx
      .insert(approvalFields)
      .values(change.enable.map((field) => ({ companyId, field })))
      .onConflictDoNothing()
  }
  if (change.disable.length > 0) {
    await tx
      .delete(approvalFields)
      .where(
        and(
          eq(approvalFields.companyId, companyId),
          sql`${approvalFields.field} = any(${sql.param([...change.disable])})`,
        ),
      )
  }
}
