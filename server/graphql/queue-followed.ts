// What a live queue follows beside its own person: their queues, and the people with whom they exchange seats while somebody is away.
import { viewerOf, type Context } from './context.ts'
import type { Follow } from './stream.ts'
import { companiesOf, timeOf } from './work-item-lists.ts'
import type { Company } from '../domain/company.ts'
import type { SealedEvent } from '../domain/log.ts'
import { queueMembers } from '../live/topics.ts'
import { interestsOf, type Interest } from '../services/queue.ts'
import { readShifts, type Topic } from '../store/feed.ts'
import { keyText } from '../store/prepared.ts'

/** More of them since a cursor are not read again one by one: who has missed so much starts anew long before. */
const mostShifts = 1000

const keyOf = (interest: Interest): string =>
  'queueId' in interest ? `queue ${interest.queueId}` : `person ${keyText(interest.companyId, interest.userId)}`

const topicOf = (interest: Interest): Topic => ('queueId' in interest ? interest : { userId: interest.userId })

/** What one subscription follows, and all that it ever has: items may still be held from then. */
export type Followed = {
  /** Follows what is set up by `now`, and answers the viewer's companies. */
  renew(context: Context, now: string, follow: Follow): Promise<readonly Company[]>
  /** What there was to follow at any time after a feed number. */
  since(context: Context, from: number): Promise<readonly Topic[]>
  ever(interest: Interest): boolean
}

export const createFollowed = (): Followed => {
  const known = new Set<string>()
  const note = (interests: readonly Interest[]): readonly Topic[] => {
    for (const interest of interests) known.add(keyOf(interest))
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
    ever: (interest) => known.has(keyOf(interest)),
  }
}

/** With queues that somebody has left meanwhile, and with whom they exchanged seats in absences that are over, over chains of them. */
const withFormer = (now: readonly Interest[], userId: string, shifts: readonly SealedEvent[]): readonly Interest[] => {
  const found = new Map(now.map((interest) => [keyOf(interest), interest]))
  const add = (interest: Interest): void => void found.set(keyOf(interest), interest)
  for (const event of shifts)
    if (event.type === 'QueueSaved' && typeof event.data.queueId === 'string' && queueMembers(event).includes(userId))
      add({ companyId: event.companyId, queueId: event.data.queueId })
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { companyId, data } of shifts) {
      const people = [data.userId, data.standInId].filter((id) => typeof id === 'string')
      if (people.some((id) => id === userId || found.has(keyOf({ companyId, userId: id }))))
        for (const id of people) if (id !== userId) add({ companyId, userId: id })
    }
  }
  return [...found.values()]
}
