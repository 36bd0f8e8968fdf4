// The time of day for what is shown of it: it moves every half minute while something that shows it is on the screen.
import { createSubscriber } from 'svelte/reactivity'

const tickMs = 30_000

class Clock {
  readonly #follow = createSubscriber((update) => {
    const timer = setInterval(update, tickMs)
    return () => clearInterval(timer)
  })

  get now(): number {
    this.#follow()
    return Date.now()
  }
}

export const clock = new Clock()
