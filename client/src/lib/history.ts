// What an event of the log says to a person: who did what, to which value, in whose words.
import type { HistoryEvent, Value } from './documents/fragments.ts'
import type { Comment, Proposal } from './documents/proposal-parts.ts'
import { asRecord, formatRaw } from './format.ts'
import type { Json } from './graphql.ts'
import { messages } from './messages.ts'
import type { IconName, Tone } from './states.ts'
import { manyDeeds } from './words/events.ts'

type EventValue = HistoryEvent['values'][number]['value']
export type ValueMove = { key: string; field: EventValue['field']; before: Value | undefined; after: Value | undefined }

/** What the workflow does by itself between people's acts. */
export const isMachinery = ({ type }: HistoryEvent): boolean => type in messages.workflowEvents

const text = (data: Json, names: readonly string[]): string | null => {
  const record = asRecord(data)
  const found = names.map((name) => record[name] ?? null).find((value) => value !== null && typeof value !== 'object')
  return found === undefined ? null : formatRaw(found)
}

/** What an event is about, to look for: what people decided, what was written, what they said, what they proposed. */
export const historyKinds = ['values', 'decisions', 'proposals', 'comments'] as const
export type HistoryKind = (typeof historyKinds)[number]

const written: readonly HistoryEvent['type'][] = ['CUSTOMER_CREATED', 'CUSTOMER_UPDATED', 'PROPOSAL_APPLIED']
const decided: readonly HistoryEvent['type'][] = [
  'DECISION_RECORDED',
  'CHANGE_REFUSED',
  'CHANGES_REQUESTED',
  'PROPOSAL_REJECTED',
]

/** Did the record change with it? It can be looked at as it stood then. */
export const writes = ({ type }: HistoryEvent): boolean => written.includes(type)

export const isOfKind = (event: HistoryEvent, kind: HistoryKind): boolean => {
  switch (kind) {
    case 'values':
      return writes(event)
    case 'decisions':
      return decided.includes(event.type)
    case 'proposals':
      return /^(CHANGE|PROPOSAL|RUN|EFFECTIVE)_/.test(event.type)
    case 'comments':
      return words(event) !== null
  }
}

const signs: Partial<Record<HistoryEvent['type'], { icon: IconName; tone: Tone }>> = {
  CUSTOMER_CREATED: { icon: 'plus', tone: 'approved' },
  CUSTOMER_UPDATED: { icon: 'pencil', tone: 'approved' },
  CHANGE_PROPOSED: { icon: 'pencil', tone: 'draft' },
  CHANGE_REPLACED: { icon: 'pencil', tone: 'draft' },
  CHANGE_DISCARDED: { icon: 'trash', tone: 'draft' },
  CHANGE_REFUSED: { icon: 'cross', tone: 'rejected' },
  PROPOSAL_DISCARDED: { icon: 'trash', tone: 'draft' },
  PROPOSAL_SUBMITTED: { icon: 'hourglass', tone: 'pending' },
  PROPOSAL_RESUBMITTED: { icon: 'hourglass', tone: 'pending' },
  CHANGES_REQUESTED: { icon: 'return', tone: 'pending' },
  PROPOSAL_REJECTED: { icon: 'cross', tone: 'rejected' },
  PROPOSAL_RECALLED: { icon: 'return', tone: 'draft' },
  RUN_CANCELLED: { icon: 'stop', tone: 'draft' },
  PROPOSAL_SCHEDULED: { icon: 'calendar', tone: 'scheduled' },
  EFFECTIVE_TIME_CHANGED: { icon: 'calendar', tone: 'scheduled' },
  PROPOSAL_CONFLICTED: { icon: 'fork', tone: 'rejected' },
  PROPOSAL_REBASED: { icon: 'fork', tone: 'draft' },
  PROPOSAL_FAULTED: { icon: 'stop', tone: 'rejected' },
  PROPOSAL_RESUMED: { icon: 'hourglass', tone: 'pending' },
  PROPOSAL_APPLIED: { icon: 'check', tone: 'approved' },
  COMMENT_ADDED: { icon: 'comment', tone: 'draft' },
}

/** How an event looks; what it says stands beside it. */
export const signOf = (event: HistoryEvent): { icon: IconName; tone: Tone } => {
  if (event.type === 'DECISION_RECORDED') {
    const against = ['REJECTED', 'RETURNED', 'CHANGE_REQUESTED'].includes(text(event.data, ['outcome']) ?? '')
    return against ? { icon: 'cross', tone: 'rejected' } : { icon: 'check', tone: 'approved' }
  }
  return signs[event.type] ?? { icon: event.type.startsWith('WORK_ITEM_') ? 'person' : 'circle', tone: 'draft' }
}

/** One line of a timeline: an event, or what somebody did at once to several values. */
export type HistoryLine = { id: string; first: HistoryEvent; events: readonly HistoryEvent[] }

const together = (a: HistoryEvent, b: HistoryEvent) =>
  a.type in manyDeeds &&
  a.type === b.type &&
  a.at === b.at &&
  a.actor?.id === b.actor?.id &&
  a.proposal?.id === b.proposal?.id &&
  words(a) === words(b)

/** Events in their order as lines: of one edit, which proposes a change for each of its values, one. */
export const linesOf = (events: readonly HistoryEvent[]): HistoryLine[] => {
  const lines: { first: HistoryEvent; events: HistoryEvent[] }[] = []
  for (const event of events) {
    const last = lines.at(-1)
    if (last && together(last.first, event)) last.events.push(event)
    else lines.push({ first: event, events: [event] })
  }
  return lines.map((line) => ({ ...line, id: line.first.id }))
}

/** The verb of the sentence; of several events at once with their number. */
export const deedOf = ({ first, events }: HistoryLine): string =>
  (events.length > 1 ? manyDeeds[first.type]?.(events.length) : undefined) ?? deed(first)

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
