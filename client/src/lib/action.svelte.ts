// One command's state for the place that offers it: busy, refused (in the API's sentence), or through.
import type { TypedDocumentNode } from '@urql/core'
import { newKey, tell, type Success } from './api.ts'
import type { Problem } from './documents/fragments.ts'

export class Command {
  busy = $state(false)
  problem = $state.raw<Problem | null>(null)
  /** Not refused, but not reached either; what was typed is kept, and so is the key. */
  failure = $state<string | null>(null)
  #sent = ''
  #key = ''

  /** The success, or null when refused or unreachable. */
  async run<Data extends { result: { __typename: string } | null }, Input>(
    document: TypedDocumentNode<Data, { input: Input }>,
    input: Omit<Input, 'idempotencyKey'>,
  ): Promise<Success<Data> | null> {
    if (this.busy) return null
    const text = JSON.stringify(input)
    if (text !== this.#sent) this.#key = newKey()
    this.#sent = text
    this.busy = true
    this.clear()
    try {
      const outcome = await tell(document, input, this.#key)
      this.#sent = ''
      if (outcome.ok) return outcome.value
      this.problem = outcome.problem
    } catch (failure) {
      this.failure = failure instanceof Error ? failure.message : String(failure)
    } finally {
      this.busy = false
    }
    return null
  }

  clear(): void {
    this.problem = null
    this.failure = null
  }
}
