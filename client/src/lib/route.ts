// Who stands where in a step of a route, and which of its elements' branches are worth showing.
import type { RouteBranch, RouteElement, RouteStep } from './documents/proposal-parts.ts'

type Answer = RouteStep['decisions'][number]
export type StepPerson = {
  id: string
  name: string
  /** What they answered, or somebody in their place, if it still counts. */
  answer: Answer | undefined
  asked: boolean
  /** Taken from this queue, or lying there. */
  queue: string | null
}

/** Each person and each queue of a step once, with the answer, or that they are asked. */
export const peopleOf = (step: RouteStep): StepPerson[] => {
  const named = new Map<string, string>()
  for (const { people, queue } of step.assignments) {
    for (const { id, name } of people) named.set(id, name)
    if (queue && people.length === 0) named.set(queue.id, queue.name)
  }
  // A stand-in's answer is that of the seat, not of one more person.
  const seatOf = ({ actor, onBehalfOf }: Answer) => (onBehalfOf && named.has(onBehalfOf.id) ? onBehalfOf : actor)
  for (const decision of step.decisions)
    if (decision.actor && seatOf(decision) === decision.actor) named.set(decision.actor.id, decision.actor.name)
  // Before it begins again, a step shows whom it will ask and not what an earlier run was answered.
  const begun = step.status !== 'TO_COME'
  return [...named].map(([id, name]) => {
    const seat = step.items.findLast(({ assignee, queue }) => (assignee ?? queue)?.id === id)
    return {
      id,
      name,
      answer: begun ? step.decisions.findLast((decision) => decision.live && seatOf(decision)?.id === id) : undefined,
      asked: seat?.status === 'OPEN',
      queue: seat?.queue && seat.queue.id !== id ? seat.queue.name : null,
    }
  })
}

/** What the system answered at a step, because its time ran out. */
export const answersBySystem = (step: RouteStep): Answer[] =>
  step.status === 'TO_COME' ? [] : step.decisions.filter(({ actor, live }) => live && actor === null)

/** Branches that the proposal takes or may still take, and those that it passes by. */
export const branchesOf = ({ branches = [] }: RouteElement): { shown: RouteBranch[]; untaken: RouteBranch[] } => {
  const { shown = [], untaken = [] } = Object.groupBy(branches, ({ taken }) => (taken === false ? 'untaken' : 'shown'))
  return { shown, untaken }
}
