// Queues, calendars and absences of a company.
import type { Company } from '../domain/company.ts'
import { isGiven } from '../domain/given.ts'
import { mayAdminister } from '../domain/permit.ts'
import { changeAbsence, finishAbsence } from '../domain/setup-absence.ts'
import { changeCalendar, changeQueue, type CalendarWish } from '../domain/setup-work.ts'
import { appendEvents } from '../store/events.ts'
import { newId } from '../store/ids.ts'
import { findAbsence, lockWork, saveAbsence, saveCalendars, saveQueue as storeQueue } from '../store/work.ts'
import type { App, Viewer } from './app.ts'
import { command, companyIdByCode, notFound, unwrap, type Replayed, type Scope } from './command.ts'
import { administer } from './setup.ts'

/** The company with what it has set up about its work as nobody else can change it before this transaction ends. */
const locked = async ({ tx, company }: Pick<Scope, 'tx' | 'company'>): Promise<Company> => {
  const { calendars, queues, absences } = await lockWork(tx, company.id)
  return { ...company, calendars, directory: { ...company.directory, queues, absences } }
}

export type QueueInput = {
  readonly company: string
  readonly id?: string | null
  readonly name: string
  readonly memberIds: readonly string[]
  readonly idempotencyKey?: string | null
}

/** Saves a queue whole. Errors: INVALID_VALUE, LIMIT_EXCEEDED, ALREADY_EXISTS, NOT_PERMITTED, NOT_FOUND. */
export const saveQueue = (
  app: App,
  viewer: Viewer,
  input: QueueInput,
): Promise<{ companyId: string; queueId: string } & Replayed> =>
  administer(app, viewer, 'saveQueue', input, async (scope) => {
    const company = await locked(scope)
    const named = input.id ?? null
    if (named !== null && !company.directory.queues.has(named)) throw notFound('queue', 'id')
    const queueId = named ?? newId()
    const change = unwrap(changeQueue(company, queueId, input))
    if (change !== null) {
      await storeQueue(scope.tx, company.id, change.save)
      await scope.append(change.events)
    }
    return { companyId: company.id, queueId }
  })

export type CalendarInput = CalendarWish & { readonly company: string; readonly idempotencyKey?: string | null }

/** Makes a calendar or changes the one of this name. Errors: INVALID_VALUE, LIMIT_EXCEEDED, NOT_PERMITTED, NOT_FOUND. */
export const setCalendar = (
  app: App,
  viewer: Viewer,
  input: CalendarInput,
): Promise<{ companyId: string } & Replayed> =>
  administer(app, viewer, 'setCalendar', input, async (scope) => {
    const company = await locked(scope)
    const change = unwrap(changeCalendar(company, newId(), input))
    if (change !== null) {
      await saveCalendars(scope.tx, company.id, change.save)
      await scope.append(change.events)
    }
    return { companyId: company.id }
  })

export type AbsenceInput = {
  /** Code; left out: every company that fits. */
  readonly company?: string | null
  /** Left out: the caller. */
  readonly userId?: string | null
  readonly standInId: string
  readonly from: string
  readonly until: string
  readonly workflow?: { readonly companyId: string; readonly id: string } | null
  readonly idempotencyKey?: string | null
}

/** The companies that a call about an absence can be about, by code: the one that it names, else all of the caller's. */
const companiesAskedFor = (viewer: Viewer, { company, workflow }: AbsenceInput): readonly string[] => {
  const named = isGiven(company) ? companyIdByCode(viewer, company) : null
  const ofWorkflow = workflow?.companyId ?? null
  if (ofWorkflow !== null && (!viewer.memberships.has(ofWorkflow) || (named !== null && named !== ofWorkflow)))
    throw notFound('workflow', 'workflowId')
  const one = named ?? ofWorkflow
  if (one !== null) return [one]
  return [...viewer.memberships].sort(([, a], [, b]) => (a.code < b.code ? -1 : 1)).map(([companyId]) => companyId)
}

/**
 * Of these companies those in which the caller may say that the person is away: their own or, for somebody else, those that they
 * administer. Errors: NOT_FOUND, NOT_PERMITTED.
 */
