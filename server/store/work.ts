// How a company shares out its work: queues, calendars, and who stands in for whom. Reads are part of the set-up's snapshot; every
// write but the marks of what the log has told raises `setup_version`.
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { companies } from '../db/tables/companies.ts'
import { absences, calendars, queueMembers, queues } from '../db/tables/work.ts'
import type { Company } from '../domain/company.ts'
import type { Absence, Queue } from '../domain/directory.ts'
import type { Calendar } from '../domain/workflow/calendar.ts'
import { explaining } from './errors.ts'
import { preparedFor } from './prepared.ts'
import { raiseSetupVersion } from './setup-version.ts'

const absenceColumns = {
  id: absences.id,
  userId: absences.userId,
  standInId: absences.standInId,
  from: absences.from,
  until: absences.until,
  workflowId: absences.workflowId,
}

const statements = preparedFor((reader) => ({
  queues: reader
    .select({ id: queues.id, name: queues.name, userId: queueMembers.userId })
    .from(queues)
    .leftJoin(queueMembers, and(eq(queueMembers.companyId, queues.companyId), eq(queueMembers.queueId, queues.id)))
    .where(eq(queues.companyId, sql.placeholder('id')))
    .orderBy(asc(queues.name), asc(queueMembers.userId))
    .prepare('queues'),
  calendars: reader
    .select({
      id: calendars.id,
      name: calendars.name,
      zone: calendars.zone,
      week: calendars.week,
      holidays: calendars.holidays,
      isDefault: calendars.isDefault,
    })
    .from(calendars)
    .where(eq(calendars.companyId, sql.placeholder('id')))
    .orderBy(asc(calendars.name), asc(calendars.id))
    .prepare('calendars'),
  absences: reader
    .select(absenceColumns)
    .from(absences)
    .where(and(eq(absences.companyId, sql.placeholder('id')), isNull(absences.endedAt)))
    .orderBy(asc(absences.from), asc(absences.id))
    .prepare('absences'),
}))

export type Work = Pick<Company, 'calendars'> & Pick<Company['directory'], 'queues' | 'absences'>

/** What a company has set up about its work; of the absences those whose end has not been told yet. */
export const loadWork = async (reader: Reader, companyId: string): Promise<Work> => {
  const read = statements(reader)
  const [rows, calendars, absences] = await Promise.all([
    read.queues.execute({ id: companyId }),
    read.calendars.execute({ id: companyId }),
    read.absences.execute({ id: companyId }),
  ])
  const found = new Map<string, Queue & { memberIds: string[] }>()
  for (const { id, name, userId } of rows) {
    const queue = found.get(id) ?? { id, name, memberIds: [] }
    if (userId !== null) queue.memberIds.push(userId)
    found.set(id, queue)
  }
  return { queues: found, calendars, absences }
}

/** As `loadWork`, once this transaction alone writes the company's set-up: it waits for whoever does. */
export const lockWork = async (tx: Tx, companyId: string): Promise<Work> => {
  await tx.select({ id: companies.id }).from(companies).where(eq(companies.id, companyId)).for('no key update')
  return loadWork(tx, companyId)
}

/** An absence, over or not; null where the company has none with this id. */
export const findAbsence = async (reader: Reader, companyId: string, id: string): Promise<Absence | null> => {
  const [row] = await reader
    .select(absenceColumns)
    .from(absences)
    .where(and(eq(absences.companyId, companyId), eq(absences.id, id)))
  return row ?? null
}

/** Saves a queue whole. A name that another queue has is an ALREADY_EXISTS, somebody from outside a NOT_MEMBER. */
export const saveQueue = (tx: Tx, companyId: string, queue: Queue): Promise<void> =>
  explaining(async () => {
    await raiseSetupVersion(tx, companyId)
    const { id, name, memberIds } = queue
    await tx
      .insert(queues)
      .values({ companyId, id, name })
      .onConflictDoUpdate({ target: [queues.companyId, queues.id], set: { name } })
    await tx.delete(queueMembers).where(and(eq(queueMembers.companyId, companyId), eq(queueMembers.queueId, id)))
    if (memberIds.length > 0) {
      await tx
        .insert(queueMembers)
        .values([...new Set(memberIds)].map((userId) => ({ companyId, queueId: id, userId })))
    }
  })

/** Saves calendars in this order: the one that stops being the default comes before the one that becomes it. */
export const saveCalendars = (tx: Tx, companyId: string, changed: readonly Calendar[]): Promise<void> =>
  explaining(async () => {
    await raiseSetupVersion(tx, companyId)
    for (const { id, week, holidays, ...rest } of changed) {
      const row = { ...rest, week, holidays: [...holidays] }
      await tx
        .insert(calendars)
        .values({ companyId, id, ...row })
        .onConflictDoUpdate({ target: [calendars.companyId, calendars.id], set: row })
    }
  })

/** Saves an absence. `endedAt`: when it is over with nothing left to be told of it, for one that has never begun. */
export const saveAbsence = async (
  tx: Tx,
  companyId: string,
  { id, ...absence }: Absence,
  endedAt: string | null = null,
): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  const row = { ...absence, endedAt }
  await tx
    .insert(absences)
    .values({ companyId, id, ...row })
    .onConflictDoUpdate({ target: [absences.companyId, absences.id], set: row })
}

/** Companies with an absence whose begin or end is due to be told. */
export const companiesWithAbsencesDue = async (reader: Reader, now: string): Promise<string[]> => {
  const rows = await reader.execute<{ id: string }>(sql`
    select company_id as id from absences where began_at is null and "from" <= ${now}::timestamptz and ended_at is null
    union
    select company_id from absences where ended_at is null and until <= ${now}::timestamptz`)
  return rows.map(({ id }) => id)
}

export type DueAbsence = Absence & { readonly begins: boolean; readonly ends: boolean }

/**
 * Marks a company's absences whose begin or end is due as told, and answers them by begin: up to `limit`, none that somebody else
 * holds, none at all while somebody writes the company's set-up.
 */
export const markAbsencesDue = async (tx: Tx, companyId: string, now: string, limit: number): Promise<DueAbsence[]> => {
  const held = await tx
    .select({ id: companies.id })
    .from(companies)
    .where(eq(companies.id, companyId))
    .for('no key update', { skipLocked: true })
  if (held.length === 0) return []
  const due = await tx
    .select({
      ...absenceColumns,
      begins: sql<boolean>`${absences.beganAt} is null`,
      ends: sql<boolean>`${absences.until} <= ${now}::timestamptz`,
    })
    .from(absences)
    .where(
      and(
        eq(absences.companyId, companyId),
        isNull(absences.endedAt),
        sql`(${absences.beganAt} is null and ${absences.from} <= ${now}::timestamptz or ${absences.until} <= ${now}::timestamptz)`,
      ),
    )
    .orderBy(asc(absences.from), asc(absences.id))
    .limit(limit)
    .for('update', { skipLocked: true })
  const marked = (column: 'beganAt' | 'endedAt', ids: readonly string[]) =>
    tx
      .update(absences)
      .set({ [column]: now })
      .where(and(eq(absences.companyId, companyId), inArray(absences.id, [...ids])))
  const begun = due.filter(({ begins }) => begins).map(({ id }) => id)
  const ended = due.filter(({ ends }) => ends).map(({ id }) => id)
  if (begun.length > 0) await marked('beganAt', begun)
  if (ended.length > 0) {
    await raiseSetupVersion(tx, companyId)
    await marked('endedAt', ended)
  }
  return due
}
