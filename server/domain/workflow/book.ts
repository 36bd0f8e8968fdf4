// What a walk through a workflow writes down: facts, items, decisions and events, beside the scene that it walks in.
import type { Company } from '../company.ts'
import type { Customer } from '../customer.ts'
import type { ErrorCode, Problem } from '../errors.ts'
import type { DomainEvent } from '../events.ts'
import {
  liveChanges,
  seatData,
  type Change,
  type Decision,
  type ElementFact,
  type Proposal,
  type Run,
  type StepFact,
  type WorkItem,
} from '../proposal.ts'
import { isBefore } from '../instant.ts'
import { project } from '../record.ts'
import { carriedVotes, refusedOf, type Carried } from './carry.ts'
import type { CompiledCondition, ConditionInput } from './conditions.ts'
import { excludedFrom, groupsOf, type Asking } from './eligibility.ts'
import type { Fallback } from './seats.ts'
import type { RunnableVersion } from './workflow.ts'

export type Scene = {
  readonly proposal: Proposal
  readonly run: Run
  readonly customer: Customer
  readonly company: Company
  readonly version: RunnableVersion
  /** Versions of subworkflows that the run has pinned. */
  readonly runnable: (workflowId: string, version: number) => RunnableVersion | undefined
  readonly now: string
  readonly newId: () => string
  /** Accounts of other customers with the tax number that this one would have. */
  readonly sameTaxNumber: readonly string[]
}

/** A step in which somebody had to be asked in place of whom the step names; what submit and blockers look at. */
export type FellBack = { readonly stepPath: string; readonly step: string; readonly to: Fallback }

export type Progress =
  | { readonly kind: 'WAITING' }
  | { readonly kind: 'APPROVED' }
  | { readonly kind: 'REJECTED'; readonly elementPath: string }
  | { readonly kind: 'FAULTED'; readonly fault: Problem }

/** Ends a walk from wherever it is; never seen outside of it. */
export class Stop extends Error {
  readonly progress: Progress
  constructor(progress: Progress) {
    super(progress.kind)
    this.progress = progress
  }
}

/** The version whose elements are walked: the run's own, or a subworkflow's. */
export type Frame = {
  readonly version: RunnableVersion
  /** The approval step that was asked last before here, in the order of the definition. */
  lastStep: string | null
}

const nobody: ReadonlySet<string> = new Set()

export const isDue = (book: Pick<Book, 'scene'>, dueAt: string | null | undefined): boolean =>
  typeof dueAt === 'string' && !isBefore(book.scene.now, dueAt)

/** Every version that a run may come through: its own and those of its subworkflows. */
export const versionsOf = ({
  run,
  version,
  runnable,
}: Pick<Scene, 'run' | 'version' | 'runnable'>): RunnableVersion[] => [
  version,
  ...Object.entries(run.pinned).flatMap(([workflowId, number]) => runnable(workflowId, number) ?? []),
]

export class Book {
  readonly scene: Scene
  /** Takes every question that waits for approved, to see the whole route; nothing of it is recorded. */
  readonly assume: boolean
  readonly elements: Record<string, ElementFact>
  readonly steps: Record<string, StepFact>
  readonly items: WorkItem[]
  readonly decisions: Decision[]
  readonly events: DomainEvent[] = []
  readonly fellBack: FellBack[] = []
  readonly changes: readonly Change[]
  #excluded: ReadonlySet<string> | undefined
  waiting = false
  /** Inside of a branch that may not be taken: who is missing there does not stop a submit. */
  unsure = 0
  #votes: ReadonlyMap<string, Carried> | undefined
  #input: ConditionInput | undefined
  #refused: ReadonlyMap<string, string> | undefined

  constructor(scene: Scene, assume: boolean) {
    this.scene = scene
    this.assume = assume
    this.elements = { ...scene.run.elements }
    this.steps = { ...scene.run.steps }
    this.items = [...scene.proposal.items]
    this.decisions = [...scene.proposal.decisions]
    this.changes = liveChanges(scene.proposal)
  }

