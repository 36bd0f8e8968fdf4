// What a screen reader is told: politely what arrives, at once what concerns the item in hand.
import { untrack } from 'svelte'

class Announcer {
  polite = $state('')
  assertive = $state('')

  say(text: string): void {
    this.polite = anew(() => this.polite, text)
  }

  interrupt(text: string): void {
    this.assertive = anew(() => this.assertive, text)
  }
}

/** The same sentence twice is read twice only if the text differs. */
const anew = (said: () => string, text: string): string => (untrack(said) === text ? `${text}\u00a0` : text)

export const announcer = new Announcer()
