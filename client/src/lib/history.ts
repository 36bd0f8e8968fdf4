// What an event of the log says to a person: who did what, to which value, in whose words.
import type { HistoryEvent, Value } from './documents/fragments.ts'
import type { Comment, Proposal } from './documents/proposal-parts.ts'
import { asRecord, formatRaw } from './format.ts'
import type { Json } from './graphql.ts'
import { messages } from './messages.ts'

type EventValue = HistoryEvent['values'][number]['value']
export type ValueMove = { key: string; field: EventValue['field']; before: Value | undefined; after: Value | undefined }

/** What the workflow does by itself between people's acts. */
export const isMachinery = ({ type }: HistoryEvent): boolean => type in messages.workflowEvents

const text = (data: Json, names: readonly string[]): string | null => {
  const record = asRecord(data)
  const found = names.map((name) => record[name] ?? null).find((value) => value !== null && typeof value !== 'object')
  return found === undefined ? null : formatRaw(found)
}

/** The verb of the sentence. */
export const deed = (event: HistoryEvent): string => {
  const outcomes: Record<string, string> = messages.outcome
  const outcome = event.type === 'DECISION_RECORDED' ? outcomes[text(event.data, ['outcome']) ?? ''] : undefined
  const choice = text(event.data, ['choice'])
  return (
    (outcome !== undefined && choice !== null ? `${outcome} ${messages.run.choice(choice)}` : outcome) ??
    messages.workflowEvents[event.type] ??
    messages.events[event.type] ??
    event.type.toLowerCase().replaceAll('_', ' ')
  )
}

/** What people said with it. */
export const words = (event: HistoryEvent): string | null => text(event.data, ['comment', 'reason', 'text', 'message'])

/** What the proposal as it stands was submitted with, if anything was said. */
export const submission = ({ comments, submittedAt, submittedBy }: Proposal): Comment | undefined =>
  (comments ?? []).findLast(({ at, author }) => at === submittedAt && author.id === submittedBy?.id)

/** Where in the workflow. */
export const where = (event: HistoryEvent): string | null => text(event.data, ['step', 'name'])

const before = ['base', 'from', 'replaced']

/** From what to what. The log keeps `base` and `proposed`, or `from.0` and `to.0` where an event tells of several. */
export const moves = (event: HistoryEvent): ValueMove[] => {
  if (event.type === 'CUSTOMER_CREATED') return []
  const found = new Map<string, ValueMove>()
  for (const { key, value } of event.values) {
    const [name = '', number = ''] = key.split('.')
    const place = `${value.field.name} ${number}`
    const move = found.get(place) ?? { key: place, field: value.field, before: undefined, after: undefined }
    found.set(place, before.includes(name) ? { ...move, before: value } : { ...move, after: value })
  }
  return [...found.values()]
}
