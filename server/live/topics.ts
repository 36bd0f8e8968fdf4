// Who hears of an event: its company, its customer, its proposal, and the people and queues that it names. Who is a member of a queue or
// stands in for somebody is for the subscriber to know, who follows those as well: an event costs as much as what it touches.
import { isWrite } from '../domain/as-of.ts'
import type { Json } from '../domain/events.ts'
import type { LoggedEvent } from '../domain/log.ts'
import type { Topic } from '../store/feed.ts'

export type { RecordTopic, Topic } from '../store/feed.ts'

const texts = (values: readonly (Json | undefined)[]): string[] => [
  ...new Set(values.filter((value) => typeof value === 'string')),
]

const membersOf = (queue: Json | undefined): readonly Json[] => {
  if (typeof queue !== 'object' || queue === null || !('memberIds' in queue)) return []
  return Array.isArray(queue.memberIds) ? (queue.memberIds as readonly Json[]) : []
}

/** Members of a queue before and after it was saved. */
export const queueMembers = ({ data }: Pick<LoggedEvent, 'data'>): string[] =>
  texts([...membersOf(data.old), ...membersOf(data.new)])

/** What a refusal names of those who are still asked about the change: their items, and where these lie. */
const named = (event: LoggedEvent, key: 'workItemIds' | 'assigneeIds' | 'queueIds'): readonly (Json | undefined)[] => {
  const ids = event.type === 'ChangeRefused' ? event.data[key] : undefined
  return Array.isArray(ids) ? (ids as readonly Json[]) : []
}

/**
 * People named by the event: whose work item came, changed or went (assigneeId, from, to), whose membership or absence changed (userId),
 * who stands in for them, and who came to a queue or left it.
 */
export const touchedUsers = (event: LoggedEvent): string[] => {
  const { type, data, workItemId } = event
  const handed = workItemId === null ? [] : [data.from, data.to]
  const members = type === 'QueueSaved' ? queueMembers(event) : []
  return texts([data.assigneeId, data.userId, data.standInId, ...handed, ...members, ...named(event, 'assigneeIds')])
}

/** Queues to which a work item came, in which it changed, or from which it went. */
export const touchedQueues = (event: LoggedEvent): string[] => {
  const { data, workItemId } = event
  return texts(workItemId === null ? named(event, 'queueIds') : [data.queueId, data.fromQueueId])
}

/** Work items that came, changed or went with these events, each once. */
export const touchedItems = (events: readonly LoggedEvent[]): string[] => [
  ...new Set(events.flatMap((event) => texts([event.workItemId ?? undefined, ...named(event, 'workItemIds')]))),
]

/** The one name of a topic; two topics are the same when their names are. */
export const topicName = (topic: Topic): string => {
  if (topic.userId !== undefined) return `user ${topic.userId}`
  if (topic.queueId !== undefined) return `queue ${topic.companyId} ${topic.queueId}`
  if (topic.customerId !== undefined) return `customer ${topic.companyId} ${topic.customerId}`
  if (topic.recordId !== undefined) return `record ${topic.companyId} ${topic.recordId}`
  if (topic.proposalId !== undefined) return `proposal ${topic.companyId} ${topic.proposalId}`
  return `company ${topic.companyId}`
}

/** Names of all topics that an event belongs to. What the store's `readFeed` finds for a topic is never less. */
export const topicsOf = (event: LoggedEvent): string[] => {
  const { companyId, customerId, proposalId, type } = event
  const topics: Topic[] = [
    { companyId },
    ...touchedUsers(event).map((userId) => ({ userId })),
    ...touchedQueues(event).map((queueId) => ({ companyId, queueId })),
  ]
  if (customerId !== null) topics.push({ companyId, customerId })
  if (customerId !== null && isWrite(type)) topics.push({ companyId, recordId: customerId })
  if (proposalId !== null) topics.push({ companyId, proposalId })
  return topics.map(topicName)
}
