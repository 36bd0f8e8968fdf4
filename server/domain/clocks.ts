// Limits that stand still: from a fault to the resume, and an element's own limit from the end of a run to the next one (DOMAIN section
// 10). What is left is noted when they stop, in the calendar that they run in then; a calendar that changes meanwhile takes nothing away.
import type { DomainEvent } from './events.ts'
import { elementOf } from './permit-item.ts'
import { seatData, type ElementFact, type Proposal, type Run, type StepFact, type WorkItem } from './proposal.ts'
import type { Context } from './state.ts'
import { calendarOf } from './workflow/calendar.ts'
import { stepsOf } from './workflow/compile.ts'
import type { TimeLimit } from './workflow/definition.ts'
import { dueWithLeft, leftOf } from './workflow/timing.ts'

type Setting = Pick<Context, 'company' | 'now' | 'runnable'>
type Asked = Extract<StepFact, { kind: 'ASKED' }>

/** The limit that an element has of its own; null: none, or it cannot be told any more. */
const limitOfElement = (run: Run, path: string, ctx: Setting): TimeLimit | null => {
  const element = elementOf(ctx, { runs: [run] }, { runId: run.id, elementPath: path })
  return element !== undefined && 'approval' in element ? element.approval.timeLimit : null
}

/** The limit of those who are asked in a step now: the step's, or that of an entry of its escalation path. */
const limitOfStep = (run: Run, stepPath: string, { level = 0 }: Asked, ctx: Setting): TimeLimit | null => {
  const [, elementPath = '', index] = /^(.*?)(?:\.step|\.steps\.(\d+))$/.exec(stepPath) ?? []
  const element = elementOf(ctx, { runs: [run] }, { runId: run.id, elementPath })
  const step = element === undefined ? undefined : stepsOf(element)[Number(index ?? 0)]
  return (level === 0 ? step?.timeLimit : step?.escalation?.[level - 1]?.timeLimit) ?? null
}

const calendar = (limit: TimeLimit, { company }: Setting) => calendarOf(limit.calendar, company.calendars)

type Fact = { readonly dueAt?: string | null; readonly left?: number | null }
const stopped = <T extends Fact>(fact: T, limit: TimeLimit | null, ctx: Setting): T =>
  limit === null || typeof fact.dueAt !== 'string'
    ? fact
    : { ...fact, left: leftOf(fact.dueAt, ctx.now, limit, calendar(limit, ctx)) }
const started = <T extends Fact>(fact: T, limit: TimeLimit | null, ctx: Setting): T => {
  const { left, ...rest } = fact
  if (left === undefined) return fact
  // Without `left` it is what it was: the type of a fact holds it as optional.
  const running = rest as T
  return limit === null ? running : { ...running, dueAt: dueWithLeft(ctx.now, left, limit, calendar(limit, ctx)) }
}

const isRunning = (fact: ElementFact): boolean =>
  fact.outcome === null && fact.timedOut === undefined && fact.left === undefined
const isAsking = (fact: StepFact): fact is Asked =>
  fact.kind === 'ASKED' && fact.outcome === null && fact.overdue !== true

const mapped = <T>(
  facts: Readonly<Record<string, T>>,
  map: (fact: T, path: string) => T,
): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(facts).map(([path, fact]) => [path, map(fact, path)]))

/** A run that ends, or is stopped: of its elements' own limits what is left is noted, unless they stand still already. */
export const withElementsStopped = (run: Run, ctx: Setting): Run => ({
  ...run,
  elements: mapped(run.elements, (fact, path) =>
    isRunning(fact) ? stopped(fact, limitOfElement(run, path, ctx), ctx) : fact,
  ),
})

type Moved = Pick<Proposal, 'runs' | 'items'> & { readonly events: readonly DomainEvent[] }

/** Gives open items of a run the due times that now hold for them. */
const moved = (proposal: Proposal, run: Run, dueOf: (item: WorkItem) => string | null | undefined): Moved => {
  const events: DomainEvent[] = []
  const items = proposal.items.map((item): WorkItem => {
    const dueAt = item.status === 'OPEN' && item.runId === run.id ? dueOf(item) : undefined
    if (dueAt === undefined || dueAt === item.dueAt) return item
    const data = { runId: run.id, ...seatData(item), from: item.dueAt, dueAt }
    events.push({ type: 'WorkItemDueChanged', proposalId: proposal.id, workItemId: item.id, actorId: null, data })
    return { ...item, dueAt, version: item.version + 1 }
  })
  return { runs: proposal.runs.map((r) => (r.id === run.id ? run : r)), items, events }
}

/** A fault: every limit of the run stands still, and nothing is due. */
export const stopClocks = (proposal: Proposal, run: Run, ctx: Setting): Moved => {
  const still: Run = {
    ...withElementsStopped(run, ctx),
    steps: mapped(run.steps, (fact, path) =>
      isAsking(fact) && fact.left === undefined ? stopped(fact, limitOfStep(run, path, fact, ctx), ctx) : fact,
    ),
  }
  return moved(proposal, still, (item) => (standsStill(still, item) ? null : undefined))
}

/** A resume: every limit goes on with what was left of it. */
export const startClocks = (proposal: Proposal, run: Run, ctx: Setting): Moved => {
  const going: Run = {
    ...run,
    elements: mapped(run.elements, (fact, path) => started(fact, limitOfElement(run, path, ctx), ctx)),
    steps: mapped(run.steps, (fact, path) =>
      fact.kind === 'ASKED' ? started(fact, limitOfStep(run, path, fact, ctx), ctx) : fact,
    ),
  }
  return moved(proposal, going, (item) => {
    if (!standsStill(run, item)) return undefined
    const step = going.steps[item.stepPath]
    const own = step?.kind === 'ASKED' ? step.dueAt : null
    return own ?? going.elements[item.elementPath]?.dueAt
  })
}

/** Does the time of an item stand still, by the facts of its run? */
export const standsStill = (
  run: Pick<Run, 'elements' | 'steps'>,
  { elementPath, stepPath }: Pick<WorkItem, 'elementPath' | 'stepPath'>,
): boolean => {
  const step = run.steps[stepPath]
  return (step?.kind === 'ASKED' && step.left !== undefined) || run.elements[elementPath]?.left !== undefined
}
