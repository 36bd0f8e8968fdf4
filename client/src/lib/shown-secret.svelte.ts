// A secret that the server tells once, until its reader has put it away: it stays over going back and forth, and the window asks
// before it goes with it. Never written down.
import { keep } from './drafts.ts'

export class ShownSecret {
  shown = $state.raw<{ title: string; secret: string } | null>(null)

  get dirty(): boolean {
    return this.shown !== null
  }
}

/** The one of a part of the set-up; forgotten at sign-out. */
export const shownSecret = (key: string): ShownSecret => keep(`${key}/secret`, () => new ShownSecret())
