// A batch as somebody looks at it. What is on the screen is what they decide on, so it stands still while the batch moves on: that it
// has is said, and they look again when they want to.
import { ask } from '../api.ts'
import { BatchesQuery, BatchMoves, type Batch } from '../documents/batches.ts'
import { connection } from '../live/connection.svelte.ts'

const pause = 500

/** By how much a batch differs from the one before: in all, and by field. */
export type Moved = { now: number; before: number; fields: readonly { label: string; by: number }[] }

export const movedFrom = (before: Batch, now: Batch): Moved => {
  const countIn = (batch: Batch, name: string) => batch.fields.find(({ field }) => field.name === name)?.changes ?? 0
  const all = [...before.fields, ...now.fields.filter(({ field }) => countIn(before, field.name) === 0)]
  const fields = all.map(({ field }) => ({
    label: field.label,
    by: countIn(now, field.name) - countIn(before, field.name),
  }))
  return { now: now.items, before: before.items, fields: fields.filter(({ by }) => by !== 0) }
}

/** Made while a component starts. */
export class BatchInHand {
  readonly #importId: string
  readonly #company: string
  /** What is looked at; null: nothing waits. Undefined: not read yet. */
  shown = $state.raw<Batch | null>()
  /** What there is by now. */
  now = $state.raw<Batch | null>()
  failure = $state<string | null>(null)
  /** Rises when another state of it is shown: its items are read again. */
  sight = $state(0)
  #running: Promise<void> | null = null
  #again = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(importId: string, company: string) {
    this.#importId = importId
    this.#company = company
    $effect(() => {
      const stop = connection.follow(BatchMoves, {}, (message) => {
        const told =
          message.__typename === 'QueueDelta'
            ? message.changedBatches.includes(importId)
            : message.__typename !== 'Heartbeat'
        if (told) this.#soon()
      })
      return () => {
        clearTimeout(this.#timer)
        stop()
      }
    })
    void this.read()
  }

  /** It has moved on since it was shown. */
  get moved(): boolean {
    return this.shown !== undefined && this.shown?.digest !== this.now?.digest
  }

  /** From now on what there is by now is what is looked at. */
  look(): void {
    this.shown = this.now
    this.sight += 1
  }

  /** Reads it again; what is shown stays, unless nothing was. */
  async read(): Promise<void> {
    if (this.#running) this.#again = true
    else this.#running = this.#read().finally(() => (this.#running = null))
    await this.#running
  }

  async #read(): Promise<void> {
    do {
      this.#again = false
      try {
        const { approvalBatches } = await ask(BatchesQuery, { company: this.#company })
        this.now = approvalBatches?.find((batch) => batch.import.id === this.#importId) ?? null
        this.failure = null
        if (!this.shown || this.shown.digest === this.now?.digest) this.shown = this.now
      } catch (failure) {
        this.failure = failure instanceof Error ? failure.message : String(failure)
      }
    } while (this.#again)
  }

  /** Many of its items may move at once. */
  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.read()
    }, pause)
  }
}
