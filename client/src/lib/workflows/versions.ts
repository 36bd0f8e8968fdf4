// What a version of a workflow says beside its definition: read from the log, as only the active one's is in force.
import { asRecord } from '../format.ts'
import type { SetupEvent } from '../documents/setup.ts'
import type { Workflow } from '../documents/workflows.ts'
import type { Head } from './draft.svelte.ts'

/** Name, owner, rank and condition as they were saved with a version; as they are in force where the log cannot be read. */
export const headOf = (
  workflow: Workflow,
  version: number,
  events: readonly SetupEvent[],
  name: (id: string) => string | undefined,
): Head => {
  const inForce: Head = {
    name: workflow.name,
    owner: workflow.owner,
    rank: workflow.rank,
    isDefault: workflow.isDefault,
    activation: workflow.activation,
    note: '',
  }
  const saved = events
    .map(({ type, data }) => ({ type, data: asRecord(data) }))
    .find(({ type, data }) => type === 'WORKFLOW_SAVED' && data.workflowId === workflow.id && data.version === version)
  if (!saved) return inForce
  const { data } = saved
  const ownerId = typeof data.ownerId === 'string' ? data.ownerId : workflow.owner.id
  return {
    name: typeof data.name === 'string' ? data.name : inForce.name,
    owner: { id: ownerId, name: ownerId === workflow.owner.id ? workflow.owner.name : (name(ownerId) ?? '…') },
    rank: typeof data.rank === 'number' ? data.rank : inForce.rank,
    isDefault: data.isDefault === true,
    activation: typeof data.activation === 'string' ? data.activation : null,
    note: '',
  }
}

/** The last thing that happened to a workflow, as the log tells. */
export const lastEventOf = (workflow: Workflow, events: readonly SetupEvent[]): SetupEvent | undefined =>
  events.findLast(({ data }) => asRecord(data).workflowId === workflow.id)
