// The interpreter: a pure function that takes a run as far as it goes. It walks the definition from its start each time, over what
// the run has established already (facts) and what has been answered (decisions), and establishes what is new. The same walk, told
// to assume approval where it would wait, is the preview and the route: what is shown is what will happen.
import type { DomainEvent } from '../events.ts'
import type { Decision, ElementFact, Run, WorkItem } from '../proposal.ts'
import { answerAutomatically, ownLimit, timeOut } from './approval.ts'
import { Book, isDue, Stop, type FellBack, type Frame, type Progress, type Scene } from './book.ts'
import { branchesOf, kindOf, nameOf } from './branches.ts'
import { asksWebhook, askWebhook } from './calls.ts'
import { runCheck } from './checks.ts'
import { coverStep, lastFinalApprover, uncovered, uncoveredElement, uncoveredStep } from './coverage.ts'
import type { Element, Step } from './definition.ts'
import { choiceOf, isAnswered, isPassed, walkStep, type Pace, type Place } from './steps.ts'

export type { FellBack, Progress, Scene } from './book.ts'

export type Walk = {
  readonly progress: Progress
  readonly run: Run
  readonly items: readonly WorkItem[]
  readonly decisions: readonly Decision[]
  readonly events: readonly DomainEvent[]
  readonly fellBack: readonly FellBack[]
}

/** An element where it stands: its path, its path in the definition, and the version that it belongs to. */
type Spot<E extends Element = Element> = {
  readonly element: E
  readonly path: string
  readonly at: string
  readonly frame: Frame
  /** Path inside of its version. */
  readonly own: string
}
type Of<K extends string> = Spot<Extract<Element, Readonly<Record<K, unknown>>>>

class Walker extends Book {
  sequence(elements: readonly Element[], path: string, at: string, frame: Frame, own = path): Pace {
    for (const [i, element] of elements.entries()) {
      const pace = this.element({
        element,
        path: `${path}.${i}`,
        at: `${at}.${i}.${kindOf(element)}`,
        frame,
        own: `${own}.${i}`,
      })
      if (pace === 'WAITING' && !this.assume) return 'WAITING'
    }
    return 'DONE'
  }

  element(spot: Spot): Pace {
    const { element } = spot
    if ('approval' in element) return this.approval({ ...spot, element })
    if ('task' in element) return this.task({ ...spot, element })
    if ('decision' in element) return this.decision({ ...spot, element })
    if ('condition' in element) return this.condition({ ...spot, element })
    if ('parallel' in element) return this.parallel({ ...spot, element })
    if ('automated' in element) return this.automated({ ...spot, element })
    return this.subworkflow({ ...spot, element })
  }

  /** The fact of an element, made when it starts. */
  started(spot: Spot, begin: () => Partial<ElementFact> = () => ({})): ElementFact {
    const known = this.elements[spot.path]
    if (known !== undefined) return known
    this.event('ElementStarted', { path: spot.path, name: nameOf(spot.element) })
    const definition = spot.frame.version.elementHashes.get(spot.own) ?? ''
    // Facts are there before anything is evaluated: a fault does not start the element twice.
    this.elements[spot.path] = { definition, outcome: null, automatic: [] }
    return this.put(spot.path, begin())
  }

  finish(
    path: string,
    name: string,
    outcome: 'APPROVED' | 'SKIPPED' | 'DONE',
    type: 'ElementCompleted' | 'ElementSkipped' | 'ElementKept' = 'ElementCompleted',
  ): Pace {
    if (this.elements[path]?.outcome === null) {
      this.put(path, { outcome })
      this.event(type, { path, name, outcome })
    }
    return 'DONE'
  }

  place(spot: Spot, kind: Place['kind'], step: Step, fact: ElementFact): Omit<Place, 'stepPath' | 'at'> {
    return {
      kind,
      step,
      frame: spot.frame,
      elementPath: spot.path,
      definition: fact.definition,
      finalApproverId: null,
      choices: [],
      answered: [],
      elementDueAt: fact.dueAt ?? null,
      timedOut: fact.timedOut,
    }
  }

