// What was typed and not yet saved is found again when one comes back to its page, and those that can be written down also when
// the page is loaded anew in the same tab. The window asks before it goes with it.
import { untrack } from 'svelte'
import { apart } from './apart.svelte.ts'
import type { Json } from './graphql.ts'

export type Kept = {
  readonly dirty: boolean
  /** What was typed, to be taken up again by `restore`; without both a draft ends with the loaded page. */
  toJSON?: () => Json
  restore?: (written: Json) => void
  /** Somebody else has signed in. */
  forget?: () => void
}

const all = new Map<string, Kept>()
const prefix = 'countersign.draft.'

const taken = (key: string): Json | undefined => {
  const written = sessionStorage.getItem(prefix + key)
  if (written === null) return undefined
  sessionStorage.removeItem(prefix + key)
  return JSON.parse(written) as Json
}

/** The one that was kept under the key, or a new one. A key begins with the name of its room: only one kind lies there. */
export const keep = <Draft extends Kept>(key: string, make: () => Draft): Draft => {
  const known = all.get(key) as Draft | undefined
  if (known) return known
  const draft = apart(make)
  const written = taken(key)
  if (written !== undefined) untrack(() => draft.restore?.(written))
  all.set(key, draft)
  return draft
}

/** Has anything been typed that the server has not been told? */
export const unsaved = (): boolean => [...all.values()].some(({ dirty }) => dirty)

// Also those that nobody has looked at since the page was loaded lie there still, and stay.
addEventListener('pagehide', () => {
  for (const [key, draft] of all) {
    if (draft.dirty && draft.toJSON) sessionStorage.setItem(prefix + key, JSON.stringify(draft.toJSON()))
    else sessionStorage.removeItem(prefix + key)
  }
})

const ofWhom = 'countersign.drafts-of'

/** Only what this person has typed is kept; somebody else's is forgotten. */
export const keepDraftsOf = (person: string): void => {
  if (sessionStorage.getItem(ofWhom) !== person) {
    for (const draft of all.values()) draft.forget?.()
    forgetDrafts()
  }
  sessionStorage.setItem(ofWhom, person)
}

/** At sign-out. */
export const forgetDrafts = (): void => {
  all.clear()
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key)
}
