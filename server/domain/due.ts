// When the system next has something to do about a proposal (DOMAIN sections 9 and 10), and what it will do.
import { standsStill } from './clocks.ts'
import type { Company } from './company.ts'
import { earliest } from './instant.ts'
import type { Asking } from './permit.ts'
import { elementOf, sameStep, seatingOf, versionAt } from './permit-item.ts'
import { currentRun, type Proposal, type WorkItem } from './proposal.ts'
import { stepsOf } from './workflow/compile.ts'
import type { Assignee, FinalAction, Step } from './workflow/definition.ts'
import { assign, type Assigned } from './workflow/eligibility.ts'

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

/** Whom an entry of an escalation path would ask now, as the clock would; null: nobody can tell, the version is not there any more. */
const askedBy = (ctx: Asking, proposal: Proposal, item: WorkItem): ((to: Assignee) => Assigned) | null => {
  const seating = seatingOf(ctx, proposal, item)
  const run = proposal.runs.find((r) => r.id === item.runId)
  const version = versionAt(ctx, proposal, item)?.version
  if (seating === null || run === undefined || version === undefined) return null
  const { excluded, workflowId, now } = seating
  const asking = {
    ...{ company: ctx.company, version, excluded, when: { workflowId, now } },
    submitterId: run.submittedById,
    ownerId: version.settings.ownerId,
    previousIds: () => [],
    // Nobody is asked twice.
    answeredIds: sameStep(proposal, item).flatMap((i) => (i.status === 'DECIDED' ? (i.decidedById ?? []) : [])),
  }
  return (to) => assign(to, asking)
}

const goesTo = (to: Assignee, people: readonly string[], { directory }: Company): string => {
  if ('group' in to) return `It goes to the group ${to.group}.`
  if ('queue' in to) return `It goes to the queue ${to.queue}.`
  if ('role' in to) return `It goes to everybody with the role ${to.role.toLowerCase()}.`
  return `It goes to ${people.map((id) => directory.people.get(id)?.name ?? '').join(', ')}.`
}

const escalationSentence = (step: Step, level: number, asked: (to: Assignee) => Assigned, company: Company): string => {
  const path = step.escalation ?? []
  const entry = path[level]
  if (entry === undefined) return finalSentence(step.finally)
  const after = (): string => escalationSentence(step, level + 1, asked, company)
  if ('workflowUser' in entry.to && entry.to.workflowUser === 'PREVIOUS_APPROVER') {
    const then = after()
    return `It goes to whoever approved at the step before; if they may not answer: ${then.charAt(0).toLowerCase()}${then.slice(1)}`
  }
  const { people, queueId, fault } = asked(entry.to)
  if (fault !== null) return 'The run is stopped by an error: the condition of the hierarchy that is asked next fails.'
  return people.length === 0 && queueId === null ? after() : goesTo(entry.to, people, company)
}

/** What the system does when an open item falls due, as a sentence that names whom it would ask now; null: it has no limit. */
export const whenDue = (ctx: Asking, proposal: Proposal, item: WorkItem): string | null => {
  const run = proposal.runs.find((r) => r.id === item.runId)
  if (item.status !== 'OPEN' || run === undefined) return null
  if (proposal.status === 'FAULTED' && standsStill(run, item))
    return 'Its time stands still: the run is stopped by an error, and goes on when an administrator resumes it.'
  const element = elementOf(ctx, proposal, item)
  if (item.dueAt === null || element === undefined) return null
  if ('approval' in element && element.approval.timeLimit !== null)
    return element.approval.onTimeLimit === 'APPROVE' ? 'The system approves it.' : 'The system rejects it.'
  const index = 'approval' in element ? Number(item.stepPath.slice(item.stepPath.lastIndexOf('.') + 1)) : 0
  const step = stepsOf(element)[index]
  const asked = askedBy(ctx, proposal, item)
  return step === undefined || asked === null
    ? null
    : escalationSentence(step, item.escalationLevel, asked, ctx.company)
}
