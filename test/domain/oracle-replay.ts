// What of earlier answers still holds when a proposal is submitted again (DOMAIN section 6), written a second time: from the decisions,
// how the runs ended, and the log of what was done. It knows nothing of the facts that the interpreter keeps.
import type { DomainEvent } from '../../server/domain/events.ts'
import type { ChangeRef, Decision, Proposal } from '../../server/domain/proposal.ts'
import type { Life } from './life.ts'
import { elementAt, keyOf, survives } from './oracle.ts'

/** Elements that a run had begun, and had done, by run: from the log. */
export class Progress {
  readonly #begun = new Map<string, Set<string>>()
  readonly #done = new Map<string, Set<string>>()
  /** The queue that an item was moved from first. */
  readonly #first = new Map<string, string>()

  follow(events: readonly DomainEvent[]): void {
    const add = (to: Map<string, Set<string>>, runId: unknown, path: unknown): void => {
      to.set(runId as string, (to.get(runId as string) ?? new Set()).add(path as string))
    }
    for (const { type, data, workItemId } of events) {
      if (type === 'WorkItemMoved' && typeof workItemId === 'string' && !this.#first.has(workItemId))
        this.#first.set(workItemId, data.fromQueueId as string)
      if (type === 'ElementStarted') add(this.#begun, data.runId, data.path)
      if (['ElementCompleted', 'ElementKept', 'ElementSkipped'].includes(type)) add(this.#done, data.runId, data.path)
    }
  }
  /** Had the run come into this element without an end to it? A choice is an end: what it leads to stands for itself. */
  wasRunning(life: Life, proposal: Proposal, runId: string, path: string): boolean {
    if (this.#begun.get(runId)?.has(path) !== true || this.#done.get(runId)?.has(path) === true) return false
    // A choice that the run went by: something inside of an outcome has begun.
    const run = proposal.runs.find((r) => r.id === runId)
    const element = run === undefined ? undefined : elementAt(life, run, path)
    const inside = [...(this.#begun.get(runId) ?? [])].some((other) => other.startsWith(`${path}.outcomes.`))
    return !(element !== undefined && 'decision' in element && inside)
  }
  firstQueueOf(itemId: string | undefined): string | undefined {
    return this.#first.get(itemId ?? '')
  }
  isDone(runId: string, path: string): boolean {
    return this.#done.get(runId)?.has(path) === true
  }
}

/** An answer, and at whose seat or which queue's it was given, through whatever hands that went. */
export type Held = { readonly decision: Decision; readonly seat: string | null }

/** The answers of people that a new run finds for a step that asks about `changes`, of each seat the latest. */
export const stillHolds = (
  life: Life,
  progress: Progress,
  proposal: Proposal,
  stepPath: string,
  changes: readonly ChangeRef[],
  excluded: ReadonlySet<string>,
): Held[] => {
  const refused = new Map(proposal.changes.filter((c) => c.refusal !== null).map((c) => [c.id, c.digest]))
  const holding = proposal.decisions.filter((d) => {
    if (d.stepPath !== stepPath || d.automatic || d.actorId === null || d.outcome === 'CHANGE_REQUESTED') return false
    if (excluded.has(d.actorId) && d.outcome !== 'COMPLETED' && d.outcome !== 'RETURNED') return false
    if (!survives(life, proposal, d)) return false
    // An end by a reject or a return takes along what was still running beside it.
    const since = proposal.runs.slice(proposal.runs.findIndex((r) => r.id === d.runId))
    const against = since.filter((r) => r.end?.how === 'REJECTED' || r.end?.how === 'CHANGES_REQUESTED')
    if (against.some((r) => progress.wasRunning(life, proposal, r.id, d.elementPath))) return false
    const given = d.changes.filter((c) => refused.get(c.id) !== c.digest)
    if (d.outcome === 'COMPLETED' || d.outcome === 'RETURNED' || d.outcome === 'CHOSEN') {
      const all = new Map(d.changes.map((c) => [c.id, c.digest]))
      return changes.every((c) => all.get(c.id) === c.digest)
    }
    return keyOf(given) === keyOf(changes) && (proposal.effectiveAt ?? '') >= (d.effectiveAt ?? '')
  })
  const held = holding.map((decision): [string | null, Held] => {
    const item = proposal.items.find((i) => i.id === decision.workItemId)
    const seat = progress.firstQueueOf(item?.id) ?? item?.queueId ?? item?.heldByIds[0] ?? item?.assigneeId ?? null
    return [seat, { decision, seat }]
  })
  return [...new Map(held).values()]
}
