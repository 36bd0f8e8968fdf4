// Code that comes when it is needed. Files of an older build are gone once the server runs a newer one, and the network may be
// away: whoever shows the part says so.

/** `offline`: the server cannot be reached. `changed`: it can, so what it no longer has is of an older build. */
type LazyFailure = 'offline' | 'changed'

const whyNot = (): Promise<LazyFailure> =>
  fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
    ({ ok }) => (ok ? 'changed' : 'offline'),
    () => 'offline',
  )

export class Lazy<Part> {
  /** Undefined until it has come; at once from then on. */
  part = $state.raw<Part>()
  failure = $state<LazyFailure | null>(null)
  readonly #fetch: () => Promise<{ default: Part }>
  #running: Promise<void> | null = null

  constructor(fetch: () => Promise<{ default: Part }>) {
    this.#fetch = fetch
  }

  /** Resolves when it is there or has failed; calls while it is under way share it, and one after a failure tries again. */
  load(): Promise<void> {
    if (this.part !== undefined) return Promise.resolve()
    this.#running ??= this.#load().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #load(): Promise<void> {
    try {
      this.part = (await this.#fetch()).default
      this.failure = null
    } catch {
      this.failure = await whyNot()
    }
  }
}
