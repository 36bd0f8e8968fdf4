// Who may decide, and who is asked (DOMAIN sections 5 and 8). An unknown or inactive person is a refusal, never a pass.
import type { Company } from '../company.ts'
import { hasRole, type Directory, type Person } from '../directory.ts'
import type { ErrorCode } from '../errors.ts'
import type { Proposal } from '../proposal.ts'
import type { Assignee, Hierarchy } from './definition.ts'
import type { RunnableVersion, WorkflowVersion } from './workflow.ts'

/**
 * Everybody who had a hand in the content or in the rules: whoever added, replaced or rebased a change or submitted, in any
 * revision; who is responsible for a service account that did; who saved or activated the workflow version that runs.
 */
export const excludedFrom = (
  proposal: Pick<Proposal, 'involved'>,
  version: Pick<WorkflowVersion, 'createdById' | 'activatedByIds'>,
  directory: Directory,
  parameters: { readonly authorsMayNotApprove: boolean },
): ReadonlySet<string> => {
  const excluded = new Set<string>()
  if (!parameters.authorsMayNotApprove) return excluded
  const add = (userId: string): void => {
    excluded.add(userId)
    const responsible = directory.people.get(userId)?.responsibleId
    if (typeof responsible === 'string') excluded.add(responsible)
  }
  for (const { userId } of proposal.involved) add(userId)
  add(version.createdById)
  for (const userId of version.activatedByIds) add(userId)
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

export type Assigned = {
  readonly people: readonly string[]
  readonly excluded: readonly { readonly userId: string; readonly reason: ErrorCode }[]
  /** A condition that failed at run time. */
  readonly fault: string | null
}

/** Managers upwards: people who are not eligible are climbed past and do not count as a level; a circle ends the climb. */
const climb = (
  start: string,
  rule: Hierarchy,
  version: RunnableVersion,
  excluded: ReadonlySet<string>,
  company: Company,
): Assigned => {
  const people: string[] = []
  const passed: { userId: string; reason: ErrorCode }[] = []
  const seen = new Set([start])
  const until = rule.until === null ? undefined : version.managerConditions.get(rule.until)
  let at = company.directory.people.get(start)?.managerId ?? null
  while (at !== null && !seen.has(at)) {
    seen.add(at)
    const person = company.directory.people.get(at)
    const reason = whyNotEligible(at, excluded, company.directory)
    if (reason === null && person !== undefined) {
      people.push(at)
      if (rule.levels !== null && people.length >= rule.levels) break
      if (until !== undefined) {
        const result = until.evaluate(person, groupsOf(person, company.directory))
        if (!result.ok) return { people: [], excluded: passed, fault: result.message }
        if (result.value) break
      }
    } else if (reason !== null) passed.push({ userId: at, reason })
    at = person?.managerId ?? null
  }
  return { people: rule.take === 'LAST' ? people.slice(-1) : people, excluded: passed, fault: null }
}

export const groupsOf = (person: Pick<Person, 'id'>, directory: Directory): string[] =>
  [...directory.groups.values()].filter((g) => g.memberIds.includes(person.id)).map((g) => g.name)

const membersNamed = (assignee: Assignee, company: Company): readonly string[] => {
  if ('users' in assignee) return assignee.users
  if ('group' in assignee)
    return [...company.directory.groups.values()].find((g) => g.name === assignee.group)?.memberIds ?? []
  if ('role' in assignee)
    return [...company.directory.people.values()].filter((p) => hasRole(p, assignee.role)).map((p) => p.id)
  // The rest is refused when a workflow is saved; a definition that gets here all the same asks nobody.
  return []
}

/** The distinct eligible people of an assignment, in a stable order, and who was passed over and why. */
export const assign = (
  assignee: Assignee,
  submitterId: string,
  version: RunnableVersion,
  excluded: ReadonlySet<string>,
  company: Company,
): Assigned => {
  if ('hierarchy' in assignee) {
    return climb(assignee.hierarchy.startUserId ?? submitterId, assignee.hierarchy, version, excluded, company)
  }
  const people: string[] = []
  const passed: { userId: string; reason: ErrorCode }[] = []
  for (const userId of new Set(membersNamed(assignee, company))) {
    const reason = whyNotEligible(userId, excluded, company.directory)
    if (reason === null) people.push(userId)
    else passed.push({ userId, reason })
  }
  return { people, excluded: passed, fault: null }
}
