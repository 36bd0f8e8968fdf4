// Many answers in one call, over all companies of the viewer: one transaction, so that one key keeps all of its answers.
import type { Command } from '../domain/decide.ts'
import { DomainError, type ErrorDetail } from '../domain/errors.ts'
import type { DecisionOutcome } from '../domain/proposal.ts'
import { lockAccounts } from '../store/customer-locks.ts'
import { findWorkItems } from '../store/proposals.ts'
import type { App, Viewer } from './app.ts'
import { command, notFound, type Replayed, type Scope } from './command.ts'
import { decideOn } from './proposals.ts'

export type BulkDecision = {
  /** Null: what was sent as an id names no work item. */
  readonly companyId: string | null
  readonly workItemId: string
  readonly revision: number
  readonly outcome: DecisionOutcome
  readonly choice?: string | null
  readonly comment?: string | null
}
export type DecideManyInput = {
  readonly decisions: readonly BulkDecision[]
  /** BEST_EFFORT: each by itself. ATOMIC: all or none, over several companies too. */
  readonly mode: 'BEST_EFFORT' | 'ATOMIC'
  readonly idempotencyKey?: string | null
}

type Done = { readonly companyId: string; readonly workItemId: string; readonly proposalId: string }
export type BulkAnswer = Done | { readonly companyId: string | null; readonly error: DomainError }
export const isDone = (answer: BulkAnswer): answer is Done => !('error' in answer)

/** What is kept with an idempotency key: a refusal as its fields. */
type Stored =
  | Done
  | {
      readonly companyId: string | null
      readonly refusal: Pick<DomainError, 'code' | 'message' | 'detail'> & { readonly at: readonly string[] | null }
    }

export const mostDecisions = 200

/** Nothing was recorded: the transaction is rolled back, its key stays free, and these are the answers. */
class NothingDone extends Error {
  readonly answers: readonly BulkAnswer[]
  constructor(answers: readonly BulkAnswer[]) {
    super('nothing was done')
    this.answers = answers
  }
}

const stored = (answer: BulkAnswer): Stored => {
  if (isDone(answer)) return answer
  const { code, message, detail, at } = answer.error
  return { companyId: answer.companyId, refusal: { code, message, detail, at: at ?? null } }
}

const restored = (answer: Stored): BulkAnswer => {
  if (!('refusal' in answer)) return answer
  const { code, message, detail, at } = answer.refusal
  return { companyId: answer.companyId, error: new DomainError(code, message, { ...(at && { at }), detail }) }
}

/** A refusal of one entry, with its place in the whole input. */
const placedAt = (index: number, { code, message, at, detail }: DomainError): DomainError => {
  const place = (inner: readonly string[] | undefined): string[] => [
    'decisions',
    String(index),
    ...(inner ?? ['workItemId']),
  ]
  const { problems, ...rest } = detail
  const moved: ErrorDetail =
    problems === undefined ? rest : { ...rest, problems: problems.map((p) => ({ ...p, at: place(p.at) })) }
  return new DomainError(code, message, { at: place(at), detail: moved })
}

const noSuchItem = notFound('work item', 'workItemId')

const wrongChoice = (message: string): DomainError => new DomainError('INVALID_VALUE', message, { at: ['choice'] })

const commandOf = ({ workItemId, revision, outcome, ...said }: BulkDecision): Command => {
  const [choice, comment] = [said.choice ?? null, said.comment ?? null]
  const common = { workItemId, revision, comment }
  if (choice !== null && outcome !== 'CHOSEN')
    throw wrongChoice('A choice belongs to the outcome CHOSEN; leave it out.')
  switch (outcome) {
    case 'APPROVED':
      return { kind: 'APPROVE', ...common }
    case 'REJECTED':
      return { kind: 'REJECT', ...common }
    case 'CHANGE_REQUESTED':
      return { kind: 'REQUEST_CHANGE', ...common, toId: null }
    case 'COMPLETED':
      return { kind: 'COMPLETE', ...common }
    case 'RETURNED':
      return { kind: 'RETURN', ...common }
    case 'CHOSEN':
      if (choice === null) throw wrongChoice("Say which outcome is chosen: one of the item's choices.")
      return { kind: 'CHOOSE', ...common, choice }
    default:
      return outcome satisfies never
  }
}

