// What every part of the editor works with: handed down from it.
import { createContext } from 'svelte'
import type { Catalogue } from '../catalogue.ts'
import type { SetupLog } from '../setup-log.svelte.ts'
import type { Directory } from './directory.svelte.ts'
import type { WorkflowDraft } from './draft.svelte.ts'
import type { Names } from './sentences.ts'
import type { Trial } from './trial.svelte.ts'

export type Bench = {
  readonly company: string
  readonly draft: WorkflowDraft
  readonly directory: Directory
  readonly trial: Trial
  /** What ids and fields are called. */
  readonly names: Names
  /** Undefined while it is being read. */
  readonly catalogue: Catalogue | undefined
}
export const [useBench, provideBench] = createContext<Bench>()

/** What the pages of a company's workflows share. */
export type Room = {
  readonly company: string
  readonly directory: Directory
  readonly trial: Trial
  readonly names: Names
  readonly log: SetupLog
  /** Reads the workflows again, after something was done to one. */
  readonly refresh: () => Promise<void>
}

/** What the parts of the editor ask of it. */
export type Desk = {
  /** Something new is chosen: its name is to be typed. */
  readonly added: () => void
  /** Takes out what is chosen. */
  readonly remove: () => void
  /** Asks where what is chosen should stand. */
  readonly place: () => void
}
export const [useDesk, provideDesk] = createContext<Desk>()
