// The interpreter: a pure function that takes a run as far as it goes. It walks the definition from its start each time, over what
// the run has established already (facts) and what has been answered (decisions), and establishes what is new. The same walk, told
// to assume approval where it would wait, is the preview and the route: what is shown is what will happen.
import type { Company } from '../company.ts'
import type { Customer } from '../customer.ts'
import type { Problem } from '../errors.ts'
import type { DomainEvent } from '../events.ts'
import { coversField } from '../fields.ts'
import type {
  Change,
  ChangeRef,
  Decision,
  ElementFact,
  Proposal,
  Run,
  SeatedAssignment,
  StepFact,
  WorkItem,
} from '../proposal.ts'
import { project } from '../record.ts'
import { carriedVotes, holds, type CarriedVote } from './carry.ts'
import type { CompiledCondition, ConditionInput } from './conditions.ts'
import type { ApprovalElement, Step } from './definition.ts'
import { assign, excludedFrom, groupsOf, whyNotEligible, type Assigned } from './eligibility.ts'
import { fillPlaceholders } from './placeholders.ts'
import { verdict } from './quorum.ts'
import type { RunnableVersion } from './workflow.ts'

export type Scene = {
  readonly proposal: Proposal
  readonly run: Run
  readonly customer: Customer
  readonly company: Company
  readonly version: RunnableVersion
  readonly ownerId: string
  readonly now: string
  readonly newId: () => string
}

export type Fallback = 'FINAL_APPROVER' | 'OWNER' | 'UNASSIGNED'
/** A step in which somebody had to be asked in place of whom the step names; what submit and blockers look at. */
export type FellBack = { readonly stepPath: string; readonly step: string; readonly to: Fallback }

export type Progress =
  | { readonly kind: 'WAITING' }
  | { readonly kind: 'APPROVED' }
  | { readonly kind: 'REJECTED'; readonly elementPath: string }
  | { readonly kind: 'FAULTED'; readonly fault: Problem }

export type Walk = {
  readonly progress: Progress
  readonly run: Run
  readonly items: readonly WorkItem[]
  readonly decisions: readonly Decision[]
  readonly events: readonly DomainEvent[]
  readonly fellBack: readonly FellBack[]
}

export const uncoveredElement = 'uncovered'
export const uncoveredStep = `${uncoveredElement}.steps.0`

/** The changes that a step's guards name; null guards every change. */
export const guardedBy = (guards: readonly string[] | null, changes: readonly Change[]): readonly Change[] =>
  guards === null ? changes : changes.filter((change) => guards.some((guard) => coversField(guard, change.field)))

const refs = (changes: readonly Change[]): ChangeRef[] => changes.map(({ id, digest }) => ({ id, digest }))

/** Ends the walk from wherever it is; never seen outside of it. */
class Stop {
  readonly progress: Progress
  constructor(progress: Progress) {
    this.progress = progress
  }
}

class Walker {
  readonly scene: Scene
  readonly assume: boolean
  readonly elements: Record<string, ElementFact>
  readonly steps: Record<string, StepFact>
  readonly items: WorkItem[]
  readonly decisions: Decision[]
  readonly events: DomainEvent[] = []
  readonly fellBack: FellBack[] = []
  readonly excluded: ReadonlySet<string>
  waiting = false
  #votes: ReadonlyMap<string, readonly CarriedVote[]> | undefined
  #input: ConditionInput | undefined

  constructor(scene: Scene, assume: boolean) {
    this.scene = scene
    this.assume = assume
    this.elements = { ...scene.run.elements }
    this.steps = { ...scene.run.steps }
    this.items = [...scene.proposal.items]
    this.decisions = [...scene.proposal.decisions]
    this.excluded = excludedFrom(scene.proposal, scene.version, scene.company.directory, scene.run.parameters)
  }

