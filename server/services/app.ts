// What a use case needs of the process, and who is asking. Built once by createApp; nothing here is global.
import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../db/connect.ts'
import type { Role } from '../domain/directory.ts'
import type { SetupCache } from './setup-cache.ts'
import type { Sender } from './webhook-sender.ts'

export type Viewer = {
  readonly userId: string
  readonly kind: 'PERSON' | 'SERVICE'
  readonly name: string
  /** Active memberships by company id. */
  readonly memberships: ReadonlyMap<
    string,
    {
      readonly code: string
      readonly name: string
      readonly roles: readonly Role[]
      /** Of the company's set-up when this was read. */
      readonly setupVersion: number
    }
  >
  /** When the sign-in ends, in milliseconds since 1970; null: it does not. */
  readonly expiresAt: number | null
}

/** Work that goes on after its request: an import to be planned or carried out, a decision on a large batch. */
export type Job = { readonly queue: 'imports' | 'batches'; readonly companyId: string; readonly id: string }

export type App = {
  readonly db: Db
  readonly clock: Clock
  readonly setup: SetupCache
  /** Tells the sequencer that something has been committed. */
  readonly wake: () => void
  /** Has a job done once the transaction has committed, by any process. What a job does may be begun twice and must bear it. */
  readonly enqueue: (tx: Tx, job: Job) => Promise<void>
  /** Does anybody work beside what goes on for long? It then takes smaller steps. */
  readonly othersWork: () => boolean
  /** Asks endpoints of partners. */
  readonly sender: Sender
}
