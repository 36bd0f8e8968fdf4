// Which codes of a list are retired, and who did what to each: the API offers those that can be chosen, the log tells the rest.
import type { SetupEvent } from './documents/setup.ts'
import { asRecord } from './format.ts'
import { texts } from './setup-log.svelte.ts'

export type Code = { code: string; name: string }
type Told = Code & { last: SetupEvent }

/** By code, what the log says of the codes of a list: its last name, and the line that set or retired it. */
export const toldOf = (events: readonly SetupEvent[], kind: string): ReadonlyMap<string, Told> => {
  const told = new Map<string, Told>()
  for (const last of events) {
    const data = asRecord(last.data)
    if (data.kind !== kind) continue
    for (const one of Array.isArray(data.upsert) ? data.upsert : []) {
      const { code, name } = asRecord(one)
      if (typeof code === 'string' && typeof name === 'string') told.set(code, { code, name, last })
    }
    for (const code of texts(data.deactivate)) told.set(code, { code, name: told.get(code)?.name ?? '', last })
  }
  return told
}
