// Many answers of one person in one company: decided one after the other as each would be by itself, but loaded and saved together, in
// a number of statements that does not grow with them.
import { decide, type Command } from '../domain/decide.ts'
import { DomainError } from '../domain/errors.ts'
import type { DomainEvent } from '../domain/events.ts'
import type { WithProposal } from '../domain/state.ts'
import { lockAccounts, lockProposals } from '../store/customer-locks.ts'
import { loadCustomers } from '../store/customers.ts'
import { findWorkItems, loadProposals, type ItemPlace } from '../store/proposals.ts'
import type { App } from './app.ts'
import { notFound, type Scope } from './command.ts'
import { contextOf, saveStates } from './loading.ts'
import { decideOn } from './proposals.ts'

export type Answer = { readonly workItemId: string; readonly command: Command }
/** `refusal` null: it was recorded. */
export type Answered = {
  readonly workItemId: string
  /** Null: there is no such item. */
  readonly proposalId: string | null
  readonly refusal: DomainError | null
}

const noSuchItem = notFound('work item', 'workItemId')

type Places = ReadonlyMap<string, ItemPlace>

const loadStates = async ({ tx, company }: Scope, places: Places): Promise<Map<string, WithProposal>> => {
  const found = [...new Map([...places.values()].map((place) => [place.proposalId, place])).values()]
  const keyed = (id: (place: ItemPlace) => string) => found.map((place) => ({ companyId: company.id, id: id(place) }))
  const [customers, proposals] = await Promise.all([
    loadCustomers(
      tx,
      keyed((place) => place.customerId),
    ),
    loadProposals(
      tx,
      keyed((place) => place.proposalId),
    ),
  ])
  return new Map(
    found.flatMap(({ proposalId }, n) => {
      const [customer, proposal] = [customers[n] ?? null, proposals[n] ?? null]
      return customer === null || proposal === null ? [] : [[proposalId, { customer, proposal }] as const]
    }),
  )
}

const sameTaxNumbers = ({ customer: a }: WithProposal, { customer: b }: WithProposal): boolean =>
  a.values.taxExemptNumber === b.values.taxExemptNumber

/** One after the other on what was loaded; saved together at the end, or before a rule that looks at other customers would miss it. */
const together = async (
  app: App,
  scope: Scope,
  answers: readonly Answer[],
  places: Places,
): Promise<Map<string, DomainError | null>> => {
  const states = await loadStates(scope, places)
  const refusals = new Map<string, DomainError | null>()
  let saved = new Map(states)
  let events: DomainEvent[] = []
  const save = async (): Promise<void> => {
    const pairs = [...states].map(([id, after]) => ({ before: saved.get(id) ?? after, after }))
    await saveStates(
      scope.tx,
      pairs.filter(({ before, after }) => before !== after),
    )
    await scope.append(events)
    // What was saved is one version on, as it would be read again.
    for (const [id, { customer, proposal }] of states)
      if (saved.get(id)?.proposal !== proposal)
        states.set(id, { customer, proposal: { ...proposal, version: proposal.version + 1 } })
    saved = new Map(states)
    events = []
  }
  for (const { workItemId, command } of answers) {
    const proposalId = places.get(workItemId)?.proposalId ?? ''
    const before = states.get(proposalId)
    if (before === undefined) {
      refusals.set(workItemId, noSuchItem)
      continue
    }
    const ctx = await contextOf(app, scope.tx, scope, before)
    const result = decide(before, command, ctx)
    refusals.set(workItemId, result.ok ? null : result.error)
    if (!result.ok) continue
    const { state, events: told } = result.value
    if (state.proposal === null) throw new Error('an answer has taken the proposal away')
    const after: WithProposal = { customer: state.customer, proposal: state.proposal }
    states.set(proposalId, after)
    events.push(...told.map((event) => ({ customerId: before.customer.id, ...event })))
    if (!sameTaxNumbers(before, after)) await save()
  }
  await save()
  return refusals
}

const oneByOne = async (
  app: App,
  scope: Scope,
  answers: readonly Answer[],
  places: Places,
): Promise<Map<string, DomainError | null>> => {
  const refusals = new Map<string, DomainError | null>()
  for (const { workItemId, command } of answers) {
    const place = places.get(workItemId)
    try {
      if (place === undefined) throw noSuchItem
      await scope.apart((part) => decideOn(app, part, place.proposalId, command, 'workItemId'))
      refusals.set(workItemId, null)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      refusals.set(workItemId, error)
    }
  }
  return refusals
}

/**
 * Decides answers within a transaction, one outcome each in their order: a refused one changes nothing and the others go on. Customers
 * are locked before their proposals, each in one order, so that two such calls never wait for each other in a circle.
 */
export const decideAll = async (app: App, scope: Scope, answers: readonly Answer[]): Promise<Answered[]> => {
  const { tx, company } = scope
  const ids = answers.map(({ workItemId }) => workItemId)
  const places = await findWorkItems(tx, company.id, ids)
  const each = [...places.values()]
  await lockAccounts(
    tx,
    company.id,
    each.map(({ account }) => account),
  )
  await lockProposals(
    tx,
    company.id,
    each.map(({ proposalId }) => proposalId),
  )
  let refusals: ReadonlyMap<string, DomainError | null>
  try {
    refusals = await scope.apart((part) => together(app, part, answers, places))
  } catch (error) {
    // What the database refuses is one item's, but it is not told which: each by itself, then.
    if (!(error instanceof DomainError)) throw error
    refusals = await oneByOne(app, scope, answers, places)
  }
  return ids.map((workItemId) => ({
    workItemId,
    proposalId: places.get(workItemId)?.proposalId ?? null,
    refusal: refusals.get(workItemId) ?? null,
  }))
}
