// What a screen reader is told: politely what arrives, at once what concerns the item in hand.
class Announcer {
  polite = $state('')
  assertive = $state('')

  say(text: string): void {
    // The same sentence twice is read twice only if the text differs.
    this.polite = this.polite === text ? `${text}\u00a0` : text
  }

  interrupt(text: string): void {
    this.assertive = this.assertive === text ? `${text}\u00a0` : text
  }
}

export const announcer = new Announcer()
