// What can be wrong with a step of an approval: whom it names, what it guards, when it is asked.
import type { Company } from '../company.ts'
import type { Person } from '../directory.ts'
import { catalogue, findField } from '../fields.ts'
import { compileCondition, compileManagerCondition } from './conditions.ts'
import type { Assignee, Assignment, Hierarchy, Step } from './definition.ts'
import { assign } from './eligibility.ts'
import { didYouMean } from './nearest.ts'
import { knownPlaceholders, unknownPlaceholders } from './placeholders.ts'
import type { RunnableVersion, WorkflowProblem } from './workflow.ts'

/** Collects problems under a path. */
export type Report = {
  readonly at: (...inside: readonly (string | number)[]) => Report
  readonly error: (message: string) => void
  readonly warning: (message: string) => void
}
export const reportInto = (problems: WorkflowProblem[], path = ''): Report => ({
  at: (...inside) => reportInto(problems, [path, ...inside].filter((part) => part !== '').join('.')),
  error: (message) => problems.push({ path, severity: 'ERROR', message }),
  warning: (message) => problems.push({ path, severity: 'WARNING', message }),
})

/** What the whole tree may say but nothing runs yet. */
export const doesNotRun = (report: Report, what: string): void => report.error(`${what} does not run yet; remove it.`)

/** The second of two names in one list is where the problem is shown. */
export const checkNames = (
  report: Report,
  what: string,
  names: readonly string[],
  place: (index: number) => readonly (string | number)[],
): void => {
  names.forEach((name, index) => {
    if (names.indexOf(name) < index)
      report.at(...place(index)).warning(`Another ${what} is called "${name}" too; give each a name of its own.`)
  })
}

export const checkCondition = (report: Report, expression: string): void => {
  const compiled = compileCondition(expression)
  if (!compiled.ok) report.error(compiled.message)
}

export const checkFields = (report: Report, fields: readonly string[]): void => {
  fields.forEach((field, index) => {
    if (findField(field) !== undefined) return
    const hint = didYouMean(
      field,
      catalogue.map(({ name }) => name),
      '; use names of the field catalogue such as creditLimit or bankAccounts.',
    )
    report.at(index).error(`There is no field "${field}"${hint}`)
  })
}

/** A person who is to decide: a member of the company who is active. */
export const checkPerson = (report: Report, userId: string, company: Company): Person | undefined => {
  const person = company.directory.people.get(userId)
  if (person === undefined) report.error(`This person is not a member of ${company.code}; name a member.`)
  else if (!person.active) report.error(`${person.name} is not active any more; name somebody else.`)
  else return person
  return undefined
}

const checkHierarchy = (report: Report, rule: Hierarchy, company: Company): boolean => {
  let sound = true
  const wrong = (inside: string, message: string): void => {
    report.at(inside).error(message)
    sound = false
  }
  if (rule.levels === null && rule.until === null) {
    report.error('The hierarchy has no end; give the number of levels, or a condition that ends it (until).')
    sound = false
  }
  if (rule.levels !== null && rule.levels < 1) wrong('levels', 'Give at least 1 level.')
  if (rule.until !== null) {
    const compiled = compileManagerCondition(rule.until)
    if (!compiled.ok) wrong('until', compiled.message)
  }
  if (rule.startUserId !== null && checkPerson(report.at('startUserId'), rule.startUserId, company) === undefined)
    sound = false
  return sound
}

/** Reports what is wrong with the assignee itself; false when something is, so that it need not be expanded. */
const checkAssignee = (report: Report, to: Assignee, company: Company): boolean => {
  if ('users' in to) {
    if (to.users.length === 0) report.at('users').error('This names nobody; add at least one person.')
    const known = to.users.map((userId, index) => checkPerson(report.at('users', index), userId, company))
    return known.length > 0 && known.every((person) => person !== undefined)
  }
  if ('group' in to) {
    const groups = [...company.directory.groups.values()].map(({ name }) => name)
    if (groups.includes(to.group)) return true
    const hint = didYouMean(
      to.group,
      groups,
      groups.length > 0 ? `; use one of ${groups.join(', ')}.` : '; make the group first.',
    )
    report.at('group').error(`There is no group "${to.group}"${hint}`)
    return false
  }
  if ('role' in to) return true
  if ('hierarchy' in to) return checkHierarchy(report.at('hierarchy'), to.hierarchy, company)
  if ('queue' in to) doesNotRun(report.at('queue'), 'Assigning to a queue')
  else doesNotRun(report.at('workflowUser'), 'Assigning to a workflow user')
  return false
}

const nobody = (to: Assignee): string => {
  if ('group' in to)
    return `The group "${to.group}" has no active member who can decide; add one, or name another group.`
  if ('role' in to) return `Nobody active who can decide has the role ${to.role}; give it to somebody, or name people.`
  if ('hierarchy' in to) return 'Above this person there is no manager who can decide; name another start, or people.'
  return 'Nobody here can decide: an auditor decides nothing. Name somebody else.'
}

const checkAssignment = (
  report: Report,
  assignment: Assignment,
  version: RunnableVersion,
  company: Company,
  makers: ReadonlySet<string>,
): void => {
  const { to, policy, percent } = assignment
  if (policy === 'PERCENT' && (percent === null || percent < 1 || percent > 100)) {
    report.at('percent').error('Give a per cent from 1 to 100 with the policy PERCENT.')
  }
  if (policy !== 'PERCENT' && percent !== null) {
    report.at('percent').error(`The policy ${policy} takes no per cent; remove it, or use the policy PERCENT.`)
  }
  const target = report.at('to')
  if (!checkAssignee(target, to, company)) return
  // From the submitter upwards is known only at the submit, where it is checked again.
  if ('hierarchy' in to && to.hierarchy.startUserId === null) return
  const { people, fault } = assign(to, '', version, makers, company)
  if (fault !== null) target.at('hierarchy', 'until').error(fault)
  else if (people.length === 0) target.error(nobody(to))
}

/** `makers`: who saves or activates the workflow, and so may not decide in it. */
export const checkStep = (
  report: Report,
  step: Step,
  version: RunnableVersion,
  company: Company,
  makers: ReadonlySet<string>,
): void => {
  for (const member of ['subject', 'instructions'] as const) {
    for (const placeholder of unknownPlaceholders(step[member] ?? '')) {
      const hint = didYouMean(
        placeholder,
        knownPlaceholders,
        '; use e.g. {{proposed.creditLimit}} or {{submitter.name}}.',
      )
      report.at(member).error(`There is no placeholder "{{${placeholder}}}"${hint}`)
    }
  }
  if (step.guards?.length === 0)
    report.at('guards').error('This guards no field; name the fields, or leave guards out for all of them.')
  checkFields(report.at('guards'), step.guards ?? [])
  if (step.when !== null) checkCondition(report.at('when'), step.when)
  if (step.assign.length === 0) report.at('assign').error('The step names nobody; add an assignment.')
  step.assign.forEach((assignment, index) =>
    checkAssignment(report.at('assign', index), assignment, version, company, makers),
  )
  if (step.timeLimit !== null) doesNotRun(report.at('timeLimit'), 'A time limit')
  if (step.escalation !== null) doesNotRun(report.at('escalation'), 'An escalation path')
  if (step.finally !== null) doesNotRun(report.at('finally'), 'A final action')
}
