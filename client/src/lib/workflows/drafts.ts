// The draft of each workflow, kept while one looks at other pages, and over a reload when something is typed.
import { keep } from '../drafts.ts'
import type { Definition } from './definition.ts'
import { WorkflowDraft, type Base } from './draft.svelte.ts'

const nothing: Definition = { elements: [] }

/** What a new workflow begins with; also one whose version has not been read yet. */
export const emptyBase = (workflowId: string | null): Base => ({
  workflowId,
  version: null,
  head: { name: '', owner: null, rank: null, isDefault: false, activation: null, note: '' },
  definition: nothing,
})

/** The one that is kept; `workflowId` null: of the new workflow. */
export const draftOf = (company: string, workflowId: string | null): WorkflowDraft =>
  keep(`workflows/${company}/${workflowId ?? 'new'}`, () => new WorkflowDraft(emptyBase(workflowId)))