  approval(spot: Of<'approval'>): Pace {
    const { path, at } = spot
    const { approval } = spot.element
    let fact = this.started(spot, () => ownLimit(this, path, approval))
    if (fact.outcome === null) fact = answerAutomatically(this, spot.frame, approval, path, at, fact)
    const runsOut = fact.outcome === null && !this.assume && fact.timedOut === undefined && isDue(this, fact.dueAt)
    for (const [i, step] of approval.steps.entries()) {
      const stepPath = `${path}.steps.${i}`
      if (isPassed(this, spot.frame, stepPath)) continue
      // An answer that decides counts, also when it comes late but before the limit has been looked at.
      if (runsOut && fact.timedOut === undefined && !isAnswered(this, step, stepPath))
        fact = timeOut(this, path, approval, fact)
      const pace = walkStep(this, {
        ...this.place(spot, 'APPROVAL', step, fact),
        stepPath,
        at: `${at}.steps.${i}`,
        finalApproverId: approval.finalApproverId,
        answered: fact.automatic.filter((a) => a.verdict === 'APPROVE').flatMap((a) => a.changes.map((c) => c.id)),
      })
      if (pace === 'WAITING' && !this.assume) return 'WAITING'
    }
    if (fact.outcome !== null) return 'DONE'
    const kinds = approval.steps.map((_, i) => this.steps[`${path}.steps.${i}`]?.kind)
    if (kinds.every((kind) => kind === 'SKIPPED') && fact.automatic.length === 0)
      return this.finish(path, approval.name, 'SKIPPED', 'ElementSkipped')
    const kept = kinds.includes('KEPT') && !kinds.includes('ASKED')
    return this.finish(path, approval.name, 'APPROVED', kept ? 'ElementKept' : 'ElementCompleted')
  }

  /** How an element that asks in one step ends when its step is done. */
  ended(spot: Spot, stepPath: string): Pace {
    const kind = this.steps[stepPath]?.kind
    if (kind === 'SKIPPED') return this.finish(spot.path, nameOf(spot.element), 'SKIPPED', 'ElementSkipped')
    const type = kind === 'KEPT' ? 'ElementKept' : 'ElementCompleted'
    return this.finish(spot.path, nameOf(spot.element), 'DONE', type)
  }

  task(spot: Of<'task'>): Pace {
    const stepPath = `${spot.path}.step`
    const place = this.place(spot, 'TASK', spot.element.task.step, this.started(spot))
    const pace = walkStep(this, { ...place, stepPath, at: `${spot.at}.step` })
    return pace === 'WAITING' && !this.assume ? 'WAITING' : this.ended(spot, stepPath)
  }

  decision(spot: Of<'decision'>): Pace {
    const { decision } = spot.element
    const stepPath = `${spot.path}.step`
    const fact = this.started(spot)
    const choices = decision.outcomes.map(({ name }) => name)
    if (fact.taken === undefined) {
      const place = this.place(spot, 'DECISION', decision.step, fact)
      const pace = walkStep(this, { ...place, stepPath, at: `${spot.at}.step`, choices })
      if (pace === 'WAITING') return this.assume ? this.undecided(spot) : 'WAITING'
      if (this.steps[stepPath]?.kind === 'SKIPPED') return this.ended(spot, stepPath)
      const index = choices.indexOf(choiceOf(this, stepPath) ?? '')
      this.put(spot.path, { taken: index < 0 ? 'none' : `outcomes.${index}` })
    }
    return this.into(spot) === 'WAITING' && !this.assume ? 'WAITING' : this.ended(spot, stepPath)
  }

  /** Nothing has been chosen or answered yet: every outcome is walked, none is sure. The run surely ends here only when it does in each. */
  undecided(spot: Of<'decision'> | Of<'automated'>): Pace {
    const branches = branchesOf(spot.element)
    this.unsure += 1
    const stops = branches.flatMap(
      ({ key, elements }) => this.stopOf(() => this.branch(spot, key, elements, { ...spot.frame })) ?? [],
    )
    this.unsure -= 1
    const [stop] = stops
    if (stop !== undefined && stops.length === branches.length) throw stop
    return 'DONE'
  }

