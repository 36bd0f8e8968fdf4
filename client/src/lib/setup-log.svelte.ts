// What a company's log says of its set-up: who did what, and what the API tells nowhere else (everybody's roles, retired codes).
// Read on from where it ended, as it only ever grows. For administrators and auditors; for others it stays empty.
import { untrack } from 'svelte'
import { ask } from './api.ts'
import { SetupLogQuery, type EventTypes, type SetupEvent } from './documents/setup.ts'
import type { Json } from './graphql.ts'
import { connection } from './live/connection.svelte.ts'

export class SetupLog {
  /** The oldest first. */
  events = $state.raw<readonly SetupEvent[]>([])
  failure = $state<string | null>(null)
  readonly #company: () => string
  readonly #types: EventTypes
  #after: string | null = null
  #reading: Promise<void> = Promise.resolve()

  /** Made while a component starts; reads again whenever the page is looked at again. */
  constructor(company: () => string, types: EventTypes) {
    this.#company = company
    this.#types = types
    $effect(() => {
      void connection.looks
      const back = connection.status === 'live' && untrack(() => this.failure !== null)
      if (back || untrack(() => this.failure === null)) untrack(() => void this.refresh())
    })
  }

  refresh(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read())
    return this.#reading
  }

  /** After something has been saved: lines come into the log a moment later, when they are sealed. */
  async catchUp(): Promise<void> {
    const before = this.events.length
    for (let attempt = 0; attempt < 12; attempt++) {
      await this.refresh()
      if (this.events.length > before || this.failure !== null) return
      await new Promise((resolve) => setTimeout(resolve, 50 * (attempt + 1)))
    }
  }

  async #read(): Promise<void> {
    try {
      for (let more = true; more;) {
        const { events } = await ask(SetupLogQuery, {
          company: this.#company(),
          types: this.#types,
          after: this.#after,
        })
        this.#after = events?.pageInfo.endCursor ?? this.#after
        this.events = [...this.events, ...(events?.edges ?? []).map(({ node }) => node)]
        more = events?.pageInfo.hasNextPage ?? false
      }
      this.failure = null
    } catch (failure) {
      this.failure = failure instanceof Error ? failure.message : String(failure)
    }
  }
}

/** A member of an event's data that is a list of texts. */
export const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
