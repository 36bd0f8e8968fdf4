// What was typed and not yet saved is found again when one comes back to its page; the window asks before it goes with it.
export type Kept = { readonly dirty: boolean }

const all = new Map<string, Kept>()

/** The one that was kept under the key, or a new one. A key begins with the name of its room: only one kind lies there. */
export const keep = <Draft extends Kept>(key: string, make: () => Draft): Draft => {
  const draft = (all.get(key) as Draft | undefined) ?? make()
  all.set(key, draft)
  return draft
}

/** Has anything been typed that the server has not been told? */
export const unsaved = (): boolean => [...all.values()].some(({ dirty }) => dirty)

/** At sign-out. */
export const forgetDrafts = (): void => all.clear()
