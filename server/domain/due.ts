// When the system next has something to do about a proposal (DOMAIN sections 9 and 10), and what it will do.
import { earliest } from './instant.ts'
import { currentRun, type Proposal, type WorkItem } from './proposal.ts'
import type { Element, FinalAction, Step } from './workflow/definition.ts'

/** The next moment at which time alone changes something: a limit runs out, or the effective time comes. Null: never. */
export const nextDue = (proposal: Proposal): string | null => {
  if (proposal.status === 'SCHEDULED') return proposal.effectiveAt
  const run = currentRun(proposal)
  if (proposal.status !== 'PENDING' || run?.end !== null) return null
  const steps = Object.values(run.steps).map((fact) =>
    fact.kind === 'ASKED' && fact.outcome === null && fact.overdue !== true ? fact.dueAt : null,
  )
  const elements = Object.values(run.elements).map((fact) =>
    fact.outcome === null && fact.timedOut === undefined ? fact.dueAt : null,
  )
  return earliest([...steps, ...elements])
}

const finalSentence = (final: FinalAction | null): string => {
  if (final === null) return 'It stays open and is shown as overdue.'
  if ('choice' in final) return `The system chooses "${final.choice}".`
  if ('task' in final) return final.task === 'COMPLETE' ? 'The system completes it.' : 'The system returns it.'
  return final.verdict === 'APPROVE' ? 'The system approves it.' : 'The system rejects it.'
}

/** `nameOf`: of whom the system would ask; undefined for who may not answer, whom it passes over. */
const escalationSentence = (step: Step, level: number, nameOf: (userId: string) => string | undefined): string => {
  for (const { to } of (step.escalation ?? []).slice(level)) {
    if ('group' in to) return `It goes to the group ${to.group}.`
    if ('queue' in to) return `It goes to the queue ${to.queue}.`
    if (!('users' in to)) return 'It goes to the next of the escalation path.'
    const names = to.users.map(nameOf).filter((n) => n !== undefined)
    if (names.length > 0) return `It goes to ${names.join(', ')}.`
  }
  return finalSentence(step.finally)
}

/** What the system does when an item falls due, as a sentence; null: it has no limit. `element`: the one that it belongs to. */
export const whenDue = (
  item: Pick<WorkItem, 'dueAt' | 'stepPath' | 'escalationLevel'>,
  element: Element | undefined,
  nameOf: (userId: string) => string | undefined,
): string | null => {
  if (item.dueAt === null || element === undefined) return null
  if ('approval' in element) {
    if (element.approval.timeLimit !== null)
      return element.approval.onTimeLimit === 'APPROVE' ? 'The system approves it.' : 'The system rejects it.'
    const step = element.approval.steps[Number(item.stepPath.slice(item.stepPath.lastIndexOf('.') + 1))]
    return step === undefined ? null : escalationSentence(step, item.escalationLevel, nameOf)
  }
  const step = 'task' in element ? element.task.step : 'decision' in element ? element.decision.step : undefined
  return step === undefined ? null : escalationSentence(step, item.escalationLevel, nameOf)
}
