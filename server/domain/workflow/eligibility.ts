// Who may decide, and who is asked (DOMAIN sections 5 and 8). An unknown or inactive person is a refusal, never a pass.
import type { Company } from '../company.ts'
import { hasRole, type Directory, type Person } from '../directory.ts'
import type { ErrorCode } from '../errors.ts'
import type { Proposal } from '../proposal.ts'
import { absenceOf, standInFor } from '../sitting.ts'
import type { Assignee, Hierarchy } from './definition.ts'
import type { RunnableVersion, WorkflowVersion } from './workflow.ts'

const accounts = new WeakMap<Directory, ReadonlyMap<string, readonly string[]>>()

/** The service accounts that each person answers for. */
const accountsOf = (directory: Directory, userId: string): readonly string[] => {
  let known = accounts.get(directory)
  if (known === undefined) {
    const services = [...directory.people.values()].filter((p) => p.responsibleId !== null)
    known = new Map(
      [...Map.groupBy(services, (p) => p.responsibleId ?? '')].map(([of, list]) => [of, list.map((p) => p.id)]),
    )
    accounts.set(directory, known)
  }
  return known.get(userId) ?? []
}

/**
 * Everybody who had a hand in the content or in the rules: whoever added, replaced, rebased or took back a change or submitted, in any
 * revision; who is responsible for a service account that did, and the service accounts of whoever did; who saved or activated one of the workflow versions that run.
 */
export const excludedFrom = (
  proposal: Pick<Proposal, 'involved'>,
  versions: readonly Pick<WorkflowVersion, 'createdById' | 'activatedByIds'>[],
  directory: Directory,
  parameters: { readonly authorsMayNotApprove: boolean },
): ReadonlySet<string> => {
  const excluded = new Set<string>()
  if (!parameters.authorsMayNotApprove) return excluded
  const add = (userId: string): void => {
    excluded.add(userId)
    const responsible = directory.people.get(userId)?.responsibleId
    if (typeof responsible === 'string') excluded.add(responsible)
    for (const account of accountsOf(directory, responsible ?? userId)) excluded.add(account)
  }
  for (const { userId } of proposal.involved) add(userId)
  for (const version of versions) {
    add(version.createdById)
    for (const userId of version.activatedByIds) add(userId)
  }
  return excluded
}

/** Why somebody may not hold a seat; null when they may. */
export const whyNotEligible = (
  userId: string,
  excluded: ReadonlySet<string>,
  directory: Directory,
): ErrorCode | null => {
  const person = directory.people.get(userId)
  if (person === undefined) return 'NOT_MEMBER'
  if (!person.active) return 'INACTIVE'
  if (excluded.has(userId)) return 'IS_AUTHOR'
  // An auditor reads everything and decides nothing.
  return hasRole(person, 'READER', 'CLERK', 'INTEGRATION', 'ADMINISTRATOR') ? null : 'NOT_PERMITTED'
}

/** What an assignment is read against. */
export type Asking = {
  readonly company: Company
  readonly version: RunnableVersion
  readonly submitterId: string
  readonly ownerId: string
  /** Who approved last before this step, in the order of the definition. */
  readonly previousIds: () => readonly string[]
  readonly excluded: ReadonlySet<string>
  /** Who has answered in this step already: nobody is asked twice. */
  readonly answeredIds: readonly string[]
  /** Null: no run asks yet, so that nobody is away. */
  readonly when: { readonly workflowId: string; readonly now: string } | null
}

/** Why somebody is not asked: not eligible, or away without anybody who could stand in (DOMAIN section 8). */
export const whyNotAsked = (
  userId: string,
  asking: Pick<Asking, 'company' | 'excluded' | 'answeredIds' | 'when'>,
): ErrorCode | null => {
  const { excluded, when, answeredIds, company } = asking
  const { directory } = company
  const why = whyNotEligible(userId, excluded, directory) ?? (answeredIds.includes(userId) ? 'ALREADY_ASKED' : null)
  if (why !== null || when === null || directory.absences.length === 0) return why
  const seating = { directory, excluded, ...when }
  if (absenceOf(userId, seating) === undefined) return null
  return standInFor(userId, seating, new Set()) === null ? 'ABSENT' : null
}

