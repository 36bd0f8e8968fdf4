// Who stands where in a step of a route, and which of its elements' branches are worth showing.
import type { Decision, OpenItem, RouteBranch, RouteElement, RouteStep } from './documents/proposal-parts.ts'
import { messages } from './messages.ts'
import { runWords } from './words/runs.ts'

type Answer = RouteStep['decisions'][number]
export type StepPerson = {
  id: string
  name: string
  /** What they answered, or somebody in their place, if it still counts. */
  answer: Answer | undefined
  asked: boolean
  /** Their work item, if there is one. */
  item: string | null
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
      item: seat?.id ?? null,
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

/** What is known of answers and of seats that are still asked, by their ids: when, and until when. */
export type RouteDetails = {
  decisions: ReadonlyMap<string, Decision>
  items: ReadonlyMap<string, OpenItem>
}

type Detailed = { decisions: readonly Decision[] | null; workItems: readonly OpenItem[] | null }
const byId = <T extends { id: string }>(all: readonly T[] | null): ReadonlyMap<string, T> =>
  new Map((all ?? []).map((one) => [one.id, one]))

export const detailsOf = (proposal: Detailed | undefined): RouteDetails => ({
  decisions: byId(proposal?.decisions ?? null),
  items: byId(proposal?.workItems ?? null),
})

const passed: readonly RouteElement['status'][] = ['APPROVED', 'DONE', 'KEPT']

/** The element that is asked once what runs now is done. */
export const nextOf = (route: readonly RouteElement[]): RouteElement | undefined =>
  route.find(({ status }) => status === 'TO_COME')

/** The picture in a sentence: how far it is, who is asked now, what comes next. */
export const summaryOf = (route: readonly RouteElement[]): string => {
  const counted = route.filter(({ status }) => status !== 'SKIPPED')
  const running = counted.filter(({ status }) => status === 'RUNNING')
  const asked = running.flatMap(({ steps }) => steps.flatMap(peopleOf)).flatMap((one) => (one.asked ? [one.name] : []))
  const next = nextOf(route)
  return [
    runWords.done(counted.filter(({ status }) => passed.includes(status)).length, counted.length),
    ...(running.length > 0
      ? [
          runWords.nowAsks(
            running.map(({ name }) => name),
            messages.people(asked),
          ),
        ]
      : []),
    ...(next ? [runWords.nextIs(next.name)] : []),
  ].join(' ')
}
