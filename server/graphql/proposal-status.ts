// The stream of what becomes of proposals: what banners are made of.
import { builder } from './builder.ts'
import { companyIdOf, isMember, type Context } from './context.ts'
import { decodeId } from './ids.ts'
import { requestError } from './limits.ts'
import { ProposalStatus } from './proposal.ts'
import { EventRef, ProposalRef } from './refs.ts'
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
import { openStatuses, type ProposalStatus as Status } from '../domain/proposal.ts'
import type { Topic } from '../live/topics.ts'
import { countOpenProposals, listProposals } from '../store/lists.ts'
import { keyText } from '../store/prepared.ts'
import type { ProposalHead } from '../store/proposals.ts'
import { isGiven } from '../domain/given.ts'

type Count = { readonly status: Status; readonly count: number }
type Snapshot = { readonly proposals: readonly ProposalHead[]; readonly counts: readonly Count[] }
type SnapshotModel = Snapshot & { readonly __typename: 'ProposalStatusSnapshot'; readonly cursor: () => string }
type ChangedModel = {
  readonly __typename: 'ProposalStatusChanged'
  readonly cursor: () => string
  readonly event: SealedEvent
  readonly proposal: ProposalHead
}

const StatusCount = builder.objectRef<Count>('StatusCount').implement({
  description: 'How many open proposals are in a state.',
  fields: (t) => ({
    status: t.field({ type: ProposalStatus, description: 'The state.', resolve: ({ status }) => status }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})
const ProposalStatusSnapshot = builder.objectRef<SnapshotModel>('ProposalStatusSnapshot').implement({
  description: 'The open proposals as they are; of a whole company the 200 that changed last, and all by number.',
  interfaces: [LiveMessage],
  fields: (t) => ({
    proposals: t.field({
      type: [ProposalRef],
      description: 'The proposals. Read those beyond 200 with `proposals`.',
      resolve: ({ proposals }) => [...proposals],
    }),
    counts: t.field({
      type: [StatusCount],
      description: 'How many there are in each state; states without any are left out.',
      resolve: ({ counts }) => [...counts],
    }),
  }),
})
const ProposalStatusChanged = builder.objectRef<ChangedModel>('ProposalStatusChanged').implement({
  description: 'Something has happened to a proposal.',
  interfaces: [LiveMessage],
  fields: (t) => ({
    event: t.field({ type: EventRef, description: 'What has happened.', resolve: ({ event }) => event }),
    proposal: t.field({
      type: ProposalRef,
      description: 'The proposal as it is now, which may be later than the event.',
      resolve: ({ proposal }) => proposal,
    }),
  }),
})
type Message = SnapshotModel | ChangedModel | ResyncModel | HeartbeatModel
const ProposalStatusMessage = builder.unionType('ProposalStatusMessage', {
  description: 'A message of `proposalStatus`.',
  types: [ProposalStatusSnapshot, ProposalStatusChanged, Resync, Heartbeat],
  resolveType: (message) => message.__typename,
})

type Subject = {
  readonly companyId: string
  readonly topic: Topic
  readonly snapshot: (context: Context) => Promise<Snapshot>
}

const mostProposals = 200
const countsOf = (proposals: readonly ProposalHead[]): Count[] =>
  openStatuses
    .map((status) => ({ status, count: proposals.filter((p) => p.status === status).length }))
    .filter(({ count }) => count > 0)
const those = (...found: readonly (ProposalHead | null)[]): Snapshot => {
  const proposals = found.filter((each): each is ProposalHead => each?.closedAt === null)
  return { proposals, counts: countsOf(proposals) }
}

type Args = {
  company?: string | null | undefined
  account?: string | null | undefined
  proposalId?: string | null | undefined
}

/** What the arguments name; null when it is not there or not the viewer's. */
const subjectOf = async (context: Context, { company, account, proposalId }: Args): Promise<Subject | null> => {
  const byId = proposalId !== null && proposalId !== undefined
  if (byId ? isGiven(company) || isGiven(account) : !isGiven(company)) {
    throw requestError('BAD_REQUEST', 'Give exactly one of: company; company and account; proposalId.')
  }
  if (byId) {
    const decoded = decodeId(proposalId)
    if (decoded?.type !== 'Proposal' || !isMember(context, decoded.parts[0])) return null
    const [companyId] = decoded.parts
    const key = keyText(companyId, decoded.own)
    if ((await context.loaders.proposal.load(key)) === null) return null
    return {
      companyId,
      topic: { companyId, proposalId: decoded.own },
      snapshot: async (now) => those(await now.loaders.proposal.load(key)),
    }
  }
  const companyId = companyIdOf(context, company ?? '')
  if (companyId === null) return null
  if (!isGiven(account)) {
    const snapshot = async ({ app: { db } }: Context): Promise<Snapshot> => {
      const page = { limit: mostProposals, backward: false, from: null }
      const found = await listProposals(db, { companyId, status: openStatuses }, 'UPDATED_DESC', page)
      return { proposals: found.slice(0, mostProposals), counts: await countOpenProposals(db, companyId) }
    }
    return { companyId, topic: { companyId }, snapshot }
  }
  const customer = await context.loaders.customerByAccount.load(keyText(companyId, account))
  if (customer === null) return null
  const key = keyText(companyId, customer.id)
  return {
    companyId,
    topic: { companyId, customerId: customer.id },
    snapshot: async ({ loaders }) => {
      const [open, scheduled] = await Promise.all([
        loaders.openProposal.load(key),
        loaders.scheduledProposals.load(key),
      ])
      return those(open, ...scheduled)
    },
  }
}

builder.subscriptionField('proposalStatus', (t) =>
  t.field({
    type: ProposalStatusMessage,
    description:
      'What becomes of proposals: first those that are open, then each event as it happens. Exactly one of: company; company and account; proposalId.',
    args: {
      company: t.arg.string({ description: 'Of the company with this code.' }),
      account: t.arg.string({ description: 'Of this customer of the company.' }),
      proposalId: t.arg.id({ description: 'Of this proposal.' }),
      after: t.arg({
        type: 'Cursor',
        description: 'Go on behind this message of an earlier stream: what was missed, then what comes.',
      }),
    },
    subscribe: async (_root, { after, ...args }, context) => {
      const subject = await subjectOf(context, args)
      if (subject === null)
        throw requestError('BAD_REQUEST', 'What is to be followed is not there, or not yours to see.')
      const { companyId, topic, snapshot } = subject
      return openDeliveries<Subject['snapshot'], SnapshotModel | ChangedModel>(context, {
        topic,
        accept: (event) => event.proposalId !== null,
        field: 'proposalStatus',
        sharedIn: companyId,
        // What is null is as if it had not been given.
        variables: Object.fromEntries(Object.entries(args).filter(([, value]) => isGiven(value))),
        after,
        // Read only if nobody has just read the same.
        async *snapshot() {
          yield snapshot
        },
        onSnapshot: async (read, cursor, now) =>
          isMember(now, companyId) ? { __typename: 'ProposalStatusSnapshot', cursor, ...(await read(now)) } : null,
        async onEvents([event], cursor, now) {
          if (!isMember(now, companyId)) return null
          const proposal = !isGiven(event?.proposalId)
            ? null
            : await now.loaders.proposal.load(keyText(companyId, event.proposalId))
          return event === undefined || proposal === null
            ? undefined
            : { __typename: 'ProposalStatusChanged', cursor, event, proposal }
        },
      })
    },
    resolve: (delivery: Delivery<Message>) => delivery.message,
  }),
)
