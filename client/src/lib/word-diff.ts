// What differs between two texts, word by word. Most changes are no texts of several words: it comes for those that are.
import { Lazy } from './lazy.svelte.ts'

export const wordDiff = new Lazy(async () => ({ default: (await import('diff')).diffWords }))
