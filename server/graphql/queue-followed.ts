// What a live queue follows beside its own person: their queues, and the people with whom they exchange seats while somebody is away.
import { viewerOf, type Context } from './context.ts'
import type { Follow } from './stream.ts'
import { companiesOf, timeOf } from './work-item-lists.ts'
import type { Company } from '../domain/company.ts'
import type { SealedEvent } from '../domain/log.ts'
import { queueMembers } from '../live/topics.ts'
import { interestsOf, type Interest } from '../services/queue.ts'
import { readShifts, type Topic } from '../store/feed.ts'

/** More of them since a cursor are not read again one by one: who has missed so much starts anew long before. */
const mostShifts = 1000

const topicOf = (interest: Interest): Topic => ('queueId' in interest ? interest : { userId: interest.userId })

/** What one subscription follows, and all that it ever has: items may still be held from then. */
export type Followed = {
  /** Follows what is set up by `now`, and answers the viewer's companies. */
  renew(context: Context, now: string, follow: Follow): Promise<readonly Company[]>
  /** What there was to follow at any time after a feed number. */
  since(context: Context, from: number): Promise<readonly Topic[]>
  /** People of a company in whose place the viewer has sat at any time, and queues of which they have been a member. */
  people(companyId: string): readonly string[]
  queues(companyId: string): readonly string[]
}

export const createFollowed = (): Followed => {
  const people = new Map<string, Set<string>>()
  const queues = new Map<string, Set<string>>()
  const put = (known: Map<string, Set<string>>, companyId: string, id: string): void =>
    void known.set(companyId, (known.get(companyId) ?? new Set()).add(id))
  const note = (interests: readonly Interest[]): readonly Topic[] => {
    for (const interest of interests) {
      if ('queueId' in interest) put(queues, interest.companyId, interest.queueId)
      else if (interest.standsIn) put(people, interest.companyId, interest.userId)
    }
    return interests.map(topicOf)
  }
  return {
    async renew(context, now, follow) {
      const { userId, memberships } = viewerOf(context)
      const companies = await companiesOf(context, [...memberships.keys()])
      follow(note(interestsOf(companies, userId, now)))
      return companies
    },
    async since(context, from) {
      const { userId, memberships } = viewerOf(context)
      const companyIds = [...memberships.keys()]
      const now = interestsOf(await companiesOf(context, companyIds), userId, timeOf(context))
      const shifts = await readShifts(context.app.db, from, companyIds, mostShifts)
      return note(withFormer(now, userId, shifts))
    },
    people: (companyId) => [...(people.get(companyId) ?? [])],
    queues: (companyId) => [...(queues.get(companyId) ?? [])],
  }
}

/** With queues that somebody has left meanwhile, and with whom they exchanged seats in absences that are over, over chains of them. */
const withFormer = (now: readonly Interest[], userId: string, shifts: readonly SealedEvent[]): readonly Interest[] => {
  const found = new Map<string, Interest>()
  const add = (interest: Interest): void => {
    const key = `${interest.companyId} ${'queueId' in interest ? interest.queueId : interest.userId}`
    const known = found.get(key)
    const weaker = known !== undefined && 'userId' in interest && !interest.standsIn
    if (!weaker) found.set(key, interest)
  }
  const knows = (companyId: string, id: string): boolean => id === userId || found.has(`${companyId} ${id}`)
  const standsIn = (companyId: string, id: string): boolean => {
    const known = found.get(`${companyId} ${id}`)
    return id === userId || (known !== undefined && 'userId' in known && known.standsIn)
  }
  now.forEach(add)
  for (const event of shifts)
    if (event.type === 'QueueSaved' && typeof event.data.queueId === 'string' && queueMembers(event).includes(userId))
      add({ companyId: event.companyId, queueId: event.data.queueId })
  // As often as there are links in the longest chain.
  for (let before = ''; before !== stateOf(found);) {
    before = stateOf(found)
    for (const { companyId, data } of shifts) {
      const { userId: away, standInId } = data
      if (typeof away !== 'string' || typeof standInId !== 'string') continue
      if (!knows(companyId, away) && !knows(companyId, standInId)) continue
      if (away !== userId) add({ companyId, userId: away, standsIn: standsIn(companyId, standInId) })
      if (standInId !== userId) add({ companyId, userId: standInId, standsIn: false })
    }
  }
  return [...found.values()]
}

const stateOf = (found: ReadonlyMap<string, Interest>): string => {
  const standing = [...found.values()].filter((interest) => 'userId' in interest && interest.standsIn)
  return `${found.size} ${standing.length}`
}
