// How much waits in each queue, counted over a company's open items; for administrators, to whom alone the API tells all of them.
import { ask } from './api.ts'
import { QueuedQuery } from './documents/setup-work.ts'

export type Queued = { waiting: number; claimed: number }
type Page = {
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
  edges: { node: { queue: { id: string } | null; assignee: { id: string } | null } }[]
} | null

const mostPages = 20

/** By queue; `whole` false: there are more open items than were counted. */
export const countQueued = async (company: string): Promise<{ of: ReadonlyMap<string, Queued>; whole: boolean }> => {
  const of = new Map<string, Queued>()
  let after: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const { workItems }: { workItems: Page } = await ask(QueuedQuery, { company, after })
    for (const { node } of workItems?.edges ?? []) {
      if (!node.queue) continue
      const known = of.get(node.queue.id) ?? { waiting: 0, claimed: 0 }
      known[node.assignee === null ? 'waiting' : 'claimed'] += 1
      of.set(node.queue.id, known)
    }
    if (!workItems?.pageInfo.hasNextPage) return { of, whole: true }
    after = workItems.pageInfo.endCursor
  }
  return { of, whole: false }
}
