// What somebody does in a generated life, and what it means in the state that is met then.
import type { Command } from '../../server/domain/decide.ts'
import { askingAt } from '../../server/domain/decide-call.ts'
import { conflictsOf } from '../../server/domain/conflict.ts'
import { answersOf } from '../../server/domain/permit-item.ts'
import { isOpen, liveChanges, type Proposal, type WorkItem } from '../../server/domain/proposal.ts'
import { answersOf as callAnswersOf, openCalls, type OpenCall } from '../../server/domain/workflow/calls.ts'
import { iban } from './company.ts'
import type { Life } from './life.ts'
import { editOf } from './world.ts'
import type { Json } from './workflow/definitions.ts'

export type Move =
  | { readonly move: 'EDIT' | 'ADD' | 'CHANGE' | 'REMOVE'; readonly who: string; readonly pick: number }
  | { readonly move: 'DISCARD' | 'REBASE'; readonly who: string; readonly pick: number }
  | { readonly move: 'SUBMIT' | 'DISCARD_ALL' | 'COMMENT' | 'REVERT'; readonly who: string }
  | { readonly move: 'RECALL' | 'CANCEL' | 'RESUME'; readonly who: string; readonly pick: number }
  | {
      readonly move: 'ANSWER'
      /** For: approve, complete, choose. Against: reject, return. */
      readonly way: 'FOR' | 'AGAINST' | 'BACK' | 'PARTLY'
      readonly pick: number
      readonly behind: number
      /** Null: whoever sits. */
      readonly who: string | null
    }
  | { readonly move: 'HAND'; readonly to: string; readonly pick: number; readonly who: string | null }
  | { readonly move: 'REASSIGN'; readonly to: string; readonly pick: number; readonly who: string }
  | { readonly move: 'RELEASE' | 'MOVE'; readonly pick: number; readonly queue: string }
  | { readonly move: 'DIRECT'; readonly pick: number }
  | { readonly move: 'SCHEDULE'; readonly hours: number | null }
  | { readonly move: 'WAIT'; readonly hours: number; readonly sweep: boolean }
  | { readonly move: 'ACTIVATE'; readonly version: number }
  /** Somebody leaves the company, or comes back. */
  | { readonly move: 'LEAVE'; readonly who: string }
  | {
      readonly move: 'AWAY'
      readonly who: string
      readonly standIn: string
      readonly hours: number
      readonly all: boolean
    }
  | { readonly move: 'BACK'; readonly who: string }
  | { readonly move: 'DUPLICATE'; readonly there: boolean }
  /** A webhook that is asked answers, or a request fails; old: what has been asked some time is answered. */
  | { readonly move: 'CALL'; readonly way: 'BEGIN' | 'SAY' | 'FAIL' | 'OLD'; readonly pick: number }
  | { readonly move: 'SWITCH'; readonly on: boolean }

/** `who` null: the system. */
type Said = { readonly who: string | null; readonly command: Command; readonly about?: Proposal | null }

const sets: readonly Json[] = [
  { creditLimit: '50000.00' },
  { creditLimit: '100' },
  { creditLimit: '9000000' },
  { name: 'Contoso Retail' },
  { name: 'Contoso West' },
  { paymentTerms: 'N60' },
  { paymentTerms: 'N30', phone: '+49 30 1234567' },
  { creditLimit: '20000', name: 'Contoso East' },
  { phone: null },
  { creditLimit: '60000' },
  { name: '' },
  { paymentTerms: 'N60', creditLimit: '50000' },
]
const childSets: readonly Json[] = [{ iban: iban.second }, { iban: iban.second, bic: 'DEUTDEFF' }, { iban: iban.first }]
const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]

