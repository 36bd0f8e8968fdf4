// What a page shows of itself is in its address: a list as it is filtered can be sent to somebody, and Back finds it again.
import { router } from './router.svelte.ts'

/** This page's own address with these parts changed; null or empty: taken out. */
export const addressWith = (changes: Readonly<Record<string, string | null>>): string => {
  const next = new URLSearchParams(router.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value)
    else next.delete(name)
  }
  return next.size > 0 ? `${router.path}?${next.toString()}` : router.path
}
