// What somebody else writes into the record that is on the screen: noticed, said, and its places marked until one leaves.
import { untrack } from 'svelte'
import { ask } from './api.ts'
import type { Catalogue } from './catalogue.ts'
import type { Children } from './children.ts'
import { CustomerVersionQuery, type Customer } from './documents/customers.ts'
import { connection } from './live/connection.svelte.ts'
import { messages } from './messages.ts'
import { newsBetween, type Reading } from './record-news.ts'
import { toast } from './toasts.svelte.ts'
import { customerWords } from './words/customer.ts'

/** So many are named, the others counted. */
const named = 3

const everyMs = 60_000

/**
 * For a component. Calls `onmoved` when the record has another version than the one that is shown: streams tell of proposals only, not of
 * what is written without approval. Asked when the connection is back, and each minute while the page can be seen.
 */
export const watchRecord = (
  shown: () => { company: string; account: string; version: number } | null,
  onmoved: () => void,
): void => {
  const look = async () => {
    const now = shown()
    if (now === null || document.visibilityState !== 'visible') return
    const { company, account, version } = now
    const { customer } = await ask(CustomerVersionQuery, { company, account })
    if (customer && customer.version !== version) onmoved()
  }
  // What cannot be asked now is asked again.
  const tryToLook = () => void look().catch(() => undefined)
  $effect(() => {
    if (connection.resumes > 0) untrack(tryToLook)
  })
  $effect(() => {
    const timer = setInterval(tryToLook, everyMs)
    return () => clearInterval(timer)
  })
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

  /** Another reading of a record, or the first. `waits`: one's own edit is on its way, of which nothing can be said yet. */
  take(catalogue: Catalogue, { id, version, values, ...rest }: Customer, children: Children, waits: boolean): void {
    const before = this.#before?.id === id ? this.#before : null
    if (before !== null && (before.version === version || waits)) return
    // What was proposed and is written now its banner tells.
    const changes = [rest.proposal, ...(rest.scheduledProposals ?? [])].flatMap((one) => one?.changes ?? [])
    const proposed = changes.map(({ field }) => field.name)
    this.#before = { id, version, values, children, proposed }
    if (before === null) {
      this.fresh = []
    } else {
      this.#tell(
        newsBetween(catalogue, before, this.#before).filter(
          ({ name }) => !this.#own.includes(name) && !before.proposed.includes(name),
        ),
      )
    }
    this.#own = []
  }

  #tell(news: ReturnType<typeof newsBetween>): void {
    if (news.length === 0) return
    this.fresh = [...this.fresh, ...news.map(({ key }) => key)]
    const labels = news.map(({ label }) => label)
    const rest = labels.length - named
    const said = rest > 1 ? [...labels.slice(0, named), customerWords.news.more(rest)] : labels
    toast(customerWords.news.written(labels.length, messages.people(said)))
  }
}
