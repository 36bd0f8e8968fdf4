// How much memory a process holds.
import { Session } from 'node:inspector/promises'

export type Memory = {
  /** Bytes of the whole process that are in memory, as the system counts them. */
  readonly rss: number
  /** The same once everything that could be collected has been; only when asked for, since no server does that. */
  readonly collected?: number
}

/** The answer of a child to `memory`. */
export const memory = async (collect = false): Promise<Memory> => {
  const rss = process.memoryUsage.rss()
  if (!collect) return { rss }
  // The one way that also gives back to the system what has become free.
  const session = new Session()
  session.connect()
  await session.post('HeapProfiler.collectGarbage')
  session.disconnect()
  return { rss, collected: process.memoryUsage.rss() }
}
