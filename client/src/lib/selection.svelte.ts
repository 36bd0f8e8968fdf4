// Several items at once: which ones are selected, and what the API lets be decided with them. It is asked once for each item as
// it is; what is selected is kept over moves within the page, and leaves when the item does.
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { ask } from './api.ts'
import type { Verdict } from './decision-calls.svelte.ts'
import type { Available } from './documents/fragments.ts'
import { OffersQuery } from './documents/queue.ts'
import type { Entry } from './queue-filter.ts'

const mostNodes = 100
/** What can be said of several in the same words; a choice differs from item to item. */
export const sharedVerdicts = ['APPROVE', 'COMPLETE', 'REJECT', 'RETURN', 'REQUEST_CHANGE'] as const
export type SharedVerdict = (typeof sharedVerdicts)[number] & Verdict

/** An item as it is: of another version or revision other things may be allowed. */
const stateOf = ({ item }: Entry) => `${item.id} ${item.version} ${item.proposal.revision}`

export class Selection {
  readonly #ids = new SvelteSet<string>()
  readonly #offers = new SvelteMap<string, readonly Available[]>()
  #last: string | null = null
  #asking = false
  /**
   * What is asked and of which items, as they were on the screen then. Kept here, since what asks it is made anew when the page takes
   * another width.
   */
  question = $state.raw<{ readonly verdict: SharedVerdict; readonly takers: readonly Entry[] } | null>(null)
  /** A key that was pressed before it was known what can be decided. */
  early = $state<string | null>(null)
  /** Why it is not known what can be decided. */
  failure = $state<string | null>(null)

  get size(): number {
    return this.#ids.size
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  toggle(id: string): void {
    this.#last = id
    if (!this.#ids.delete(id)) this.#ids.add(id)
  }

  /** Everything from the one that was selected last up to this one. */
  extend(ids: readonly string[], to: string): void {
    const from = this.#last === null ? -1 : ids.indexOf(this.#last)
    const at = ids.indexOf(to)
    if (from < 0 || this.has(to)) return this.toggle(to)
    for (const id of ids.slice(Math.min(from, at), Math.max(from, at) + 1)) this.#ids.add(id)
    this.#last = to
  }

  add(ids: readonly string[]): void {
    for (const id of ids) this.#ids.add(id)
  }

  remove(id: string): void {
    this.#ids.delete(id)
  }

  /** What no longer waits is no longer selected. */
  keep(waits: (id: string) => boolean): void {
    for (const id of this.#ids) if (!waits(id)) this.#ids.delete(id)
  }

  clear(): void {
    this.#ids.clear()
    this.question = null
    this.#last = null
    this.failure = null
  }

  /** In the order of the list. */
  of(entries: readonly Entry[]): Entry[] {
    return this.size === 0 ? [] : entries.filter(({ id }) => this.#ids.has(id))
  }

  /** What may be done with an item; undefined: not known yet. */
  offers(entry: Entry): readonly Available[] | undefined {
    return this.#offers.get(stateOf(entry))
  }

  /** Asks for what is not known yet. */
  async learn(entries: readonly Entry[]): Promise<void> {
    const unknown = entries.filter((entry) => !this.#offers.has(stateOf(entry))).slice(0, mostNodes)
    if (this.#asking || unknown.length === 0) return
    this.#asking = true
    try {
      const { nodes } = await ask(OffersQuery, { ids: unknown.map(({ id }) => id) })
      this.failure = null
      for (const [index, entry] of unknown.entries()) {
        const node = nodes[index]
        this.#offers.set(stateOf(entry), node?.__typename === 'WorkItem' ? node.actions : [])
      }
    } catch (failure) {
      this.failure = failure instanceof Error ? failure.message : String(failure)
    } finally {
      this.#asking = false
    }
  }
}
