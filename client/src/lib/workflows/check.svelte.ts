// What is wrong with a design while it is edited: asked of the server when the editing pauses, without anything being saved.
import { untrack } from 'svelte'
import { tell } from '../api.ts'
import { CheckWorkflow } from '../documents/workflows.ts'
import type { WorkflowDraft } from './draft.svelte.ts'
import { problemsIn } from './refusals.ts'

/** What problems are of: a version as it was saved, a save that was refused, or the design as it stands. */
export type Listed = 'version' | 'refused' | 'design'

const editingPauseMs = 600

export class DesignCheck {
  /** The design as it stands has not been checked yet. */
  busy = $state(false)

  /**
   * Made while a component starts. A design that is as it was saved has been checked by that. `onstale`: somebody else has saved a
   * newer version than the one that it began from.
   */
  constructor(company: string, draft: WorkflowDraft, onstale: () => void) {
    $effect(() => {
      const { dirty } = draft
      const input = { ...draft.input(company), dryRun: true }
      this.busy = dirty
      if (!dirty) return
      let stale = false
      const run = async () => {
        const outcome = await tell(CheckWorkflow, input).catch(() => null)
        if (stale) return
        this.busy = false
        if (outcome?.ok === false && outcome.problem.code === 'STALE_VERSION') onstale()
        const problems = problemsIn((outcome?.ok ? outcome.value : outcome?.problem) ?? null)
        // What it cannot tell is left to the save.
        if (problems) untrack(() => draft.found(problems))
      }
      const timer = setTimeout(() => void run(), editingPauseMs)
      return () => {
        stale = true
        clearTimeout(timer)
      }
    })
  }
}
