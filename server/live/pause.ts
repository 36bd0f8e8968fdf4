// Waiting that can be cut short, for loops that are woken and poll as well.

export type Pause = {
  /** Waits until woken, at most `ms`; returns at once when it was woken since the last wait. Says whether it was woken. */
  wait(ms: number): Promise<boolean>
  wake(): void
}

export const createPause = (): Pause => {
  let woken = false
  let end: (() => void) | undefined
  return {
    async wait(ms) {
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          end = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        end = undefined
      }
      const was = woken
      woken = false
      return was
    },
    wake() {
      woken = true
      end?.()
    },
  }
}