const companiesToSetIn = (companies: readonly Company[], actorId: string, userId: string): readonly Company[] => {
  const shared = companies.filter(({ directory }) => directory.people.has(userId))
  if (shared.length === 0) throw notFound('user', 'userId')
  if (userId === actorId) return shared
  const asked = shared.flatMap((company) => {
    const actor = company.directory.people.get(actorId)
    return actor === undefined ? [] : [{ company, refusal: mayAdminister({ company, actor }) }]
  })
  const allowed = asked.filter(({ refusal }) => refusal === null).map(({ company }) => company)
  if (allowed.length > 0) return allowed
  throw asked[0]?.refusal ?? notFound('user', 'userId')
}

/**
 * Says that somebody is away and who stands in: in each company that fits, all or none. Errors: INVALID_VALUE, LIMIT_EXCEEDED,
 * NOT_PERMITTED, NOT_FOUND.
 */
export const setAbsence = async (
  app: App,
  viewer: Viewer,
  input: AbsenceInput,
): Promise<{ companyId: string; userId: string } & Replayed> => {
  const asked = companiesAskedFor(viewer, input)
  const [companyId] = asked
  if (companyId === undefined) throw notFound('company', 'company')
  const userId = input.userId ?? viewer.userId
  const { standInId, from, until } = input
  const call = { mutation: 'setAbsence', companyId, idempotencyKey: input.idempotencyKey, input }
  const by = isGiven(input.workflow) ? { by: { what: 'workflow', at: 'workflowId' } } : {}
  const done = await command(app, viewer, { ...call, ...by }, async ({ tx, actor, now }) => {
    const companies: Company[] = []
    for (const id of asked) {
      const company = await app.setup.company(tx, id)
      if (company !== null) companies.push(company)
    }
    const allowed = companiesToSetIn(companies, actor.id, userId)
    const workflowId = input.workflow?.id ?? null
    if (workflowId !== null && !allowed.some(({ workflows }) => workflows.some(({ id }) => id === workflowId)))
      throw notFound('workflow', 'workflowId')
    const active = (company: Company, id: string) => company.directory.people.get(id)?.active === true
    const fitting = allowed.filter((company) => active(company, userId) && active(company, standInId))
    // Where nobody fits, the rules say what is wrong, of the first company.
    const chosen = fitting.length > 0 ? fitting : allowed.slice(0, 1)
    // In one order everywhere: two calls over several companies do not wait for each other.
    for (const company of [...chosen].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const wanted = { userId, standInId, from, until, workflowId }
      const change = unwrap(changeAbsence(await locked({ tx, company }), now, newId(), wanted, actor.id))
      if (change === null) continue
      await saveAbsence(tx, company.id, change.save)
      await appendEvents(tx, { companyId: company.id, actorId: actor.id, at: now }, change.events)
    }
    return { companyId: chosen[0]?.id ?? companyId, userId }
  })
  app.wake()
  return done
}

export type EndAbsenceInput = {
  readonly companyId: string
  readonly absenceId: string
  readonly idempotencyKey?: string | null
}

/** Ends an absence now, or takes it back before it begins. Errors: WRONG_STATE, NOT_PERMITTED, NOT_FOUND. */
export const endAbsence = (
  app: App,
  viewer: Viewer,
  { companyId, absenceId, idempotencyKey }: EndAbsenceInput,
): Promise<{ companyId: string; userId: string } & Replayed> => {
  const by = { what: 'absence', at: 'absenceId' }
  const call = { mutation: 'endAbsence', companyId, idempotencyKey, input: { absenceId }, by }
  return command(app, viewer, call, async (scope) => {
    const { tx, actor, now, append } = scope
    await locked(scope)
    const absence = await findAbsence(tx, companyId, absenceId)
    if (absence === null) throw notFound('absence', 'absenceId')
    const refusal = absence.userId === actor.id ? null : mayAdminister(scope)
    if (refusal !== null) throw refusal
    const { save, takenBack, events } = unwrap(finishAbsence(absence, now))
    await saveAbsence(tx, companyId, save, takenBack ? now : null)
    await append(events)
    return { companyId, userId: absence.userId }
  })
}
