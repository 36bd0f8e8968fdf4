// Whether a workflow can be taken out of use: nothing that runs, and nothing that could start, may lose what it needs (DOMAIN section 5).
import { DomainError } from '../errors.ts'
import { usersOf } from './subworkflows.ts'
import type { Workflow } from './workflow.ts'

const inUse = (message: string, running: number): DomainError =>
  new DomainError('WRONG_STATE', message, { at: ['workflowId'], detail: { running } })

const usedBy = (workflow: Workflow, workflows: readonly Workflow[], running: number): DomainError | null => {
  const names = usersOf(workflow.id, workflows).map(({ name }) => `"${name}"`)
  if (names.length === 0) return null
  return inUse(
    `"${workflow.name}" is run by ${names.join(', ')}. Activate a version without it there, or deactivate ${names.length === 1 ? 'that workflow' : 'those workflows'}, then try again.`,
    running,
  )
}

/** Why it cannot be left without an active version; null: it can. What runs on it stays on its version. Code: WRONG_STATE. */
export const whyNotDeactivate = (
  workflow: Workflow,
  workflows: readonly Workflow[],
  running: number,
): DomainError | null => usedBy(workflow, workflows, running)

/** Why it cannot be deleted; null: it can. `running`: proposals on their way through it, pinned as a subworkflow or not. Code: WRONG_STATE. */
export const whyNotDelete = (
  workflow: Workflow,
  workflows: readonly Workflow[],
  running: number,
): DomainError | null =>
  running > 0
    ? inUse(
        `${running === 1 ? 'One proposal is' : `${running} proposals are`} on the way through "${workflow.name}". Let ${running === 1 ? 'it' : 'them'} end, or deactivate the workflow so that nothing new starts on it.`,
        running,
      )
    : usedBy(workflow, workflows, running)
