// The events of a history that have been read so far, newest first: the newest page is read again whenever something has
// happened, older ones are added behind it, and nothing between the two is lost.
import type { HistoryEvent } from './documents/fragments.ts'

export type HistoryPage = {
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
  edges: readonly { node: HistoryEvent }[]
}

const without = (events: readonly HistoryEvent[], others: readonly HistoryEvent[]): HistoryEvent[] =>
  events.filter(({ id }) => !others.some((other) => other.id === id))

export class HistoryPages {
  /** Undefined until a page has come. */
  events = $state.raw<readonly HistoryEvent[]>()
  /** Where the next older page begins; null: there is none. */
  after = $state<string | null>(null)
  busy = $state(false)
  failure = $state<string | null>(null)
  readonly #read: (after: string) => Promise<HistoryPage | null | undefined>

  constructor(read: (after: string) => Promise<HistoryPage | null | undefined>) {
    this.#read = read
  }

  /** The newest page, as it has just been read. */
  take(page: HistoryPage): void {
    const newest = page.edges.map(({ node }) => node)
    const known = this.events ?? []
    // More has happened than a page holds: what is known does not join any more.
    const before = without(known, newest)
    const joins = before.length < known.length
    this.events = joins ? [...newest, ...before] : newest
    if (!joins) this.#endAt(page)
  }

  async older(): Promise<void> {
    if (this.busy || this.after === null) return
    this.busy = true
    this.failure = null
    try {
      const page = await this.#read(this.after)
      if (!page) return
      const known = this.events ?? []
      this.events = [
        ...known,
        ...without(
          page.edges.map(({ node }) => node),
          known,
        ),
      ]
      this.#endAt(page)
    } catch (failure) {
      this.failure = failure instanceof Error ? failure.message : String(failure)
    } finally {
      this.busy = false
    }
  }

  #endAt({ pageInfo }: HistoryPage): void {
    this.after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  }
}
