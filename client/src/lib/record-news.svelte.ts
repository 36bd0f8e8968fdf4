// What somebody else writes into the record that is on the screen: noticed, said, and its places marked until one leaves.
import type { Catalogue } from './catalogue.ts'
import type { Children } from './children.ts'
import { CustomerWritesStream, type Customer } from './documents/customers.ts'
import { connection } from './live/connection.svelte.ts'
import { messages } from './messages.ts'
import { newsBetween, type News, type Reading } from './record-news.ts'
import { toast } from './toasts.svelte.ts'
import { customerWords } from './words/customer.ts'

/** So many are named, the others counted. */
const named = 3

/**
 * Calls `onmoved` when the record is written, whether that had to be approved or not; answers how to stop. `shown`: the version that the
 * page has read, once what is on its way is there; null when there is none.
 */
export const watchRecord = (
  record: { company: string; account: string },
  onmoved: () => void,
  shown: () => Promise<number | null>,
): (() => void) => {
  let stopped = false
  const stop = connection.follow(CustomerWritesStream, record, (message) => {
    if (!('customer' in message)) return
    const { version } = message.customer
    void shown().then((read) => {
      if (!stopped && read !== null && read < version) onmoved()
    })
  })
  return () => {
    stopped = true
    stop()
  }
}

export class RecordNews {
  /** Their places, as `placeOf` gives them. */
  fresh = $state.raw<readonly string[]>([])
  #before: (Reading & { id: string; proposed: readonly string[] }) | null = null
  #own: readonly string[] = []

  /** Fields, by their names, that one has written oneself. */
  own(written: readonly string[]): void {
    this.#own = [...this.#own, ...written]
  }

  /**
   * Another reading of a record, or the first. `waits`: one's own edit is on its way, of which nothing can be said yet. Answers what
   * differs since which version; null when nothing was written.
   */
  take(
    catalogue: Catalogue,
    { id, version, values, ...rest }: Customer,
    children: Children,
    waits: boolean,
  ): { since: number; news: readonly News[] } | null {
    const before = this.#before?.id === id ? this.#before : null
    if (before !== null && waits) return null
    // What was proposed and is written now its banner tells.
    const changes = [rest.proposal, ...(rest.scheduledProposals ?? [])].flatMap((one) => one?.changes ?? [])
    const proposed = changes.map(({ field }) => field.name)
    if (before?.version === version) {
      before.proposed = proposed
      return null
    }
    this.#before = { id, version, values, children, proposed }
    const own = this.#own
    this.#own = []
    if (before === null) {
      this.fresh = []
      return null
    }
    const news = newsBetween(catalogue, before, this.#before)
    this.#tell(news.filter(({ name }) => !own.includes(name) && !before.proposed.includes(name)))
    return { since: before.version, news }
  }

  #tell(news: readonly News[]): void {
    if (news.length === 0) return
    this.fresh = [...this.fresh, ...news.map(({ key }) => key)]
    const labels = news.map(({ label }) => label)
    const rest = labels.length - named
    const said = rest > 1 ? [...labels.slice(0, named), customerWords.news.more(rest)] : labels
    toast(customerWords.news.written(messages.people(said)))
  }
}
