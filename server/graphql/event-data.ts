// What an event says, with the ids that the API gives everywhere else.
import { childTypeNames } from './children.ts'
import { apiName } from './event-types.ts'
import { encodeId } from './ids.ts'
import { eventTypes, type EventType, type Json } from '../domain/events.ts'
import { findField } from '../domain/fields.ts'
import type { LoggedEvent } from '../domain/log.ts'

type Encode = (id: string, event: LoggedEvent, beside: Readonly<Record<string, Json>>) => string

const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

const user: Encode = (id) => encodeId('User', id)
const change: Encode = (id, { companyId, proposalId }) =>
  proposalId === null ? id : encodeId('ProposedChange', companyId, proposalId, id)

/** The child record that a change of the field beside it is about. */
const record: Encode = (id, { companyId, customerId }, beside) => {
  const field = typeof beside.field === 'string' ? findField(beside.field) : undefined
  if (field === undefined || field.record === 'customer' || customerId === null) return id
  return encodeId(childTypeNames[field.record], companyId, customerId, id)
}

const typeNames: ReadonlyMap<string, EventType> = new Map(eventTypes.map((type) => [type, type]))

/**
 * Members of an event's data that hold an id or a list of ids, or of what else the API has names for. What is not here, a run's for one,
 * names nothing in the API.
 */
const encoders: Readonly<Record<string, Encode>> = {
  assigneeId: user,
  assigneeIds: user,
  userId: user,
  managerId: user,
  standInId: user,
  responsibleId: user,
  ownerId: user,
  memberIds: user,
  to: user,
  // Of an absence it is a time.
  from: (id) => (isId(id) ? encodeId('User', id) : id),
  changeId: change,
  changes: change,
  keep: change,
  drop: change,
  alreadyApplied: change,
  overwritten: change,
  recordId: record,
  workflowId: (id, { companyId }) => encodeId('Workflow', companyId, id),
  webhookId: (id, { companyId }) => encodeId('Webhook', companyId, id),
  groupId: (id, { companyId }) => encodeId('Group', companyId, id),
  queueId: (id, { companyId }) => encodeId('WorkQueue', companyId, id),
  queueIds: (id, { companyId }) => encodeId('WorkQueue', companyId, id),
  workItemIds: (id, { companyId, proposalId }) =>
    proposalId === null ? id : encodeId('WorkItem', companyId, proposalId, id),
  fromQueueId: (id, { companyId }) => encodeId('WorkQueue', companyId, id),
  revertsId: (id, { companyId }) => encodeId('Proposal', companyId, id),
  keyId: (id, { companyId }) => encodeId('ApiKey', companyId, id),
  absenceId: (id, { companyId }) => encodeId('Absence', companyId, id),
  decisionId: (id, { companyId }) => encodeId('Decision', companyId, id),
  commentId: (id, { companyId }) => encodeId('Comment', companyId, id),
  importId: (id, { companyId }) => encodeId('ImportJob', companyId, id),
  types: (name) => {
    const type = typeNames.get(name)
    return type === undefined ? name : apiName(type)
  },
}

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shown = (event: LoggedEvent, data: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      const encode = encoders[key]
      const one = (each: Json): Json => {
        if (isObject(each)) return shown(event, each)
        return typeof each === 'string' && encode !== undefined ? encode(each, event, data) : each
      }
      // `records` and `fields` of a write go together by their places.
      if (key === 'records' && Array.isArray(value) && Array.isArray(data.fields)) {
        const { fields } = data
        return [
          key,
          value.map((id: Json, n: number) =>
            typeof id === 'string' ? record(id, event, { field: (fields as readonly Json[])[n] ?? null }) : id,
          ),
        ]
      }
      return [key, Array.isArray(value) ? value.map(one) : one(value)]
    }),
  )

/** An event's data as the API shows it. */
export const eventData = (event: LoggedEvent): Readonly<Record<string, Json>> => shown(event, event.data)
