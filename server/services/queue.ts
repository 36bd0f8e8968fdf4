// What belongs to somebody's queue while people are away and queues hold work: read off the set-up's snapshot, so that it costs nothing
// as long as no absence concerns them; where one does, the rules say item by item who sits (DOMAIN section 10).
import type { Company } from '../domain/company.ts'
import { systemActor } from '../domain/directory.ts'
import type { Asking } from '../domain/permit.ts'
import { sittingAt, takersOf } from '../domain/permit-item.ts'
import { currentRun, type Proposal, type WorkItem } from '../domain/proposal.ts'
import { standInFor } from '../domain/sitting.ts'
import { awayBefore, exchangingWith, isInForce, standInsAfter } from '../domain/stand-ins.ts'
import { whyNotEligible } from '../domain/workflow/eligibility.ts'
import type { RunnableVersion } from '../domain/workflow/workflow.ts'
import { loadProposals } from '../store/proposals.ts'
import type { Seats } from '../store/queue.ts'
import { askedSeatsOf, type Origin, type Stuck } from '../store/queue-items.ts'
import { withoutFreeTaker } from '../store/queue-stuck.ts'
import type { App } from './app.ts'

/** Proposals are looked at in batches, so that somebody who stands in for many does not hold all of their work in memory. */
const batch = 500

export const queuesOf = ({ directory }: Pick<Company, 'directory'>, userId: string): string[] =>
  [...directory.queues.values()].flatMap(({ id, memberIds }) => (memberIds.includes(userId) ? [id] : []))

/** Whom an absence that is in force now makes somebody look at: themself when they are away, and whoever they may stand in for. */
const concerned = ({ directory: { absences } }: Company, userId: string, now: string): string[] => {
  const away = awayBefore(userId, absences, now)
  return standInsAfter(userId, absences, now).size > 0 ? [...away, userId] : [...away]
}

const nobody: ReadonlySet<string> = new Set()

/** Against what the rules look at the open items of a proposal. */
const askingOf = async (app: App, company: Company, proposal: Proposal, now: string): Promise<Asking> => {
  const versions = new Map<string, RunnableVersion>()
  const run = currentRun(proposal)
  const needed = run === undefined ? [] : [[run.workflowId, run.version] as const, ...Object.entries(run.pinned)]
  for (const [workflowId, number] of needed) {
    const version = await app.setup.version(app.db, company, workflowId, number)
    if (version !== null) versions.set(`${workflowId} ${number}`, version)
  }
  const runnable = (workflowId: string, version: number) => versions.get(`${workflowId} ${version}`)
  return { actor: systemActor, company, now, runnable, others: [] }
}

type Seen<T> = { readonly seat: T; readonly asking: Asking; readonly proposal: Proposal; readonly item: WorkItem }

/** The open items that were found, with what the rules look at them against. Proposals are read in batches. */
async function* seen<T extends { readonly proposalId: string; readonly itemId: string }>(
  app: App,
  company: Company,
  found: readonly T[],
  now: string,
): AsyncGenerator<Seen<T>> {
  const byProposal = Map.groupBy(found, ({ proposalId }) => proposalId)
  const ids = [...byProposal.keys()]
  for (let i = 0; i < ids.length; i += batch) {
    const keys = ids.slice(i, i + batch).map((id) => ({ companyId: company.id, id }))
    for (const proposal of await loadProposals(app.db, keys)) {
      if (proposal === null) continue
      const asking = await askingOf(app, company, proposal, now)
      for (const seat of byProposal.get(proposal.id) ?? []) {
        const item = proposal.items.find(({ id }) => id === seat.itemId)
        if (item?.status === 'OPEN') yield { seat, asking, proposal, item }
      }
    }
  }
}

type Exchanged = { readonly handedOver: string[]; readonly standingIn: string[] }

