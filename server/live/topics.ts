// Who hears of an event: its company, its customer, its proposal, and the people whose queue or rights it touches.
import type { LoggedEvent } from '../domain/log.ts'
import type { Topic } from '../store/feed.ts'

export type { Topic } from '../store/feed.ts'

/** People named by the event: whose work item came, changed or went (assigneeId), whose membership changed (userId). */
export const touchedUsers = (event: LoggedEvent): string[] =>
  [...new Set([event.data.assigneeId, event.data.userId])].filter((id) => typeof id === 'string')

/** Work items that came, changed or went with these events, each once. */
export const touchedItems = (events: readonly LoggedEvent[]): string[] => [
  ...new Set(events.map((event) => event.workItemId).filter((id) => id !== null)),
]

/** The one name of a topic; two topics are the same when their names are. */
export const topicName = (topic: Topic): string => {
  if (topic.userId !== undefined) return `user ${topic.userId}`
  if (topic.customerId !== undefined) return `customer ${topic.companyId} ${topic.customerId}`
  if (topic.proposalId !== undefined) return `proposal ${topic.companyId} ${topic.proposalId}`
  return `company ${topic.companyId}`
}

/** Names of all topics that an event belongs to. What the store's `readFeed` finds for a topic is never less. */
export const topicsOf = (event: LoggedEvent): string[] => {
  const { companyId, customerId, proposalId } = event
  const topics: Topic[] = [{ companyId }, ...touchedUsers(event).map((userId) => ({ userId }))]
  if (customerId !== null) topics.push({ companyId, customerId })
  if (proposalId !== null) topics.push({ companyId, proposalId })
  return topics.map(topicName)
}