  /** Who may not answer: authors may do tasks. */
  excluded(kind: 'APPROVAL' | 'TASK' | 'DECISION'): ReadonlySet<string> {
    if (kind === 'TASK') return nobody
    const { proposal, company, run } = this.scene
    return (this.#excluded ??= excludedFrom(proposal, versionsOf(this.scene), company.directory, run.parameters))
  }

  // One input object for all conditions of a walk: the conditions cache what they build from it.
  get input(): ConditionInput {
    if (this.#input !== undefined) return this.#input
    const { company, customer, run, now } = this.scene
    const submitter = company.directory.people.get(run.submittedById)
    if (submitter === undefined)
      throw new Stop({
        kind: 'FAULTED',
        fault: {
          code: 'NOT_MEMBER',
          message: 'Whoever submitted this is no longer a member of the company; recall it and submit it again.',
        },
      })
    this.#input = {
      customer,
      proposed: project(customer, this.changes),
      changes: this.changes,
      submitter,
      submitterGroups: groupsOf(submitter, company.directory),
      now,
    }
    return this.#input
  }

  get refused(): ReadonlyMap<string, string> {
    return (this.#refused ??= refusedOf(this.scene.proposal.changes))
  }

  get votes(): ReadonlyMap<string, Carried> {
    const { proposal, run } = this.scene
    if (this.#votes !== undefined) return this.#votes
    const { decisions, items } = proposal
    const runs = proposal.runs.filter((r) => r.id !== run.id)
    return (this.#votes = runs.length === 0 ? new Map() : carriedVotes({ runs, decisions, items }, run.workflowId))
  }

  /** What the assignments of a step are read against. */
  asking(kind: 'APPROVAL' | 'TASK' | 'DECISION', frame: Frame, answeredIds: readonly string[] = []): Asking {
    const { company, run, now } = this.scene
    return {
      company,
      version: frame.version,
      submitterId: run.submittedById,
      ownerId: frame.version.settings.ownerId,
      previousIds: () => this.approversOf(frame.lastStep),
      excluded: this.excluded(kind),
      answeredIds,
      when: { workflowId: run.workflowId, now },
    }
  }

  /** Who approved at a step; while it waits and the walk assumes, who may. */
  approversOf(stepPath: string | null): readonly string[] {
    const fact = stepPath === null ? undefined : this.steps[stepPath]
    if (fact === undefined || fact.kind === 'SKIPPED') return []
    const kept = fact.kind === 'KEPT' ? fact.decisionIds : Object.values(fact.kept)
    const given = this.decisions.filter(
      (d) =>
        kept.includes(d.id) || (d.runId === this.scene.run.id && d.stepPath === stepPath && d.outcome === 'APPROVED'),
    )
    const people = given.flatMap((d) => d.actorId ?? [])
    if (people.length > 0 || !this.assume) return [...new Set(people)]
    return this.seatsOf(stepPath ?? '').flatMap((item) => item.assigneeId ?? [])
  }

  seatsOf(stepPath: string): WorkItem[] {
    return this.items.filter((item) => item.runId === this.scene.run.id && item.stepPath === stepPath)
  }

  event(type: DomainEvent['type'], data: DomainEvent['data'], more: Partial<DomainEvent> = {}): void {
    if (!this.assume)
      this.events.push({
        type,
        data: { runId: this.scene.run.id, ...data },
        proposalId: this.scene.proposal.id,
        ...more,
      })
  }

  fault(at: string, message: string, code: ErrorCode = 'CONDITION_FAILED'): never {
    throw new Stop({ kind: 'FAULTED', fault: { code, message, at: at.split('.') } })
  }

  evaluate(frame: Frame, expression: string, at: string): boolean {
    const condition: CompiledCondition | undefined = frame.version.conditions.get(expression)
    if (condition === undefined)
      return this.fault(at, `The condition at ${at} cannot be run; an administrator has to correct the workflow.`)
    const result = condition.evaluate(this.input)
    if (!result.ok) return this.fault(at, `The condition at ${at} failed: ${result.message}`)
    this.event('ConditionEvaluated', { path: at, value: result.value })
    return result.value
  }

  replace(item: WorkItem): void {
    const index = this.items.findIndex((i) => i.id === item.id)
    if (index >= 0) this.items[index] = item
  }

  /** `by`: who did it, unless it is whoever gave the command. */
  assigned(item: WorkItem, by: Pick<DomainEvent, 'actorId'> = {}): void {
    this.items.push(item)
    if (item.status === 'OPEN') this.event('WorkItemAssigned', seatData(item), { ...by, workItemId: item.id })
  }

  withdraw(item: WorkItem, why: string, by: Pick<DomainEvent, 'actorId'> = {}): void {
    this.event('WorkItemWithdrawn', { ...seatData(item), why }, { ...by, workItemId: item.id })
    this.replace({ ...item, status: 'WITHDRAWN', closedAt: this.scene.now, version: item.version + 1 })
  }

  withdrawOpen(stepPath: string, why: string, by: Pick<DomainEvent, 'actorId'> = {}): void {
    for (const item of this.seatsOf(stepPath)) if (item.status === 'OPEN') this.withdraw(item, why, by)
  }

  /** Notes something about an element. */
  put(path: string, more: Partial<ElementFact>): ElementFact {
    const fact = { definition: '', outcome: null, automatic: [], ...this.elements[path], ...more }
    this.elements[path] = fact
    return fact
  }

  reject(path: string, more: Partial<ElementFact>): never {
    this.put(path, { ...more, outcome: 'REJECTED' })
    throw new Stop({ kind: 'REJECTED', elementPath: path })
  }

  /** An answer that no person gives: of an automatic action, or of a timer. */
  decideAutomatically(
    about: Pick<Decision, 'elementPath' | 'stepPath' | 'step' | 'outcome' | 'changes'> & { readonly choice?: string },
  ): Decision {
    const { proposal, run, now } = this.scene
    const decision: Decision = {
      id: this.scene.newId(),
      runId: run.id,
      workItemId: null,
      actorId: null,
      onBehalfOfId: null,
      automatic: true,
      comment: null,
      revision: proposal.revision,
      effectiveAt: proposal.effectiveAt,
      at: now,
      ...about,
      choice: about.choice ?? null,
    }
    this.decisions.push(decision)
    return decision
  }
}
