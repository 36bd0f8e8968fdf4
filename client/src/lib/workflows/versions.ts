// What a version of a workflow says beside its definition, and what happened to the workflow last.
import { asRecord } from '../format.ts'
import type { SetupEvent } from '../documents/setup.ts'
import type { Settings, Workflow } from '../documents/workflows.ts'
import type { Head } from './draft.svelte.ts'

/** Name, owner, rank and condition of a version as the next one begins with them. */
export const headOf = (settings: Settings): Head => ({ ...settings, note: '' })

/** The last thing that happened to a workflow, as the log tells. */
export const lastEventOf = (workflow: Workflow, events: readonly SetupEvent[]): SetupEvent | undefined =>
  events.findLast(({ data }) => asRecord(data).workflowId === workflow.id)
