// What a screen reader is told: politely what arrives, at once what concerns the item in hand.
import { untrack } from 'svelte'

class Announcer {
  polite = $state('')
  assertive = $state('')
  readonly #said: string[] = []

  /** What is said in one breath is read in one: the second would take the first one's place unheard. */
  say(text: string): void {
    if (this.#said.push(text) > 1) return
    queueMicrotask(() => {
      const all = this.#said.splice(0).join('. ')
      this.polite = anew(() => this.polite, all)
    })
  }

  interrupt(text: string): void {
    this.assertive = anew(() => this.assertive, text)
  }
}

/** The same sentence twice is read twice only if the text differs. */
const anew = (said: () => string, text: string): string => (untrack(said) === text ? `${text}\u00a0` : text)

export const announcer = new Announcer()
