// The interpreter: a pure function that takes a run as far as it goes. It walks the definition from its start each time, over what
// the run has established already (facts) and what has been answered (decisions), and establishes what is new. The same walk, told
// to assume approval where it would wait, is the preview and the route: what is shown is what will happen.
import type { Company } from '../company.ts'
import type { Customer } from '../customer.ts'
import type { ErrorCode, Problem } from '../errors.ts'
import type { DomainEvent } from '../events.ts'
import type { Decision, ElementFact, Proposal, Run, StepFact, WorkItem } from '../proposal.ts'
import { project } from '../record.ts'
import { carriedVotes, stillHolding, type Carried } from './carry.ts'
import type { CompiledCondition, ConditionInput } from './conditions.ts'
import { coverStep, guardedBy, refs, uncovered, uncoveredElement, uncoveredStep } from './coverage.ts'
import type { ApprovalElement, Step } from './definition.ts'
import { excludedFrom, groupsOf } from './eligibility.ts'
import { closeSeats, judge, seat, type Fallback, type Question } from './seats.ts'
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

/** Ends the walk from wherever it is; never seen outside of it. */
class Stop extends Error {
  readonly progress: Progress
  constructor(progress: Progress) {
    super(progress.kind)
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
  #votes: ReadonlyMap<string, Carried> | undefined
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

  get votes(): ReadonlyMap<string, Carried> {
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

  fault(at: string, message: string, code: ErrorCode = 'CONDITION_FAILED'): never {
    throw new Stop({ kind: 'FAULTED', fault: { code, message, at: at.split('.') } })
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

  /** Passes a step that stands approved from before; else seats whom it asks. */
  ask(question: Omit<Question, 'carried'>, definition: string): StepFact {
    const { scene, excluded } = this
    const { stepPath, step } = question
    const changes = refs(question.guarded)
    const now = { definition, changes, effectiveAt: scene.proposal.effectiveAt, excluded }
    const { votes, approved } = stillHolding(this.votes.get(stepPath), now)
    if (approved.length > 0) return { kind: 'KEPT', changes, decisionIds: approved.map((v) => v.decision.id) }
    const input = { ...this.input, comment: scene.run.comment }
    const seated = seat({ ...question, carried: votes }, scene, excluded, input)
    if (!seated.ok) return this.fault(seated.at, seated.message, seated.code)
    for (const to of seated.fellBack) this.fellBack.push({ stepPath, step: step.name, to })
    for (const item of seated.items) this.assigned(item)
    return seated.fact
  }

  /** The step as it stands: without the seats of people who have been deactivated meanwhile. */
  seated(step: Pick<Step, 'join'>, stepPath: string, finalApproverId: string | null): StepFact | undefined {
    const fact = this.steps[stepPath]
    if (fact?.kind !== 'ASKED' || fact.outcome !== null) return fact
    const seats = this.items.filter((item) => item.runId === this.scene.run.id && item.stepPath === stepPath)
    const closing = closeSeats(step.join, fact, seats, finalApproverId, this.scene, this.excluded)
    if (closing === null) return fact
    for (const item of closing.closed) this.items[this.items.indexOf(item)] = this.withdraw(item, 'DEACTIVATED')
    for (const item of closing.opened) this.assigned(item)
    this.steps[stepPath] = closing.fact
    return closing.fact
  }

  assigned(item: WorkItem): void {
    this.items.push(item)
    const { stepPath: path, step, assigneeId } = item
    if (item.status === 'OPEN') this.event('WorkItemAssigned', { path, step, assigneeId }, { workItemId: item.id })
  }

  settle(step: Pick<Step, 'join'>, elementPath: string, stepPath: string, finalApproverId: string | null): void {
    const fact = this.seated(step, stepPath, finalApproverId)
    if (fact?.kind !== 'ASKED' || fact.outcome !== null) return
    const outcome = judge(step, fact, this.decisions)
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
      } else if (step.when !== null && !this.evaluate(step.when, `${elementPath}.approval.steps.${index}.when`)) {
        this.steps[stepPath] = { kind: 'SKIPPED', why: 'CONDITION_FALSE' }
      } else {
        const { finalApproverId } = element
        this.steps[stepPath] = this.ask({ elementPath, stepPath, step, finalApproverId, guarded }, definition)
      }
    }
    this.settle(step, elementPath, stepPath, element.finalApproverId)
  }

  /** Automatic actions answer for the fields that they name, once, when the element starts. */
  start(elementPath: string, element: ApprovalElement, definition: string): void {
    const automatic: ElementFact['automatic'][number][] = []
    this.event('ElementStarted', { path: elementPath, name: element.name })
    for (const [i, action] of (element.automatic ?? []).entries()) {
      const changes = refs(guardedBy(action.fields, this.scene.proposal.changes))
      if (changes.length === 0 || !this.evaluate(action.when, `${elementPath}.approval.automatic.${i}.when`)) continue
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
          path: `${elementPath}.approval.automatic.${i}`,
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
    if (fact?.outcome !== null) return
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
    if (fact?.outcome !== null) return
    this.elements[path] = { ...fact, outcome }
    this.event(type, { path, name, outcome })
  }

  /** The last step of the route: what nothing else covers is asked of the last final approver, else of the owner. */
  cover(): void {
    const existing = this.steps[uncoveredStep]
    const open =
      existing === undefined
        ? uncovered(this.scene.proposal.changes, Object.values(this.elements), Object.values(this.steps), this.assume)
        : []
    if (existing === undefined && open.length === 0) return
    const last = this.scene.version.definition.elements.findLast(
      (e) => 'approval' in e && e.approval.finalApproverId !== null,
    )
    const finalApproverId = last !== undefined && 'approval' in last ? last.approval.finalApproverId : null
    const step = coverStep(finalApproverId ?? this.scene.ownerId)
    if (existing === undefined) {
      this.elements[uncoveredElement] = { definition: uncoveredElement, outcome: null, automatic: [] }
      this.event('ElementStarted', { path: uncoveredElement, name: step.name })
      const question = { elementPath: uncoveredElement, stepPath: uncoveredStep, step, finalApproverId, guarded: open }
      this.steps[uncoveredStep] = this.ask(question, uncoveredElement)
    }
    this.settle(step, uncoveredElement, uncoveredStep, finalApproverId)
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

/** Takes the run as far as it goes on what has been answered. */
export const advance = (scene: Scene): Walk => new Walker(scene, false).walk()

/** Walks to the end as if every step that waits were approved: the whole route, with whom it would ask. Nothing of it is recorded. */
export const foresee = (scene: Scene): Walk => new Walker(scene, true).walk()