/** The command for an answer to an item. */
export const answerCommand = (
  proposal: Proposal,
  item: WorkItem,
  way: 'FOR' | 'AGAINST' | 'BACK' | 'PARTLY',
  pick = 0,
  revision = proposal.revision,
): Command => {
  const given = { workItemId: item.id, revision, comment: 'Because' }
  if (item.kind === 'TASK') return { ...given, kind: way === 'FOR' || way === 'PARTLY' ? 'COMPLETE' : 'RETURN' }
  if (item.kind === 'DECISION') return { ...given, kind: 'CHOOSE', choice: at(item.choices, pick) ?? 'none' }
  if (way === 'BACK') return { ...given, kind: 'REQUEST_CHANGE', toId: at(proposal.involved, pick)?.userId ?? null }
  if (way === 'AGAINST') return { ...given, kind: 'REJECT' }
  const live = liveChanges(proposal).filter((c) => item.changes.some((r) => r.id === c.id))
  const chosen = at(live, pick)
  if (way === 'FOR' || chosen === undefined) return { ...given, kind: 'APPROVE' }
  return { ...given, kind: 'APPROVE', refuse: [{ changeId: chosen.id, reason: 'Not this one' }] }
}

/** Who takes what lies in a queue. */
export const taker = (life: Life, proposal: Proposal, item: WorkItem): string | null =>
  (life.company.directory.queues.get(item.queueId ?? '')?.memberIds ?? []).find(
    (who) => life.ask(who, { kind: 'CLAIM', workItemId: item.id }, proposal).ok,
  ) ?? null

/** The command for an answer to what a webhook is asked: passed where nothing else may be said. */
export const callAnswer = (life: Life, proposal: Proposal, { path, call }: OpenCall, pick: number): Command => {
  const element = askingAt(life.context(null, proposal), proposal, path)
  const names = element?.outcomes?.length ? callAnswersOf(element) : ['passed']
  return { kind: 'CALL_ANSWERED', callId: call.id, outcome: at(names, pick) ?? '', comment: null }
}

const call = (life: Life, { way, pick }: Extract<Move, { move: 'CALL' }>): Said | null => {
  const { current: proposal } = life
  if (proposal === null) return null
  if (way === 'OLD') {
    const all = proposal.runs.flatMap((run) => Object.values(run.elements).flatMap((fact) => fact.call ?? []))
    const callId = at(all, pick)?.id
    const outcome = at(['passed', 'failed', 'yes', 'no'], pick) ?? ''
    return callId === undefined
      ? null
      : { who: null, command: { kind: 'CALL_ANSWERED', callId, outcome, comment: null } }
  }
  const open = at(openCalls(proposal), pick)
  if (open === undefined) return null
  const { id: callId, attempts: attempt } = open.call
  if (way === 'BEGIN') return { who: null, command: { kind: 'CALL_BEGIN', callId, leaseMs: 30_000 } }
  if (way === 'SAY') return { who: null, command: callAnswer(life, proposal, open, pick) }
  return { who: null, command: { kind: 'CALL_FAILED', callId, attempt, failure: 'It answered with status 500.' } }
}

const answer = (life: Life, move: Extract<Move, { move: 'ANSWER' }>): Said | null => {
  const { current: proposal } = life
  if (proposal === null) return null
  const items = proposal.items
  const open = items.filter((i) => i.status === 'OPEN' && answersOf(i.kind).length > 0)
  const asked = at(openCalls(proposal), move.pick)
  if (open.length === 0 && move.who === null && asked !== undefined)
    return { who: null, command: callAnswer(life, proposal, asked, move.pick) }
  const item = at(open.length > 0 && move.who === null ? open : items, move.pick)
  if (item === undefined) return null
  if (move.who === null && item.queueId !== null && item.assigneeId === null) {
    const who = taker(life, proposal, item)
    return who === null ? null : { who, command: { kind: 'CLAIM', workItemId: item.id } }
  }
  const who = move.who ?? life.sitterAt(proposal, item) ?? 'adam'
  return { who, command: answerCommand(proposal, item, move.way, move.pick, proposal.revision + move.behind) }
}

