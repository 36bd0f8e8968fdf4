// Who stands where in a step of a route.
import type { Decision, RouteStep } from './documents/fragments.ts'

export type StepPerson = {
  id: string
  name: string
  /** What they answered, if it still counts. */
  answer: Pick<Decision, 'outcome'> | undefined
  asked: boolean
}

/** Each person of a step once, with their answer, or that they are asked. */
export const peopleOf = (step: RouteStep): StepPerson[] => {
  const named = new Map(step.assignments.flatMap(({ people }) => people).map(({ id, name }) => [id, name]))
  for (const { assignee } of step.items) if (assignee) named.set(assignee.id, assignee.name)
  for (const { actor } of step.decisions) if (actor) named.set(actor.id, actor.name)
  // Before it begins again, a step shows whom it will ask and not what an earlier run was answered.
  const begun = step.status !== 'TO_COME'
  return [...named].map(([id, name]) => ({
    id,
    name,
    answer: !begun ? undefined : step.decisions.findLast((decision) => decision.live && decision.actor?.id === id),
    asked: step.items.some(({ assignee, status }) => assignee?.id === id && status === 'OPEN'),
  }))
}
