// When the system next has something to do about a proposal (DOMAIN sections 9 and 10), and what it will do.
import type { Directory } from './directory.ts'
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

type NameOf = (userId: string) => string | undefined
type Named = Pick<Directory, 'groups' | 'queues'>

const escalationSentence = (step: Step, level: number, nameOf: NameOf, { groups, queues }: Named): string => {
  const asksOneOf = (lists: Named['groups'] | Named['queues'], name: string): boolean =>
    [...lists.values()].some((list) => list.name === name && list.memberIds.some((id) => nameOf(id) !== undefined))
  for (const { to } of (step.escalation ?? []).slice(level)) {
    if ('group' in to) {
      if (asksOneOf(groups, to.group)) return `It goes to the group ${to.group}.`
      continue
    }
    if ('queue' in to) {
      if (asksOneOf(queues, to.queue)) return `It goes to the queue ${to.queue}.`
      continue
    }
    if (!('users' in to)) return 'It goes to the next of the escalation path.'
    const names = to.users.map(nameOf).filter((n) => n !== undefined)
    if (names.length > 0) return `It goes to ${names.join(', ')}.`
  }
  return finalSentence(step.finally)
}

/**
 * What the system does when an item falls due, as a sentence; null: it has no limit. `element`: the one that it belongs to; `nameOf`: of
 * whom the system would ask, undefined for whom it passes over.
 */
export const whenDue = (
  item: Pick<WorkItem, 'dueAt' | 'stepPath' | 'escalationLevel'>,
  element: Element | undefined,
  nameOf: NameOf,
  directory: Named,
): string | null => {
  if (item.dueAt === null || element === undefined) return null
  if ('approval' in element) {
    if (element.approval.timeLimit !== null)
      return element.approval.onTimeLimit === 'APPROVE' ? 'The system approves it.' : 'The system rejects it.'
    const step = element.approval.steps[Number(item.stepPath.slice(item.stepPath.lastIndexOf('.') + 1))]
    return step === undefined ? null : escalationSentence(step, item.escalationLevel, nameOf, directory)
  }
  const step = 'task' in element ? element.task.step : 'decision' in element ? element.decision.step : undefined
  return step === undefined ? null : escalationSentence(step, item.escalationLevel, nameOf, directory)
}