  // One input object for all conditions of a walk: the conditions cache what they build from it.
  get input(): ConditionInput {
    const { company, customer, proposal, run, now } = this.scene
    const submitter = company.directory.people.get(run.submittedById)
    if (submitter === undefined)
      throw new Stop({
        kind: 'FAULTED',
        fault: {
          code: 'NOT_MEMBER',
          message: 'Whoever submitted this is no longer a member of the company; recall it and submit it again.',
        },
      })
    return (this.#input ??= {
      customer,
      proposed: project(customer, proposal.changes),
      changes: proposal.changes,
      submitter,
      submitterGroups: groupsOf(submitter, company.directory),
      now,
    })
  }

  get votes(): ReadonlyMap<string, readonly CarriedVote[]> {
    const { proposal, run } = this.scene
    return (this.#votes ??= carriedVotes(
      { runs: proposal.runs.filter((r) => r.id !== run.id), decisions: proposal.decisions },
      run.workflowId,
    ))
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

  fault(at: string, message: string): never {
    throw new Stop({ kind: 'FAULTED', fault: { code: 'CONDITION_FAILED', message, at: at.split('.') } })
  }

  evaluate(expression: string, at: string): boolean {
    const condition: CompiledCondition | undefined = this.scene.version.conditions.get(expression)
    if (condition === undefined)
      return this.fault(at, `The condition at ${at} cannot be run; an administrator has to correct the workflow.`)
    const result = condition.evaluate(this.input)
    if (!result.ok) return this.fault(at, `The condition at ${at} failed: ${result.message}`)
    this.event('ConditionEvaluated', { path: at, value: result.value })
    return result.value
  }

  /** The step's verdict over its assignments, null while it is open. */
  judge(step: Pick<Step, 'join'>, fact: Extract<StepFact, { kind: 'ASKED' }>): 'APPROVED' | 'REJECTED' | null {
    let decided = 0
    for (const seated of fact.assignments) {
      let approvals = 0
      let rejections = 0
      for (const itemId of seated.items) {
        const keptId = fact.kept[itemId]
        const answer =
          keptId === undefined
            ? this.decisions.find((d) => d.workItemId === itemId)
            : this.decisions.find((d) => d.id === keptId)
        if (answer?.outcome === 'APPROVED') approvals++
        else if (answer !== undefined) rejections++
      }
      const result = verdict(seated, seated.items.length, approvals, rejections)
      if (result === 'REJECTED') return 'REJECTED'
      if (result === 'APPROVED') {
        if (step.join === 'ANY') return 'APPROVED'
        decided++
      }
    }
    return decided === fact.assignments.length ? 'APPROVED' : null
  }

  /** Whoever an assignment asks when nobody of it is eligible. */
  fallback(finalApproverId: string | null): { to: Fallback; userId: string | null } {
    const eligible = (id: string): boolean => whyNotEligible(id, this.excluded, this.scene.company.directory) === null
    if (finalApproverId !== null && eligible(finalApproverId)) return { to: 'FINAL_APPROVER', userId: finalApproverId }
    if (eligible(this.scene.ownerId)) return { to: 'OWNER', userId: this.scene.ownerId }
    return { to: 'UNASSIGNED', userId: null }
  }

  ask(
    elementPath: string,
    stepPath: string,
    step: Step,
    finalApproverId: string | null,
    guarded: readonly Change[],
    carried: readonly CarriedVote[],
  ): StepFact {
    const { scene } = this
    const assigned: Assigned[] = step.assign.map((a) =>
      assign(a.to, scene.run.submittedById, scene.version, this.excluded, scene.company),
    )
    for (const [i, a] of assigned.entries())
      if (a.fault !== null)
        this.fault(`${stepPath}.assign.${i}`, `The condition of the hierarchy at ${stepPath} failed: ${a.fault}`)
    const somebody = assigned.some((a) => a.people.length > 0)
    const seats = new Map<string | null, number[]>()
    const seat = (userId: string | null, assignment: number): void => {
      const list = seats.get(userId)
      if (list === undefined) seats.set(userId, [assignment])
      else list.push(assignment)
    }
    for (const [i, a] of assigned.entries()) {
      for (const userId of a.people) seat(userId, i)
      // Joined by ANY, an assignment without people is no hindrance as long as another one has some.
      if (a.people.length > 0 || (step.join === 'ANY' && somebody)) continue
      const instead = this.fallback(finalApproverId)
      seat(instead.userId, i)
      this.fellBack.push({ stepPath, step: step.name, to: instead.to })
    }
    const changes = refs(guarded)
    const text = (template: string | null): string | null =>
      template === null ? null : fillPlaceholders(template, { ...this.input, comment: scene.run.comment })
    const kept: Record<string, string> = {}
    const byAssignment = step.assign.map((): string[] => [])
    for (const [assigneeId, assignments] of seats) {
      const vote = carried.find(({ decision }) => decision.actorId === assigneeId)
      const item: WorkItem = {
        id: scene.newId(),
        runId: scene.run.id,
        kind: 'APPROVAL',
        elementPath,
        stepPath,
        step: step.name,
        subject: text(step.subject) ?? step.name,
        instructions: text(step.instructions),
        assigneeId,
        assignments,
        status: vote === undefined ? 'OPEN' : 'DECIDED',
        decidedById: vote === undefined ? null : assigneeId,
        version: 1,
        createdAt: scene.now,
        closedAt: vote === undefined ? null : scene.now,
        changes,
      }
      if (vote !== undefined) kept[item.id] = vote.decision.id
      for (const i of assignments) byAssignment[i]?.push(item.id)
      this.items.push(item)
      if (vote === undefined)
        this.event('WorkItemAssigned', { path: stepPath, step: step.name, assigneeId }, { workItemId: item.id })
    }
    const assignments: SeatedAssignment[] = step.assign.map((a, i) => ({
      policy: a.policy,
      percent: a.percent,
      quorum: a.quorum,
      items: byAssignment[i] ?? [],
      excluded: assigned[i]?.excluded ?? [],
    }))
    return {
      kind: 'ASKED',
      at: scene.now,
      changes,
      assignments: assignments.filter((a) => a.items.length > 0 || step.join === 'ALL'),
      kept,
      outcome: null,
    }
  }

  settle(step: Pick<Step, 'join'>, elementPath: string, stepPath: string): void {
    const fact = this.steps[stepPath]
    if (fact?.kind !== 'ASKED' || fact.outcome !== null) return
    const outcome = this.judge(step, fact)
    if (outcome === null) {
      this.waiting = true
      if (!this.assume) throw new Stop({ kind: 'WAITING' })
      return
    }
    this.steps[stepPath] = { ...fact, outcome }
    for (const [i, item] of this.items.entries()) {
      if (item.runId === this.scene.run.id && item.stepPath === stepPath && item.status === 'OPEN')
        this.items[i] = this.withdraw(item, 'STEP_DECIDED')
    }
    if (outcome === 'REJECTED') {
      const element = this.elements[elementPath]
      if (element !== undefined) this.elements[elementPath] = { ...element, outcome: 'REJECTED' }
      throw new Stop({ kind: 'REJECTED', elementPath })
    }
  }

  withdraw(item: WorkItem, why: string): WorkItem {
    this.event(
      'WorkItemWithdrawn',
      { path: item.stepPath, step: item.step, assigneeId: item.assigneeId, why },
      { workItemId: item.id },
    )
    return { ...item, status: 'WITHDRAWN', closedAt: this.scene.now, version: item.version + 1 }
  }

  step(elementPath: string, index: number, element: ApprovalElement, step: Step, definition: string): void {
    const stepPath = `${elementPath}.steps.${index}`
    if (this.steps[stepPath] === undefined) {
      const answered = new Set(
        this.elements[elementPath]?.automatic
          .filter((a) => a.verdict === 'APPROVE')
          .flatMap((a) => a.changes.map((c) => c.id)),
      )
      const guarded = guardedBy(step.guards, this.scene.proposal.changes).filter((c) => !answered.has(c.id))
      if (guarded.length === 0) {
        this.steps[stepPath] = { kind: 'SKIPPED', why: 'NOTHING_TO_GUARD' }
      } else if (step.when !== null && !this.evaluate(step.when, `${stepPath}.when`)) {
        this.steps[stepPath] = { kind: 'SKIPPED', why: 'CONDITION_FALSE' }
      } else {
        const carried = (this.votes.get(stepPath) ?? []).filter(
          ({ decision, definition: then }) =>
            then === definition &&
            holds(decision, refs(guarded), this.scene.proposal.effectiveAt) &&
            decision.actorId !== null &&
            !this.excluded.has(decision.actorId),
        )
        const standing = carried.filter(({ decision, decided }) => decided && decision.outcome === 'APPROVED')
        this.steps[stepPath] =
          standing.length > 0
            ? { kind: 'KEPT', changes: refs(guarded), decisionIds: standing.map(({ decision }) => decision.id) }
            : this.ask(elementPath, stepPath, step, element.finalApproverId, guarded, carried)
      }
    }
    this.settle(step, elementPath, stepPath)
  }

  /** Automatic actions answer for the fields that they name, once, when the element starts. */
  start(elementPath: string, element: ApprovalElement, definition: string): void {
    const automatic: ElementFact['automatic'][number][] = []
    this.event('ElementStarted', { path: elementPath, name: element.name })
    for (const [i, action] of (element.automatic ?? []).entries()) {
      const changes = refs(guardedBy(action.fields, this.scene.proposal.changes))
      if (changes.length === 0 || !this.evaluate(action.when, `${elementPath}.automatic.${i}.when`)) continue
      const decision: Decision = {
        id: this.scene.newId(),
        runId: this.scene.run.id,
        workItemId: null,
        elementPath,
        stepPath: null,
        step: null,
        actorId: null,
        onBehalfOfId: null,
        automatic: true,
        outcome: action.then === 'APPROVE' ? 'APPROVED' : 'REJECTED',
        comment: null,
        revision: this.scene.proposal.revision,
        effectiveAt: this.scene.proposal.effectiveAt,
        at: this.scene.now,
        changes,
      }
      this.decisions.push(decision)
      automatic.push({ action: i, verdict: action.then, changes, decisionId: decision.id })
      this.event(
        'AutomaticAction',
        {
          path: `${elementPath}.automatic.${i}`,
          verdict: action.then,
          decisionId: decision.id,
          changes: changes.map((c) => c.id),
          digests: changes.map((c) => c.digest),
        },
        { actorId: null },
      )
      if (action.then === 'REJECT') {
        this.elements[elementPath] = { definition, outcome: 'REJECTED', automatic }
        throw new Stop({ kind: 'REJECTED', elementPath })
      }
    }
    this.elements[elementPath] = { definition, outcome: null, automatic }
  }

  approval(elementPath: string, element: ApprovalElement): void {
    const definition = this.scene.version.elementHashes.get(elementPath) ?? ''
    if (this.elements[elementPath] === undefined) this.start(elementPath, element, definition)
    const fact = this.elements[elementPath]
    if (fact === undefined || fact.outcome !== null) return
    for (const [i, step] of element.steps.entries()) this.step(elementPath, i, element, step, definition)
    const kinds = element.steps.map((_, i) => this.steps[`${elementPath}.steps.${i}`]?.kind)
    if (kinds.every((kind) => kind === 'SKIPPED') && fact.automatic.length === 0) {
      this.finish(elementPath, element.name, 'SKIPPED', 'ElementSkipped')
    } else {
      const kept = kinds.includes('KEPT') && !kinds.includes('ASKED')
      this.finish(elementPath, element.name, 'APPROVED', kept ? 'ElementKept' : 'ElementCompleted')
    }
  }

  finish(
    path: string,
    name: string,
    outcome: 'APPROVED' | 'SKIPPED',
    type: 'ElementCompleted' | 'ElementSkipped' | 'ElementKept',
  ): void {
    const fact = this.elements[path]
    if (fact === undefined || fact.outcome !== null) return
    this.elements[path] = { ...fact, outcome }
    this.event(type, { path, name, outcome })
  }

  /** What no approval of this run covers (DOMAIN section 6, coverage). */
  uncovered(): readonly Change[] {
    const covered = new Set<string>()
    const cover = (changes: readonly ChangeRef[]): void => changes.forEach((c) => covered.add(`${c.id} ${c.digest}`))
    for (const fact of Object.values(this.elements))
      for (const a of fact.automatic) if (a.verdict === 'APPROVE') cover(a.changes)
    for (const fact of Object.values(this.steps)) {
      if (fact.kind === 'KEPT' || (fact.kind === 'ASKED' && (fact.outcome === 'APPROVED' || this.assume)))
        cover(fact.changes)
    }
    return this.scene.proposal.changes.filter((c) => !covered.has(`${c.id} ${c.digest}`))
  }

  /** The last step of the route: what nothing else covers is asked of the last final approver, else of the owner. */
  cover(): void {
    const existing = this.steps[uncoveredStep]
    const open = existing === undefined ? this.uncovered() : []
    if (existing === undefined && open.length === 0) return
    const last = this.scene.version.definition.elements.findLast(
      (e) => 'approval' in e && e.approval.finalApproverId !== null,
    )
    const finalApproverId = last !== undefined && 'approval' in last ? last.approval.finalApproverId : null
    const step = coverStep(finalApproverId ?? this.scene.ownerId)
    if (existing === undefined) {
      this.elements[uncoveredElement] = { definition: uncoveredElement, outcome: null, automatic: [] }
      this.event('ElementStarted', { path: uncoveredElement, name: step.name })
      const carried = (this.votes.get(uncoveredStep) ?? []).filter(
        ({ decision }) =>
          holds(decision, refs(open), this.scene.proposal.effectiveAt) &&
          decision.actorId !== null &&
          !this.excluded.has(decision.actorId),
      )
      const standing = carried.filter(({ decision, decided }) => decided && decision.outcome === 'APPROVED')
      this.steps[uncoveredStep] =
        standing.length > 0
          ? { kind: 'KEPT', changes: refs(open), decisionIds: standing.map(({ decision }) => decision.id) }
          : this.ask(uncoveredElement, uncoveredStep, step, finalApproverId, open, carried)
    }
    this.settle(step, uncoveredElement, uncoveredStep)
    this.finish(uncoveredElement, step.name, 'APPROVED', 'ElementCompleted')
  }

  walk(): Walk {
    const progress = this.progress()
    const run: Run = { ...this.scene.run, elements: this.elements, steps: this.steps }
    return { progress, run, items: this.items, decisions: this.decisions, events: this.events, fellBack: this.fellBack }
  }

  progress(): Progress {
    try {
      for (const [i, element] of this.scene.version.definition.elements.entries()) {
        if (!('approval' in element))
          return {
            kind: 'FAULTED',
            fault: {
              code: 'INVALID_WORKFLOW',
              message: `The element at elements.${i} does not run.`,
              at: ['elements', String(i)],
            },
          }
        this.approval(`elements.${i}`, element.approval)
      }
      this.cover()
      return this.waiting ? { kind: 'WAITING' } : { kind: 'APPROVED' }
    } catch (stop) {
      if (stop instanceof Stop) return stop.progress
      throw stop
    }
  }
}

/** The step that asks for what nothing else covers. */
export const coverStep = (userId: string): Step => ({
  name: 'Not covered by the workflow',
  subject: null,
  instructions: 'No step of the workflow guards these changes.',
  guards: null,
  when: null,
  assign: [{ to: { users: [userId] }, policy: 'SINGLE', percent: null, quorum: 'ANSWERS' }],
  join: 'ALL',
  timeLimit: null,
  escalation: null,
  finally: null,
})

/** Takes the run as far as it goes on what has been answered. */
export const advance = (scene: Scene): Walk => new Walker(scene, false).walk()

/** Walks to the end as if every step that waits were approved: the whole route, with whom it would ask. Nothing of it is recorded. */
export const foresee = (scene: Scene): Walk => new Walker(scene, true).walk()