type Place = { readonly scope: Scope; readonly proposalId: string }

/** Where the items are, with their customers locked: companies and accounts in the order that every work on many customers keeps. */
const lockAll = async (scope: Scope, decisions: readonly BulkDecision[]): Promise<ReadonlyMap<string, Place>> => {
  const byCompany = Map.groupBy(decisions, ({ companyId }) => companyId ?? '')
  const places = new Map<string, Place>()
  for (const companyId of [...byCompany.keys()].sort()) {
    const own = companyId === '' ? null : await scope.within(companyId)
    if (own === null) continue
    const ids = byCompany.get(companyId)?.map(({ workItemId }) => workItemId) ?? []
    const found = await findWorkItems(own.tx, companyId, ids)
    await lockAccounts(
      own.tx,
      companyId,
      [...found.values()].map(({ account }) => account),
    )
    for (const [id, { proposalId }] of found) places.set(id, { scope: own, proposalId })
  }
  return places
}

const rolledBack = (first: number): DomainError =>
  new DomainError(
    'ROLLED_BACK',
    `Nothing was recorded because decision ${first + 1} of the call was refused; mend or leave out that one and send the others again.`,
  )

/** Answers of an all-or-none call that met a refusal: that one, and for the others that they were undone. */
const allBack = (decisions: readonly BulkDecision[], at: number, error: DomainError): BulkAnswer[] =>
  decisions.map(({ companyId }, index) => ({
    companyId,
    error: index === at ? error : placedAt(index, rolledBack(at)),
  }))

const work = async (app: App, whole: Scope, { decisions, mode }: DecideManyInput): Promise<BulkAnswer[]> => {
  const places = await lockAll(whole, decisions)
  const answers: BulkAnswer[] = []
  for (const [index, decision] of decisions.entries()) {
    const { companyId, workItemId } = decision
    try {
      const place = places.get(workItemId)
      if (companyId === null || place === undefined) throw noSuchItem
      const { scope, proposalId } = place
      await scope.apart((part) => decideOn(app, part, proposalId, commandOf(decision), 'workItemId'))
      answers.push({ companyId, workItemId, proposalId })
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      const refusal = placedAt(index, error)
      if (mode === 'ATOMIC') throw new NothingDone(allBack(decisions, index, refusal))
      answers.push({ companyId, error: refusal })
    }
  }
  if (!answers.some(isDone)) throw new NothingDone(answers)
  return answers
}

/**
 * Up to 200 decisions, one answer each in their order. Thrown are refusals of the call as a whole: INVALID_VALUE (none, or a bad key),
 * LIMIT_EXCEEDED, IDEMPOTENCY_KEY_REUSED. A call that has recorded nothing keeps no key.
 */
export const decideMany = async (
  app: App,
  viewer: Viewer,
  input: DecideManyInput,
): Promise<{ readonly answers: readonly BulkAnswer[] } & Replayed> => {
  const { decisions, idempotencyKey } = input
  const at = ['decisions']
  if (decisions.length === 0) throw new DomainError('INVALID_VALUE', 'Give at least one decision.', { at })
  if (decisions.length > mostDecisions)
    throw new DomainError(
      'LIMIT_EXCEEDED',
      `One call takes up to ${mostDecisions} decisions; these are ${decisions.length}. Send them in several calls.`,
      { at },
    )
  const companyId = decisions.map((d) => d.companyId).find((id) => id !== null && viewer.memberships.has(id))
  if (companyId === undefined || companyId === null)
    return {
      answers: decisions.map((d, index) => ({
        companyId: d.companyId,
        error: placedAt(index, noSuchItem),
      })),
    }
  try {
    const { results, replayed } = await command(
      app,
      viewer,
      { mutation: 'decideMany', companyId, idempotencyKey, input },
      async (scope) => ({ results: (await work(app, scope, input)).map(stored) }),
    )
    // What is shown is read anew, and somebody who has left a company since reads nothing of it.
    const answers = results
      .map(restored)
      .map((answer, index) =>
        isDone(answer) && !viewer.memberships.has(answer.companyId)
          ? { ...answer, error: placedAt(index, noSuchItem) }
          : answer,
      )
    return { answers, ...(replayed === true && { replayed }) }
  } catch (error) {
    if (error instanceof NothingDone) return { answers: error.answers }
    throw error
  }
}
