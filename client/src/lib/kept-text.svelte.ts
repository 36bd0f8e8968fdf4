// A text that is being written and outlives its page: a comment, a reason.
import { keep } from './drafts.ts'
import type { Json } from './graphql.ts'

class KeptText {
  text = $state('')

  get dirty(): boolean {
    return this.text.trim() !== ''
  }

  toJSON(): Json {
    return this.text
  }

  restore(written: Json): void {
    if (typeof written === 'string') this.text = written
  }
}

/** The text that is kept under the key (`comment/<id>`), or an empty one. */
export const textOf = (key: string): KeptText => keep(key, () => new KeptText())
