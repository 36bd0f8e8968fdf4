// A workflow, its numbered immutable versions, and what compiling a version leaves to be run.
import type { CompiledCondition, ManagerCondition } from './conditions.ts'
import type { Definition } from './definition.ts'

export type WorkflowProblem = {
  /** Path into the definition, e.g. `elements.1.approval.steps.0.when`. */
  readonly path: string
  readonly severity: 'ERROR' | 'WARNING'
  readonly message: string
}

export type WorkflowVersion = {
  readonly workflowId: string
  readonly version: number
  readonly definition: Definition
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
}

export type Workflow = {
  readonly id: string
  readonly name: string
  readonly ownerId: string
  readonly rank: number
  readonly isDefault: boolean
  /** CEL; null: always. */
  readonly activation: string | null
  readonly activationCondition: CompiledCondition | null
  /** Of the row, for optimistic locking. */
  readonly lockVersion: number
  readonly activeVersion: RunnableVersion | null
}
