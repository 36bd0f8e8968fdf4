// What can be wrong with who is asked: unknown names, and nobody who may answer (DOMAIN sections 5 and 8).
import type { Assignee, Assignment, Hierarchy } from './definition.ts'
import { assign, whyNotEligible, type Assigned } from './eligibility.ts'
import { didYouMean } from './nearest.ts'
import { checkPerson, type Report, type Setting } from './validate-report.ts'
import type { RunnableVersion } from './workflow.ts'

/** Where people are asked: a task is open to those who may not decide, and somebody may have approved before or not. */
export type Asked = {
  readonly setting: Setting
  readonly kind: 'approval' | 'task' | 'decision'
  /** Can an approval have come before it? */
  readonly previous: boolean
}

const excludedFor = (kind: Asked['kind'], setting: Setting): ReadonlySet<string> =>
  kind === 'task' ? new Set() : setting.makers

/** Who would be asked if nobody were away; null where only the submit shows it. */
export const askedBy = (
  to: Assignee,
  kind: Asked['kind'],
  setting: Setting,
  managerConditions = setting.managerConditions,
): Assigned | null => {
  if ('workflowUser' in to || ('hierarchy' in to && to.hierarchy.startUserId === null)) return null
  const { company, self } = setting
  const nothing = new Map<string, never>()
  const version: RunnableVersion = {
    workflowId: '',
    version: 0,
    definition: { elements: [] },
    settings: { name: '', rank: 0, isDefault: false, activation: null, ownerId: self.ownerId },
    note: null,
    createdById: '',
    createdAt: '',
    activatedByIds: [],
    conditions: nothing,
    managerConditions,
    elementHashes: nothing,
    elements: nothing,
  }
  return assign(to, {
    company,
    version,
    submitterId: '',
    ownerId: self.ownerId,
    previousIds: () => [],
    excluded: excludedFor(kind, setting),
    answeredIds: [],
    when: null,
  })
}

/** Does an assignment that names somebody leave nobody to answer? */
export const asksNobody = (asked: Assigned): boolean =>
  asked.fault === null && asked.people.length === 0 && asked.queueId === null

const checkHierarchy = (report: Report, rule: Hierarchy, setting: Setting): boolean => {
  let sound = true
  const wrong = (inside: string, message: string): void => {
    report.at(inside).error(message)
    sound = false
  }
  if (rule.levels === null && rule.until === null)
    wrong('', 'The hierarchy has no end; give the number of levels, or a condition that ends it (until).')
  if (rule.levels !== null && rule.levels < 1) wrong('levels', 'Give at least 1 level.')
  const fault = rule.until === null ? null : setting.managerConditionFault(rule.until)
  if (fault !== null) wrong('until', fault)
  const { startUserId } = rule
  if (startUserId !== null && checkPerson(report.at('startUserId'), startUserId, setting.company) === undefined)
    sound = false
  return sound
}

const checkNamed = (report: Report, what: 'group' | 'queue', name: string, known: readonly string[]): boolean => {
  if (known.includes(name)) return true
  const others = known.length > 0 ? `; use one of ${known.join(', ')}.` : `; make the ${what} first.`
  report.at(what).error(`There is no ${what} "${name}"${didYouMean(name, known, others)}`)
  return false
}

/** Reports what is wrong with the assignee itself; false when something is, so that nobody need be looked for. */
const checkAssignee = (report: Report, to: Assignee, setting: Setting): boolean => {
  const { company } = setting
  if ('users' in to) {
    if (to.users.length === 0) report.at('users').error('This names nobody; add at least one person.')
    const known = to.users.map((userId, index) => checkPerson(report.at('users', index), userId, company))
    return known.length > 0 && known.every((person) => person !== undefined)
  }
  if ('group' in to) {
    const groups = [...company.directory.groups.values()]
    return checkNamed(
      report,
      'group',
      to.group,
      groups.map(({ name }) => name),
    )
  }
  if ('queue' in to) {
    const queues = [...company.directory.queues.values()]
    const names = queues.map(({ name }) => name)
    if (!checkNamed(report, 'queue', to.queue, names)) return false
    if (queues.some((q) => q.name === to.queue && q.memberIds.length > 0)) return true
    report.error(`The queue "${to.queue}" has no members; add one, or name another queue.`)
    return false
  }
  return 'hierarchy' in to ? checkHierarchy(report.at('hierarchy'), to.hierarchy, setting) : true
}

const nobody = (to: Assignee, kind: Asked['kind']): string => {
  const may = kind === 'task' ? 'may be asked' : 'can decide'
  if ('group' in to) return `The group "${to.group}" has no active member who ${may}; add one, or name another group.`
  if ('queue' in to) return `The queue "${to.queue}" has no active member who ${may}; add one, or name another queue.`
  if ('role' in to) return `Nobody active who ${may} has the role ${to.role}; give it to somebody, or name people.`
  if ('hierarchy' in to) return `Above this person there is no manager who ${may}; name another start, or people.`
  return kind === 'task'
    ? 'Nobody here may be asked: an auditor only reads. Name somebody else.'
    : 'Nobody here can decide: an auditor decides nothing, nor does who saves or activates the workflow. Name somebody else.'
}

const checkWorkflowUser = (report: Report, user: string, { setting, kind, previous }: Asked): void => {
  const { company, self } = setting
  if (user === 'SUBMITTER' && kind !== 'task' && company.parameters.authorsMayNotApprove)
    report.error('The submitter is an author and may never decide; name somebody else, or make it a task.')
  if (user === 'OWNER') {
    const why = whyNotEligible(self.ownerId, excludedFor(kind, setting), company.directory)
    // An owner who is not there is told of once, as the owner.
    if (why === 'IS_AUTHOR' || why === 'NOT_PERMITTED')
      report.error(
        "The workflow's owner may not decide in it (they save or activate it, or their roles do not let them); name somebody else, or another owner.",
      )
  }
  if (user === 'PREVIOUS_APPROVER' && !previous)
    report.warning(
      'No approval can come before this, so that there is no previous approver; put an approval before it, or name somebody.',
    )
}

/** Everything that is wrong with an assignee (DOMAIN section 5): of an assignment, or of an escalation path. */
export const checkAsked = (report: Report, to: Assignee, asked: Asked): void => {
  if (!checkAssignee(report, to, asked.setting)) return
  if ('workflowUser' in to) return checkWorkflowUser(report.at('workflowUser'), to.workflowUser, asked)
  // From the submitter upwards is known only at the submit, where it is checked again.
  const found = askedBy(to, asked.kind, asked.setting)
  if (found === null) return
  if (found.fault !== null) report.at('hierarchy', 'until').error(found.fault)
  else if (asksNobody(found)) report.error(nobody(to, asked.kind))
}

export const checkAssignment = (report: Report, { to, policy, percent }: Assignment, asked: Asked): void => {
  if (asked.kind === 'decision' && policy !== 'SINGLE')
    report
      .at('policy')
      .error(`A decision is made by one answer, so that it cannot take the policy ${policy}; use SINGLE.`)
  else if (policy === 'PERCENT' && (percent === null || percent < 1 || percent > 100))
    report.at('percent').error('Give a per cent from 1 to 100 with the policy PERCENT.')
  else if (policy !== 'PERCENT' && percent !== null)
    report.at('percent').error(`The policy ${policy} takes no per cent; remove it, or use the policy PERCENT.`)
  checkAsked(report.at('to'), to, asked)
}
