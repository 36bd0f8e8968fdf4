// What a definition says in words: who is asked, by which rule, until when. The picture's lines and its whole text.
import type { Catalogue } from '../catalogue.ts'
import { messages } from '../messages.ts'
import { workflowWords as words } from '../words/workflows.ts'
import {
  kindOf,
  type Approval,
  type Assignee,
  type Assignment,
  type Branch,
  type Case,
  type Definition,
  type Element,
  type Step,
  type TimeLimit,
} from './definition.ts'
import { nameOf } from './names.ts'

/** What ids and fields are called. */
export type Names = { name: (id: string) => string | undefined; catalogue: Catalogue | undefined }
/** A line and what lies under it. */
export type Line = { text: string; lines: readonly Line[] }

const say = words.say

export const fieldLabel = (name: string, { catalogue }: Names): string => {
  const field = catalogue?.get(name)
  const [record, property] = name.split('.')
  if (!field) return name
  return property === undefined ? field.label : `${catalogue?.get(record ?? '')?.label ?? record}: ${field.label}`
}
export const fieldLabels = (fields: readonly string[], names: Names): string =>
  messages.people(fields.map((field) => fieldLabel(field, names)))

const someone = (id: string, { name }: Names) => name(id) ?? '…'

export const assigneeText = (to: Assignee, names: Names): string => {
  if ('users' in to)
    return to.users.length === 0 ? say.nobody : messages.people(to.users.map((id) => someone(id, names)))
  if ('group' in to) return to.group === '' ? say.nobody : say.group(to.group)
  if ('queue' in to) return to.queue === '' ? say.nobody : say.queue(to.queue)
  if ('role' in to) return words.roles[to.role].toLowerCase()
  if ('workflowUser' in to) return words.workflowUsers[to.workflowUser].toLowerCase()
  const { startUserId, levels, until, take } = to.hierarchy
  const how = [
    until === null ? say.levels(levels ?? 1) : say.until(until),
    ...(take === 'LAST' ? [say.last] : []),
  ].join(', ')
  return say.managers(startUserId === null ? say.submitter : someone(startUserId, names), how)
}

/** Does it ask one person, so that there is nothing to count? */
const isOne = (to: Assignee): boolean =>
  ('users' in to && to.users.length < 2) ||
  'queue' in to ||
  'workflowUser' in to ||
  ('hierarchy' in to && (to.hierarchy.take === 'LAST' || to.hierarchy.levels === 1))

const assignmentText = ({ to, policy, percent, quorum }: Assignment, names: Names): string => {
  const counted = policy === 'MAJORITY' || policy === 'PERCENT'
  const how = `${say.policy(policy, percent)}${counted && quorum === 'APPROVALS' ? say.approvalsCount : ''}`
  return isOne(to) ? assigneeText(to, names) : `${assigneeText(to, names)} (${how})`
}

export const limitText = ({ amount, unit, workingTime, calendar }: TimeLimit): string =>
  say.limit(amount, unit, workingTime, calendar)

/** Whom a step asks, each behind the first with how it goes together with those before. */
export const stepPeople = (step: Step, names: Names): string[] =>
  step.assign.map((one, index) =>
    index === 0
      ? assignmentText(one, names)
      : `${step.join === 'ALL' ? say.and : say.or} ${assignmentText(one, names)}`,
  )
export const stepAsks = (step: Step, names: Names): string => stepPeople(step, names).join(' ') || say.nobody

const finalText = (step: Step): string => {
  const action = step.finally
  if (action === null) return ''
  if ('verdict' in action) return words.form.finals.verdict[action.verdict]
  return 'task' in action ? words.form.finals.task[action.task] : words.form.finals.choice(action.choice)
}

/** What is said of a step behind who is asked: fields, condition, time. */
export const stepConditions = (step: Step, names: Names): string[] => [
  ...(step.guards === null ? [] : [say.guards(fieldLabels(step.guards, names))]),
  ...(step.when === null ? [] : [say.only(step.when)]),
]
export const stepTimes = (step: Step, names: Names): string[] => [
  ...(step.timeLimit === null ? [] : [say.within(limitText(step.timeLimit))]),
  ...(step.escalation ?? []).map(({ to, timeLimit }) => say.then(assigneeText(to, names), limitText(timeLimit))),
  ...(step.finally === null ? [] : [say.finally(finalText(step))]),
]

