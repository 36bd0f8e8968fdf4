// Code that comes when it is needed. A browser never asks again for a file that it once failed to get, so nothing is asked for
// while the server is away; and what fails although it is there, an older build's file that is gone, comes by reloading.
import { unsaved } from './drafts.ts'
import { connection } from './live/connection.svelte.ts'

/** `offline`: it can be tried again when the server is back. `gone`: only reloading helps. */
export type LazyFailure = 'offline' | 'gone'

const reachable = (): Promise<boolean> =>
  fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )

const lastReload = 'countersign.reloaded'
const oncePerMs = 60_000

/** Reloads the page for what is gone; not when something typed would go with it, nor again and again. */
export const reloadOnce = (): void => {
  if (unsaved() || Date.now() - Number(sessionStorage.getItem(lastReload)) < oncePerMs) return
  sessionStorage.setItem(lastReload, String(Date.now()))
  location.reload()
}

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
    if (connection.status !== 'live' && !(await reachable())) {
      this.failure = 'offline'
      return
    }
    try {
      this.part = (await this.#fetch()).default
      this.failure = null
    } catch {
      this.failure = (await reachable()) ? 'gone' : 'offline'
    }
  }
}
