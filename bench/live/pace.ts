// How servers that have their events in memory are told to publish them.
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { now } from './time.ts'

export type Burst = { readonly events: number }
export type Pace = { readonly events: number; readonly everyMs: number }

/** Answers to `burst` and `paced` of a server that publishes by this. */
export const publishing = (publish: () => void) => ({
  /** All of them one after the other; answers when the first began. */
  burst: async ({ events }: Burst): Promise<number> => {
    const started = now()
    for (let n = 0; n < events; n++) {
      publish()
      // Reads what clients send in between, as a server must.
      await turn()
    }
    return started
  },
  /** One after a pause each; answers when each began. */
  paced: (pace: Pace): Promise<number[]> =>
    repeat(pace, async () => {
      const started = now()
      publish()
      return started
    }),
})

/** Does something every so many milliseconds, whatever it takes itself, and answers what each told. */
export const repeat = async <T>({ events, everyMs }: Pace, act: (n: number) => Promise<T>): Promise<T[]> => {
  const told: T[] = []
  const started = now()
  for (let n = 0; n < events; n++) {
    told.push(await act(n))
    await wait(Math.max(0, started + (n + 1) * everyMs - now()))
  }
  return told
}