  /** What ends the run in there; null: it goes through. */
  stopOf(walk: () => Pace): Stop | null {
    const { unsure } = this
    try {
      walk()
      return null
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop
      this.unsure = unsure
      return stop
    }
  }

  condition(spot: Of<'condition'>): Pace {
    const { condition } = spot.element
    const fact = this.started(spot)
    if (fact.taken === undefined) {
      const holding = condition.cases.findIndex((c, i) =>
        this.evaluate(spot.frame, c.when, `${spot.at}.cases.${i}.when`),
      )
      this.put(spot.path, { taken: holding >= 0 ? `cases.${holding}` : condition.else === null ? 'none' : 'else' })
    }
    if (this.into(spot) === 'WAITING' && !this.assume) return 'WAITING'
    return this.elements[spot.path]?.taken === 'none'
      ? this.finish(spot.path, condition.name, 'SKIPPED', 'ElementSkipped')
      : this.finish(spot.path, condition.name, 'DONE')
  }

  automated(spot: Of<'automated'>): Pace {
    const { automated } = spot.element
    const fact = this.started(spot)
    if (fact.taken === undefined) {
      const taken = asksWebhook(spot.element) ? askWebhook(this, spot, spot.element.automated) : this.checked(spot)
      if (taken === null) return this.assume ? this.undecided(spot) : 'WAITING'
      this.put(spot.path, { taken })
    }
    if (this.into(spot) === 'WAITING' && !this.assume) return 'WAITING'
    return this.finish(spot.path, automated.name, 'DONE')
  }

  /** Which branch a built-in check leads to. */
  checked({ element: { automated }, path, at }: Of<'automated'>): string {
    const { check, name } = automated
    if (check === null)
      return this.fault(
        at,
        `The element "${name}" names no check; an administrator has to correct the workflow.`,
        'INVALID_WORKFLOW',
      )
    const { passed, message } = runCheck(check, {
      record: this.input.proposed,
      sameTaxNumber: this.scene.sameTaxNumber,
    })
    const index = (automated.outcomes ?? []).findIndex((o) => o.name === (passed ? 'passed' : 'failed'))
    this.event('AutomaticAction', { path, check, passed, message }, { actorId: null })
    if (!passed && index < 0) return this.fault(at, `"${name}" has failed: ${message}`, 'INVALID_VALUE')
    return index < 0 ? 'none' : `outcomes.${index}`
  }

  parallel(spot: Of<'parallel'>): Pace {
    const { frame } = spot
    this.started(spot)
    let waiting = false
    let { lastStep } = frame
    let later: Stop | null = null
    // Each branch knows only what came before all of them, so that the order of answers makes no difference.
    for (const { key, elements } of branchesOf(spot.element)) {
      const branch = { ...frame }
      const asked = this.waiting
      this.waiting = false
      const stop = this.stopOf(() => {
        const pace = this.branch(spot, key, elements, branch)
        if (pace === 'WAITING') waiting = true
        return pace
      })
      // What would end the run only after somebody has answered does not keep the other branches from being asked.
      const ends = stop !== null && !(this.assume && this.waiting)
      this.waiting ||= asked
      if (ends) throw stop
      later ??= stop
      if (branch.lastStep !== frame.lastStep) ({ lastStep } = branch)
    }
    if (later !== null) throw later
    frame.lastStep = lastStep
    return waiting && !this.assume ? 'WAITING' : this.finish(spot.path, spot.element.parallel.name, 'DONE')
  }

