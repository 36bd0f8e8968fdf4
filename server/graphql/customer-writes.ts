// The stream of what is written to a customer's record: by an approved proposal, and directly where no approval is needed.
import { builder } from './builder.ts'
import { companyIdOf, isMember, type Context } from './context.ts'
import { requestError } from './limits.ts'
import { CustomerRef, EventRef } from './refs.ts'
import {
  Heartbeat,
  LiveMessage,
  openDeliveries,
  Resync,
  type Delivery,
  type HeartbeatModel,
  type ResyncModel,
} from './stream.ts'
import type { SealedEvent } from '../domain/log.ts'
import type { CustomerHead } from '../store/customers.ts'
import { keyText } from '../store/prepared.ts'

type SnapshotModel = {
  readonly __typename: 'CustomerWritesSnapshot'
  readonly cursor: () => string
  readonly customer: CustomerHead
}
type WrittenModel = {
  readonly __typename: 'CustomerWritten'
  readonly cursor: () => string
  readonly event: SealedEvent
  readonly customer: CustomerHead
}
type Message = SnapshotModel | WrittenModel | ResyncModel | HeartbeatModel

const CustomerWritesSnapshot = builder.objectRef<SnapshotModel>('CustomerWritesSnapshot').implement({
  description: 'The record as it is.',
  interfaces: [LiveMessage],
  fields: (t) => ({
    customer: t.field({ type: CustomerRef, description: 'The customer.', resolve: ({ customer }) => customer }),
  }),
})
const CustomerWritten = builder.objectRef<WrittenModel>('CustomerWritten').implement({
  description: 'The record was written.',
  interfaces: [LiveMessage],
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      description: 'The write: CUSTOMER_CREATED, CUSTOMER_UPDATED, or PROPOSAL_APPLIED for what had been approved.',
      resolve: ({ event }) => event,
    }),
    customer: t.field({
      type: CustomerRef,
      description: 'The customer as it is now, which may be later than the event.',
      resolve: ({ customer }) => customer,
    }),
  }),
})
const CustomerWritesMessage = builder.unionType('CustomerWritesMessage', {
  description: 'A message of `customerWrites`.',
  types: [CustomerWritesSnapshot, CustomerWritten, Resync, Heartbeat],
  resolveType: (message: Message) => message.__typename,
})

/** Reads it anew for each message. */
type Read = (context: Context) => Promise<CustomerHead | null>

builder.subscriptionField('customerWrites', (t) =>
  t.field({
    type: CustomerWritesMessage,
    description:
      'What is written to a customer: first the record as it is, then each write of it or of its bank accounts, addresses and contacts, whether it had to be approved or not. What is proposed, `proposalStatus` tells.',
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      account: t.arg.string({ required: true, description: 'The account of the customer there.' }),
      after: t.arg({
        type: 'Cursor',
        description: 'Go on behind this message of an earlier stream: what was missed, then what comes.',
      }),
    },
    subscribe: async (_root, { company, account, after }, context) => {
      const companyId = companyIdOf(context, company)
      const found =
        companyId === null ? null : await context.loaders.customerByAccount.load(keyText(companyId, account))
      if (companyId === null || found === null)
        throw requestError('BAD_REQUEST', 'What is to be followed is not there, or not yours to see.')
      const read: Read = async ({ loaders }) => loaders.customer.load(keyText(companyId, found.id))
      return openDeliveries<Read, SnapshotModel | WrittenModel>(context, {
        topic: { companyId, recordId: found.id },
        field: 'customerWrites',
        sharedIn: companyId,
        variables: { company, account },
        after,
        // Read only if nobody has just read the same.
        async *snapshot() {
          yield read
        },
        async onSnapshot(of, cursor, now) {
          const customer = isMember(now, companyId) ? await of(now) : null
          return customer === null ? null : { __typename: 'CustomerWritesSnapshot', cursor, customer }
        },
        async onEvents([event], cursor, now) {
          const customer = isMember(now, companyId) ? await read(now) : null
          if (event === undefined || customer === null) return null
          return { __typename: 'CustomerWritten', cursor, event, customer }
        },
      })
    },
    resolve: (delivery: Delivery<Message>) => delivery.message,
  }),
)
