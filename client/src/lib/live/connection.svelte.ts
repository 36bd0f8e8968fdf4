// What the reader may trust: live, trying again, or what was true at a certain minute.
const patience = 12_000

class Connection {
  status = $state<'live' | 'reconnecting' | 'offline'>('reconnecting')
  /** When something was last heard. */
  heard = $state.raw(new Date())
  /** Rises when the connection is back and when the page is looked at again: whatever is shown reads again. */
  reconnects = $state(0)
  #lost = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    addEventListener('offline', () => this.down(true))
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.reconnects += 1
    })
  }

  message(): void {
    this.heard = new Date()
  }

  up(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.message()
    this.status = 'live'
    if (this.#lost) this.reconnects += 1
    this.#lost = false
  }

  down(now = false): void {
    if (this.status === 'live') this.#lost = true
    if (now || !navigator.onLine) this.status = 'offline'
    else if (this.status === 'live') this.status = 'reconnecting'
    this.#timer ??= setTimeout(() => {
      this.status = 'offline'
    }, patience)
  }
}

export const connection = new Connection()