const exchangedIn = async (
  app: App,
  company: Company,
  userId: string,
  now: string,
  origin: Origin,
): Promise<Exchanged | null> => {
  const people = concerned(company, userId, now)
  if (people.length === 0) return null
  const found = await askedSeatsOf(app.db, company.id, people, origin)
  // Who stands at the end of the chain is known without the proposal: what cannot be this person's is not looked at.
  const { directory } = company
  const seats = found.filter(
    ({ assigneeId, workflowId }) =>
      assigneeId === userId ||
      standInFor(assigneeId, { directory, workflowId, excluded: nobody, now }, nobody) === userId,
  )
  const handedOver: string[] = []
  const standingIn: string[] = []
  for await (const { seat, asking, proposal, item } of seen(app, company, seats, now)) {
    const sitterId = sittingAt(asking, proposal, item).userId
    if (seat.assigneeId === userId && sitterId !== userId) handedOver.push(item.id)
    if (seat.assigneeId !== userId && sitterId === userId) standingIn.push(item.id)
  }
  return { handedOver, standingIn }
}

/**
 * Which open items of these companies are in somebody's queue beside those assigned to them, and which of those are not. `origin`: only
 * such items are looked at, so that a large import of somebody who is away costs nobody who does not ask for it.
 */
export const seatsOf = async (
  app: App,
  companies: readonly Company[],
  userId: string,
  now: string,
  origin: Origin = {},
): Promise<Seats> => {
  const exchanged = await Promise.all(companies.map((company) => exchangedIn(app, company, userId, now, origin)))
  return {
    queueIds: companies.flatMap((company) => queuesOf(company, userId)),
    handedOver: exchanged.flatMap((found) => found?.handedOver ?? []),
    standingIn: exchanged.flatMap((found) => found?.standingIn ?? []),
  }
}

/** Could this person take an item, as far as that can be said without looking at it? Who is away may come to be passed over. */
const isFree = ({ directory }: Company, userId: string, now: string): boolean =>
  whyNotEligible(userId, nobody, directory) === null &&
  !directory.absences.some((absence) => absence.userId === userId && isInForce(absence, now))

/**
 * What lies in the company's queues and none of their members can take. Queues without anybody who may ever decide count as a whole;
 * of the others the rules look at what the members who are there have a hand in, in batches.
 */
export const stuckIn = async (app: App, company: Company, now: string): Promise<Stuck> => {
  const { people, queues } = company.directory
  const lists = [...queues.values()]
  if (lists.length === 0) return { queueIds: [], itemIds: [] }
  const dead = lists.filter(({ memberIds }) =>
    memberIds.every((id) => whyNotEligible(id, nobody, company.directory) !== null),
  )
  const queueIds = dead.map(({ id }) => id)
  const rootOf = (userId: string): string => people.get(userId)?.responsibleId ?? userId
  const kin = Map.groupBy(people.keys(), rootOf)
  const takers = lists.flatMap(({ id: queueId, memberIds }) =>
    memberIds
      .filter((userId) => isFree(company, userId, now))
      .map((userId) => ({ queueId, userId, kinIds: kin.get(rootOf(userId)) ?? [userId] })),
  )
  const found = await withoutFreeTaker(app.db, company.id, takers, queueIds)
  const itemIds: string[] = []
  for await (const { asking, proposal, item } of seen(app, company, found, now)) {
    const members = queues.get(item.queueId ?? '')?.memberIds ?? []
    if (takersOf(asking, proposal, item, members).length === 0) itemIds.push(item.id)
  }
  return { queueIds, itemIds }
}

/** Whose events may change somebody's queue beside those that name them: queues, and people, both of a company. */
export type Interest =
  | { readonly companyId: string; readonly queueId: string }
  /** `standsIn`: it is their items that may come and go; of others it is what they do that lets them. */
  | { readonly companyId: string; readonly userId: string; readonly standsIn: boolean }

/** Of a person: the queues that they are a member of, and everybody with whom seats may change hands while somebody is away. */
export const interestsOf = (companies: readonly Company[], userId: string, now: string): Interest[] =>
  companies.flatMap((company) => {
    const { id: companyId, directory } = company
    const away = awayBefore(userId, directory.absences, now)
    const people = [...exchangingWith(userId, directory.absences, now)]
    return [
      ...queuesOf(company, userId).map((queueId) => ({ companyId, queueId })),
      ...people.map((each) => ({ companyId, userId: each, standsIn: away.has(each) })),
    ]
  })