  subworkflow(spot: Of<'subworkflow'>): Pace {
    const { name, workflowId } = spot.element.subworkflow
    const version = this.scene.runnable(workflowId, this.scene.run.pinned[workflowId] ?? 0)
    if (version === undefined)
      return this.fault(
        spot.at,
        `The workflow that "${name}" runs is not available; an administrator has to correct the workflow.`,
        'INVALID_WORKFLOW',
      )
    this.started(spot)
    const frame: Frame = { version, lastStep: spot.frame.lastStep }
    const at = `${spot.at}.workflow.elements`
    const pace = this.sequence(version.definition.elements, `${spot.path}.workflow.elements`, at, frame, 'elements')
    spot.frame.lastStep = frame.lastStep
    return pace === 'WAITING' && !this.assume ? 'WAITING' : this.finish(spot.path, name, 'DONE')
  }

  /** Walks the branch that was taken. */
  into(spot: Spot): Pace {
    const taken = this.elements[spot.path]?.taken
    const branch = branchesOf(spot.element).find(({ of }) => of === taken)
    return branch === undefined ? 'DONE' : this.branch(spot, branch.key, branch.elements, spot.frame)
  }

  branch(spot: Spot, key: string, elements: readonly Element[], frame: Frame): Pace {
    return this.sequence(elements, `${spot.path}.${key}`, `${spot.at}.${key}`, frame, `${spot.own}.${key}`)
  }

  /** The last step of the route: what nothing else covers is asked of the last final approver, else of the owner. */
  cover(frame: Frame): Pace {
    const { definition } = frame.version
    const existing = this.steps[uncoveredStep]
    const subworkflow = (id: string): readonly Element[] =>
      this.scene.runnable(id, this.scene.run.pinned[id] ?? 0)?.definition.elements ?? []
    const known = { ...this.known, subworkflow }
    const open = existing === undefined ? uncovered(this.changes, definition.elements, known) : []
    if (existing === undefined && open.length === 0) return 'DONE'
    const finalApproverId = lastFinalApprover(definition.elements, known)
    const step = coverStep(finalApproverId ?? frame.version.settings.ownerId)
    if (existing === undefined) this.event('ElementStarted', { path: uncoveredElement, name: step.name })
    const fact = this.put(uncoveredElement, { definition: uncoveredElement })
    const openIds = new Set(open.map((c) => c.id))
    const pace = walkStep(this, {
      kind: 'APPROVAL',
      frame,
      step,
      elementPath: uncoveredElement,
      stepPath: uncoveredStep,
      at: uncoveredElement,
      definition: fact.definition,
      finalApproverId,
      choices: [],
      answered: this.changes.filter((c) => !openIds.has(c.id)).map((c) => c.id),
      elementDueAt: null,
      timedOut: undefined,
    })
    return pace === 'WAITING' && !this.assume ? 'WAITING' : this.finish(uncoveredElement, step.name, 'APPROVED')
  }

  get known(): Pick<Run, 'elements' | 'steps'> & { readonly assume: boolean } {
    return { elements: this.elements, steps: this.steps, assume: this.assume }
  }

  walk(): Walk {
    const progress = this.progress()
    const run: Run = { ...this.scene.run, elements: this.elements, steps: this.steps }
    const { items, decisions, events, fellBack } = this
    return { progress, run, items, decisions, events, fellBack }
  }

  progress(): Progress {
    const frame: Frame = { version: this.scene.version, lastStep: null }
    try {
      const pace = this.sequence(frame.version.definition.elements, 'elements', 'elements', frame)
      if (pace === 'WAITING' && !this.assume) return { kind: 'WAITING' }
      if (this.cover(frame) === 'WAITING' && !this.assume) return { kind: 'WAITING' }
      return this.waiting ? { kind: 'WAITING' } : { kind: 'APPROVED' }
    } catch (stop) {
      if (stop instanceof Stop) return stop.progress
      throw stop
    }
  }
}

/** Takes the run as far as it goes on what has been answered and on the time that has passed. */
export const advance = (scene: Scene): Walk => new Walker(scene, false).walk()

/** Walks to the end as if every step that waits were approved: the whole route, with whom it would ask. Nothing of it is recorded. */
export const foresee = (scene: Scene): Walk => new Walker(scene, true).walk()
