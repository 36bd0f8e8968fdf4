// A workflow, its numbered immutable versions, and what compiling a version leaves to be run.
import type { CompiledCondition, ManagerCondition } from './conditions.ts'
import type { Definition, Element } from './definition.ts'

export type WorkflowProblem = {
  /** Path into the definition, e.g. `elements.1.approval.steps.0.when`. */
  readonly path: string
  readonly severity: 'ERROR' | 'WARNING'
  readonly message: string
}

/** What a workflow says beside its definition. It is saved with each version and takes effect with it, never before. */
export type WorkflowSettings = {
  readonly name: string
  readonly ownerId: string
  readonly rank: number
  readonly isDefault: boolean
  /** CEL; null: not chosen by its rank. */
  readonly activation: string | null
}

export type WorkflowVersion = {
  readonly workflowId: string
  readonly version: number
  readonly definition: Definition
  readonly settings: WorkflowSettings
  readonly note: string | null
  readonly createdById: string
  readonly createdAt: string
  /** Everybody who has activated this very version: they may not decide in its runs (DOMAIN section 8). */
  readonly activatedByIds: readonly string[]
}

/** A version ready to run: each of its expressions compiled once. */
export type RunnableVersion = WorkflowVersion & {
  readonly conditions: ReadonlyMap<string, CompiledCondition>
  /** Of `until` in hierarchies. */
  readonly managerConditions: ReadonlyMap<string, ManagerCondition>
  /** Hash of each top-level or nested element's definition by path. */
  readonly elementHashes: ReadonlyMap<string, string>
  /** Each element by path, those inside of others too. */
  readonly elements: ReadonlyMap<string, Element>
}

/** A workflow with the settings of its active version; while none is active, with those that were saved last. */
export type Workflow = WorkflowSettings & {
  readonly id: string
  readonly activationCondition: CompiledCondition | null
  /** Of the row, for optimistic locking. */
  readonly lockVersion: number
  readonly activeVersion: RunnableVersion | null
}
