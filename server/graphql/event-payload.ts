// An event as partners are told it: in the shape that Standard Webhooks recommends, with the names and ids of the API, and as a reader
// without the right to sensitive values sees it.
import { eventData } from './event-data.ts'
import { apiName } from './event-types.ts'
import { encodeId } from './ids.ts'
import type { Company } from '../domain/company.ts'
import type { SealedEvent } from '../domain/log.ts'
import { maskNamed } from '../domain/visibility.ts'
import type { PayloadOf } from '../services/deliveries.ts'

const personOf = (company: Company, id: string | null) =>
  id === null ? null : { id: encodeId('User', id), name: company.directory.people.get(id)?.name ?? null }

const idOrNull = (type: 'Customer' | 'Proposal', { companyId }: SealedEvent, id: string | null): string | null =>
  id === null ? null : encodeId(type, companyId, id)

/** What is sent of an event; its id is that of the API, the same however often it is sent. */
export const eventPayload: PayloadOf = (event, company, account) => {
  const id = encodeId('Event', event.companyId, event.id)
  const type = apiName(event.type)
  const values = event.values.map(({ key, field, value }) => ({ key, ...maskNamed(field, value) }))
  const content = {
    type,
    timestamp: event.at,
    data: {
      id,
      position: String(event.seal.position),
      company: company.code,
      type,
      at: event.at,
      actor: personOf(company, event.actorId),
      onBehalfOf: personOf(company, event.onBehalfOfId),
      customerId: idOrNull('Customer', event, event.customerId),
      account,
      proposalId: idOrNull('Proposal', event, event.proposalId),
      data: eventData(event),
      values: Object.fromEntries(values.map(({ key, value }) => [key, value])),
      // Else a receiver would take what it is not shown for empty, and empty its own.
      masked: values.flatMap(({ key, masked }) => (masked ? [key] : [])),
    },
  }
  return { id, body: JSON.stringify(content) }
}