/** What a move means in this state; null: nothing. */
export const commandOf = (life: Life, move: Move): Said | null => {
  const { current: proposal, customer: record } = life
  const revision = proposal?.revision ?? 0
  const changes = proposal?.changes ?? []
  const openItems = proposal?.items.filter((i) => i.status === 'OPEN') ?? []
  const some = (pick: number): { about: Proposal | null } => ({
    about: at(life.proposals.filter(isOpen), pick) ?? proposal,
  })
  const children = [
    ...record.children.bankAccounts.map((b) => b.id),
    ...changes.flatMap((c) => (c.operation === 'ADD' ? (c.recordId ?? []) : [])),
  ]
  switch (move.move) {
    case 'EDIT':
      return { who: move.who, command: editOf({ set: at(sets, move.pick) ?? {} }) }
    case 'ADD': {
      const added = { code: `X${move.pick % 4}`, iban: iban.first }
      return { who: move.who, command: editOf({ bankAccounts: { add: [added] } }) }
    }
    case 'CHANGE':
    case 'REMOVE': {
      const id = at(children, move.pick)
      if (id === undefined) return null
      const set = at(childSets, move.pick) ?? {}
      const edit = move.move === 'CHANGE' ? { change: [{ id, set }] } : { remove: [id] }
      return { who: move.who, command: editOf({ bankAccounts: edit }) }
    }
    case 'DISCARD': {
      const id = at(changes, move.pick)?.id
      const about = { changeIds: [id ?? ''], expectedRevision: revision }
      return id === undefined ? null : { who: move.who, command: { kind: 'DISCARD_CHANGES', ...about } }
    }
    case 'DISCARD_ALL':
      return { who: move.who, command: { kind: 'DISCARD_PROPOSAL', expectedRevision: null } }
    case 'COMMENT':
      return { who: move.who, command: { kind: 'COMMENT', text: 'Please' } }
    case 'REVERT': {
      const about = life.proposals.findLast((p) => p.status === 'APPLIED')
      return about === undefined ? null : { who: move.who, command: { kind: 'REVERT', reason: null }, about }
    }
    case 'SUBMIT':
      return { who: move.who, command: { kind: 'SUBMIT', expectedRevision: null, comment: null } }
    case 'RECALL':
    case 'CANCEL':
    case 'RESUME':
      return { who: move.who, command: { kind: move.move, comment: 'Wait' }, ...some(move.pick) }
    case 'ANSWER':
      return answer(life, move)
    case 'HAND': {
      const item = at(openItems, move.pick)
      if (item === undefined || proposal === null) return null
      const who = move.who ?? life.sitterAt(proposal, item) ?? 'adam'
      return { who, command: { kind: 'DELEGATE', workItemId: item.id, toId: move.to, comment: null } }
    }
    case 'REASSIGN': {
      const id = at(openItems, move.pick)?.id
      if (id === undefined) return null
      return { who: move.who, command: { kind: 'REASSIGN', workItemId: id, toId: move.to, comment: null } }
    }
    case 'RELEASE':
    case 'MOVE': {
      const item = at(
        openItems.filter((i) => i.queueId !== null),
        move.pick,
      )
      if (item === undefined || proposal === null) return null
      const member = life.company.directory.queues.get(item.queueId ?? '')?.memberIds[0]
      const who = life.sitterAt(proposal, item) ?? member ?? 'adam'
      const workItemId = item.id
      return move.move === 'RELEASE'
        ? { who, command: { kind: 'RELEASE', workItemId } }
        : { who, command: { kind: 'MOVE', workItemId, queueId: move.queue, comment: null } }
    }
    case 'REBASE': {
      const conflicts = conflictsOf(record, liveChanges({ changes }))
      const keep = conflicts
        .filter((c, i) => c.kind === 'CHANGED' && ((move.pick >> i) & 1) === 0)
        .map((c) => c.change.id)
      const drop = conflicts.map((c) => c.change.id).filter((id) => !keep.includes(id))
      const seen = { expectedRevision: revision, expectedCustomerVersion: record.version }
      return { who: move.who, command: { kind: 'REBASE', keep, drop, ...seen } }
    }
    case 'DIRECT': {
      const first = record.children.bankAccounts[0]?.id
      const removes = move.pick === 11 && first !== undefined
      const edit = removes ? { bankAccounts: { remove: [first] } } : { set: at(sets, move.pick) ?? {} }
      return { who: 'partner', command: editOf(edit, { mode: 'WRITE', source: 'INTEGRATION' }) }
    }
    case 'SCHEDULE': {
      const effectiveAt = move.hours === null ? null : life.at(move.hours)
      return { who: 'clara', command: { kind: 'SCHEDULE', effectiveAt, expectedRevision: null } }
    }
    case 'CALL':
      return call(life, move)
    case 'WAIT':
    case 'SWITCH':
    case 'ACTIVATE':
    case 'LEAVE':
    case 'AWAY':
    case 'BACK':
    case 'DUPLICATE':
      return null
    default:
      return move satisfies never
  }
}
