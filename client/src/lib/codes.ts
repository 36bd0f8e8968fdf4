// Codes of a list as the set-up shows them, and who set or retired each last, which the log tells.
import type { SetupEvent } from './documents/setup.ts'
import { asRecord } from './format.ts'
import { texts } from './setup-log.svelte.ts'

export type Code = { code: string; name: string; active: boolean }

/** By code, the line of the log that set or retired it last. */
export const lastLines = (events: readonly SetupEvent[], kind: string): ReadonlyMap<string, SetupEvent> =>
  new Map(
    events.flatMap((event) => {
      const data = asRecord(event.data)
      if (data.kind !== kind) return []
      const set = Array.isArray(data.upsert) ? data.upsert.map((one) => asRecord(one).code ?? null) : []
      return [...texts(set), ...texts(data.deactivate)].map((code) => [code, event] as const)
    }),
  )
