// Whether a condition is well formed, and what it says of the customer in hand: asked of the server when the typing pauses.
import { untrack } from 'svelte'
import { ask } from '../api.ts'
import { EvaluateConditionQuery } from '../documents/workflows.ts'
import type { Trial } from './trial.svelte.ts'

export type Verdict = { valid: boolean; value: boolean | null; error: string | null }

const typingPauseMs = 300

export class ConditionCheck {
  verdict = $state.raw<Verdict | null>(null)
  /** What `verdict` is about. */
  checked = $state('')
  busy = $state(false)
  failure = $state<string | null>(null)

  /** Made while a component starts. An empty condition is not asked about. */
  constructor(expression: () => string, trial: Trial, pauseMs: number = typingPauseMs) {
    $effect(() => {
      const text = expression().trim()
      const { account } = trial
      void trial.samples
      if (account === undefined) void untrack(() => trial.findAny())
      if (text === '' || typeof account !== 'string') {
        this.verdict = null
        this.busy = false
        this.failure = null
        return
      }
      let stale = false
      this.busy = true
      const timer = setTimeout(() => {
        void this.#ask(text, account, trial, () => stale)
      }, pauseMs)
      return () => {
        stale = true
        clearTimeout(timer)
      }
    })
  }

  async #ask(expression: string, account: string, trial: Trial, stale: () => boolean): Promise<void> {
    try {
      const { evaluateCondition } = await ask(EvaluateConditionQuery, {
        input: { ...trial.input(account), expression },
      })
      if (stale()) return
      this.verdict = evaluateCondition
      this.checked = expression
      this.failure = null
    } catch (failure) {
      if (stale()) return
      this.verdict = null
      this.failure = failure instanceof Error ? failure.message : String(failure)
    }
    this.busy = false
  }
}
