// The lines of a queue in their order, changed in place: a message costs what it brings, however long the queue is. What comes
// goes to the end and what is gone stays where it is, until one moves on. Knows nothing of who looks at it.
import type { QueueItem, RemovedItem } from './documents/queue.ts'
import { entryOf, type Entry } from './queue-filter.ts'

const byRank = (a: Entry, b: Entry) => (a.rank < b.rank ? -1 : 1)

/** Imports are counted by their batches. */
const counted = (entry: Entry | undefined): number => (entry?.gone === null && entry.item.import === null ? 1 : 0)

export class QueueBook {
  /** How many items wait, without those of imports. */
  waiting = 0
  #order: Entry[] = []
  readonly #entries = new Map<string, Entry>()
  /** Versions of what has left, so that a late page cannot bring it back. */
  readonly #left = new Map<string, number>()
  /** What is not in its place: it has come, is due at another time, or is gone. */
  readonly #displaced = new Set<string>()
  /** What the snapshot under way has brought. */
  readonly #incoming = new Set<string>()
  #whole = true
  #sorted = false

  /** The same list each time. */
  get order(): readonly Entry[] {
    return this.#order
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** A stream begins: its snapshot is put into order when all of it is here. */
  begin(): void {
    this.#sorted = false
    this.forget()
  }

  /** A snapshot follows; until all of it is here, what is known stays. */
  forget(): void {
    this.#incoming.clear()
    this.#whole = false
  }

  /** An item of a snapshot's page. */
  page(item: QueueItem): void {
    if (this.#whole) this.forget()
    this.#incoming.add(item.id)
    // A page that was read elsewhere may be older than what the stream has told since.
    if (item.version > (this.#left.get(item.id) ?? -1)) this.put(item, -Infinity)
  }

  /** The whole snapshot is here: what it does not hold has left while nobody listened. */
  finish(): void {
    if (this.#whole) this.forget()
    for (const [id, entry] of this.#entries) {
      if (this.#incoming.has(id) || entry.gone !== null) continue
      this.#entries.delete(id)
      this.waiting -= counted(entry)
    }
    this.#order = this.#order.filter(({ id }) => this.#entries.has(id))
    if (!this.#sorted) {
      this.#order.sort(byRank)
      this.#displaced.clear()
      for (const { id, gone } of this.#order) if (gone !== null) this.#displaced.add(id)
    }
    this.#sorted = true
    this.#whole = true
  }

  /** Has it come, or come back? What is older than what is known is not taken. */
  put(item: QueueItem, arrived: number): boolean {
    const known = this.#entries.get(item.id)
    if (known && item.version < known.item.version) return false
    this.#left.delete(item.id)
    const entry = entryOf(item, known?.arrived ?? arrived)
    if (known?.rank !== entry.rank) this.#displaced.add(item.id)
    this.#set(entry, known)
    return known?.gone !== null
  }

  /** Has it left just now? */
  drop(removed: RemovedItem): boolean {
    const known = this.#entries.get(removed.id)
    if (known && removed.version < known.item.version) return false
    this.#left.set(removed.id, removed.version)
    if (!known) return false
    this.#displaced.add(removed.id)
    this.#set({ ...known, gone: removed, goneTo: null }, known)
    return known.gone === null
  }

  /** It is known now who or which queue has it. */
  locate(gone: Entry, name: string | null): void {
    const known = this.#entries.get(gone.id)
    if (known?.gone && known.gone.version === gone.gone?.version) this.#set({ ...known, goneTo: name }, known)
  }

  /**
   * Somebody goes on to another line: what is gone goes, and what has come takes its place. `done` has been dealt with by themselves
   * and stays once more, whether its news or its answer came first. Has anything moved?
   */
  moveOn(to: string | null, done: string | null): boolean {
    const moved = [...this.#displaced].flatMap((id) => this.#entries.get(id) ?? [])
    this.#displaced.clear()
    for (const entry of moved) {
      this.#order.splice(this.#order.indexOf(entry), 1)
      if (entry.gone === null || entry.id === to || entry.id === done) continue
      this.#entries.delete(entry.id)
    }
    for (const entry of moved) if (this.#entries.has(entry.id)) this.#insert(entry)
    return moved.length > 0
  }

  #set(entry: Entry, known: Entry | undefined): void {
    this.#entries.set(entry.id, entry)
    if (known) this.#order[this.#order.indexOf(known)] = entry
    else this.#order.push(entry)
    this.waiting += counted(entry) - counted(known)
  }

  #insert(entry: Entry): void {
    let [from, to] = [0, this.#order.length]
    while (from < to) {
      const middle = (from + to) >> 1
      const there = this.#order[middle]
      if (there && byRank(there, entry) < 0) from = middle + 1
      else to = middle
    }
    this.#order.splice(from, 0, entry)
    // It stays until one moves on from it.
    if (entry.gone !== null) this.#displaced.add(entry.id)
  }
}