const stepLine = (step: Step, names: Names, only?: string): Line => ({
  text: [
    only === step.name ? say.asksOnly(stepAsks(step, names)) : `${step.name}: ${say.asks(stepAsks(step, names))}`,
    ...stepConditions(step, names),
    ...stepTimes(step, names),
  ].join(', '),
  lines: [
    ...(step.subject === null ? [] : [leaf(say.subject(step.subject))]),
    ...(step.instructions === null ? [] : [leaf(say.instructions(step.instructions))]),
  ],
})

/** What is said of an approval as a whole, where it is not as it mostly is. */
export const approvalNotes = ({ allow, partial, timeLimit, onTimeLimit, finalApproverId }: Approval, names: Names) => [
  ...(timeLimit === null
    ? []
    : [say.wholeLimit(limitText(timeLimit), onTimeLimit === null ? '…' : words.form.finals.verdict[onTimeLimit])]),
  ...(allow === null ? [] : [say.allow(messages.people(allow.map((action) => words.actions[action].toLowerCase())))]),
  ...(partial ? [say.partial] : []),
  ...(finalApproverId === null ? [] : [say.finalApprover(someone(finalApproverId, names))]),
]

/** A branch in one line: when it is taken, and what it holds. */
export const branchNote = (branch: Branch | Case | undefined): string => {
  if (!branch) return ''
  const held = branch.elements.map((element) => nameOf(element)).join(' → ') || words.picture.nothing
  return 'when' in branch ? `${say.case(branch.when)}: ${held}` : held
}

const leaf = (text: string): Line => ({ text, lines: [] })
const all = (elements: readonly Element[], names: Names): Line[] => elements.map((one) => elementLine(one, names))
const branches = (list: readonly { name: string; elements: readonly Element[] }[], names: Names): Line[] =>
  list.map(({ name, elements }) => ({ text: name, lines: all(elements, names) }))

const elementLine = (element: Element, names: Names): Line => {
  if ('approval' in element) {
    const { name, steps, automatic } = element.approval
    return {
      text: say.approval(name),
      lines: [
        ...approvalNotes(element.approval, names).map(leaf),
        ...(automatic ?? []).map(({ then, fields, when }) =>
          leaf(say.automatic(then, fieldLabels(fields, names), when)),
        ),
        ...steps.map((step) => stepLine(step, names, steps.length === 1 ? name : undefined)),
      ],
    }
  }
  if ('task' in element)
    return { text: say.task(element.task.name), lines: [stepLine(element.task.step, names, element.task.name)] }
  if ('decision' in element) {
    const { name, step, outcomes } = element.decision
    return { text: say.decision(name), lines: [stepLine(step, names, name), ...branches(outcomes, names)] }
  }
  if ('condition' in element) {
    const { name, cases } = element.condition
    const held = cases.map((one) => ({
      text: [one.name, say.case(one.when)].filter(Boolean).join(': '),
      lines: all(one.elements, names),
    }))
    const rest = element.condition.else
    return {
      text: say.condition(name),
      lines: [...held, ...(rest === null ? [] : [{ text: say.else, lines: all(rest, names) }])],
    }
  }
  if ('parallel' in element) {
    const { name } = element.parallel
    return {
      text: say.parallel(name, element.parallel.branches.length),
      lines: branches(element.parallel.branches, names),
    }
  }
  if ('automated' in element) {
    const { name, check, webhookId, outcomes } = element.automated
    const text =
      webhookId === null
        ? say.automated(name, check === null ? '…' : words.checks[check])
        : say.webhook(name, someone(webhookId, names))
    return { text, lines: branches(outcomes ?? [], names) }
  }
  return leaf(say.subworkflow(element.subworkflow.name, someone(element.subworkflow.workflowId, names)))
}

/** The whole definition as nested lines. */
export const textLines = (definition: Definition, names: Names): Line[] => all(definition.elements, names)

export const kindName = (element: Element): string => words.kinds[kindOf(element)].name
