// A question that is asked again when its variables change, when the page asks, when the page is looked at again, and, if
// it could not be answered, when the connection is back. What was missed meanwhile the streams tell.
import type { TypedDocumentNode } from '@urql/core'
import { untrack } from 'svelte'
import { ask } from './api.ts'
import { connection } from './live/connection.svelte.ts'
import { whenBack } from './when-back.svelte.ts'

/** Made while a component starts. `variables` undefined: not yet. What was read stays on the screen while newer is on its way. */
export class Query<Data, Variables extends Record<string, unknown>> {
  data = $state.raw<Data>()
  failure = $state.raw<string>()
  loading = $state(true)
  /** How often something has been read. */
  reads = $state(0)
  /** The variables that `data` answers. */
  #answers = ''
  #variables: Variables | undefined
  readonly #document: TypedDocumentNode<Data, Variables>
  #running: Promise<void> | null = null
  #again = false

  constructor(document: TypedDocumentNode<Data, Variables>, variables: () => Variables | undefined) {
    this.#document = document
    $effect.pre(() => {
      const next = variables()
      void connection.looks
      untrack(() => {
        if (JSON.stringify(next) !== this.#answers) {
          this.data = undefined
          this.loading = true
        }
        this.#variables = next
        void this.refresh()
      })
    })
    whenBack(
      () => this.failure !== undefined,
      () => void this.refresh(),
    )
  }

  /** Reads again. Calls while one is under way become one more read after it. */
  async refresh(): Promise<void> {
    if (this.#running) this.#again = true
    else if (this.#variables !== undefined) {
      this.#running = this.#read().finally(() => {
        this.#running = null
        this.loading = false
      })
    }
    await this.#running
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #read(): Promise<void> {
    do {
      this.#again = false
      const asked = this.#variables
      if (asked === undefined) return
      const key = JSON.stringify(asked)
      try {
        const data = await ask(this.#document, asked)
        if (key === JSON.stringify(this.#variables)) {
          this.data = data
          this.failure = undefined
          this.#answers = key
          this.reads += 1
        } else this.#again = true
      } catch (failure) {
        this.failure = failure instanceof Error ? failure.message : String(failure)
      }
    } while (this.#again)
  }
}