/** A queue's item is claimed by a member, and whoever stands in for one who is away is none. */
const whyNotThere = (userId: string, { company, when }: Asking): ErrorCode | null =>
  when !== null && absenceOf(userId, { directory: company.directory, ...when }) !== undefined ? 'ABSENT' : null

export type Assigned = {
  readonly people: readonly string[]
  /** The one seat is the queue's: somebody of it will take it. */
  readonly queueId: string | null
  readonly excluded: readonly { readonly userId: string; readonly reason: ErrorCode }[]
  /** A condition that failed at run time. */
  readonly fault: string | null
}

/** Managers upwards: people who are not eligible are climbed past and do not count as a level; a circle ends the climb. */
const climb = (start: string, rule: Hierarchy, asking: Asking): Assigned => {
  const { company, version } = asking
  const people: string[] = []
  const passed: { userId: string; reason: ErrorCode }[] = []
  const seen = new Set([start])
  const until = rule.until === null ? undefined : version.managerConditions.get(rule.until)
  let at = company.directory.people.get(start)?.managerId ?? null
  while (at !== null && !seen.has(at)) {
    seen.add(at)
    const person = company.directory.people.get(at)
    const reason = whyNotAsked(at, asking)
    if (reason === null && person !== undefined) {
      people.push(at)
      if (rule.levels !== null && people.length >= rule.levels) break
      if (until !== undefined) {
        const result = until.evaluate(person, groupsOf(person, company.directory))
        if (!result.ok) return { people: [], queueId: null, excluded: passed, fault: result.message }
        if (result.value) break
      }
    } else if (reason !== null) passed.push({ userId: at, reason })
    at = person?.managerId ?? null
  }
  return { people: rule.take === 'LAST' ? people.slice(-1) : people, queueId: null, excluded: passed, fault: null }
}

export const groupsOf = (person: Pick<Person, 'id'>, directory: Directory): string[] =>
  [...directory.groups.values()].filter((g) => g.memberIds.includes(person.id)).map((g) => g.name)

const membersNamed = (assignee: Exclude<Assignee, { hierarchy: Hierarchy }>, asking: Asking): readonly string[] => {
  const { people, groups, queues } = asking.company.directory
  if ('users' in assignee) return assignee.users
  if ('group' in assignee) return [...groups.values()].find((g) => g.name === assignee.group)?.memberIds ?? []
  if ('queue' in assignee) return [...queues.values()].find((q) => q.name === assignee.queue)?.memberIds ?? []
  if ('role' in assignee) return [...people.values()].filter((p) => hasRole(p, assignee.role)).map((p) => p.id)
  switch (assignee.workflowUser) {
    case 'SUBMITTER':
      return [asking.submitterId]
    case 'OWNER':
      return [asking.ownerId]
    case 'PREVIOUS_APPROVER':
      return asking.previousIds()
    default:
      return assignee.workflowUser satisfies never
  }
}

/** The distinct eligible people of an assignment, in a stable order, or its queue; and who was passed over and why. */
export const assign = (assignee: Assignee, asking: Asking): Assigned => {
  if ('hierarchy' in assignee)
    return climb(assignee.hierarchy.startUserId ?? asking.submitterId, assignee.hierarchy, asking)
  const people: string[] = []
  const passed: { userId: string; reason: ErrorCode }[] = []
  for (const userId of new Set(membersNamed(assignee, asking))) {
    const reason = whyNotAsked(userId, asking) ?? ('queue' in assignee ? whyNotThere(userId, asking) : null)
    if (reason === null) people.push(userId)
    else passed.push({ userId, reason })
  }
  const found = { people, queueId: null, excluded: passed, fault: null }
  if (!('queue' in assignee) || people.length === 0) return found
  const queue = [...asking.company.directory.queues.values()].find((q) => q.name === assignee.queue)
  return { ...found, people: [], queueId: queue?.id ?? null }
}
