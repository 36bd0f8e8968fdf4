// Arbitrary workflows and arbitrary people doing arbitrary things: what the properties are tried on. A failing property prints its seed.
import fc from 'fast-check'
import type { Command } from '../../server/domain/decide.ts'
import type { Result } from '../../server/domain/errors.ts'
import type { Change } from '../../server/domain/proposal.ts'
import type { Outcome, State } from '../../server/domain/state.ts'
import { conflictsOf } from '../../server/domain/conflict.ts'
import { bankAccount, customer, demoPeople, editOf, iban, World, type Setup } from './world.ts'
import type { Json } from './workflow/definitions.ts'

/** Everybody of the demo world; cora and olga are clerks as well, so that approvers become authors. */
export const people = demoPeople.map((p) =>
  p.id === 'cora' || p.id === 'olga' ? { ...p, roles: ['CLERK' as const] } : p,
)
const groups = { credit: ['cora', 'carl', 'tess'], left: ['tess', 'gone'], directors: ['olga'] }

type Known = { readonly cel: string; readonly holds: (changes: readonly Change[]) => boolean }
const proposedLimit = (changes: readonly Change[]): Change | undefined => changes.find((c) => c.field === 'creditLimit')
/** Conditions with what they mean, written a second time in TypeScript. They look at nothing that changes while a run goes on. */
export const conditions: readonly Known[] = [
  {
    cel: 'changes.creditLimit.changed && proposed.creditLimit > 100000',
    holds: (changes) => Number(proposedLimit(changes)?.proposed ?? 0) > 100_000,
  },
  {
    cel: 'changes.creditLimit.changed && changes.creditLimit.delta < 0',
    holds: (changes) => Number(proposedLimit(changes)?.proposed ?? 0) < Number(proposedLimit(changes)?.base ?? 0),
  },
  { cel: '!changes.name.changed', holds: (changes) => !changes.some((c) => c.field === 'name') },
  { cel: 'changes.bankAccounts.changed', holds: (changes) => changes.some((c) => c.record === 'bankAccounts') },
]
export const governed = ['creditLimit', 'name', 'paymentTerms', 'bankAccounts']

const oneOf = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 2 })
const condition = oneOf(...conditions.map((c) => c.cel))
const fields = fc.subarray([...governed, 'bankAccounts.iban'], { minLength: 1, maxLength: 2 })

const assignee: fc.Arbitrary<Json> = fc.oneof(
  fc.subarray(['mia', 'cora', 'carl', 'olga', 'gone'], { minLength: 1, maxLength: 3 }).map((users) => ({ users })),
  oneOf('credit', 'left', 'directors').map((group) => ({ group })),
  oneOf('READER', 'CLERK', 'ADMINISTRATOR').map((role) => ({ role })),
  fc.record({
    hierarchy: fc.oneof(
      fc.record({ levels: fc.integer({ min: 1, max: 2 }), take: oneOf('ALL', 'LAST') }),
      fc.record({ startUserId: oneOf('cora', 'clara'), until: fc.constant("manager.name == 'olga'") }),
    ),
  }),
)
const assignment: fc.Arbitrary<Json> = fc
  .record({
    to: assignee,
    policy: oneOf('SINGLE', 'SINGLE', 'MAJORITY', 'PERCENT', 'ALL'),
    quorum: oneOf('ANSWERS', 'APPROVALS'),
    percent: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ percent, ...a }) => (a.policy === 'PERCENT' ? { ...a, percent } : a))
const step: fc.Arbitrary<Json> = fc.record({
  name: fc.constant('Step'),
  guards: maybe(fields),
  when: maybe(condition),
  assign: fc.array(assignment, { minLength: 1, maxLength: 2 }),
  join: oneOf('ALL', 'ANY'),
})
const action = fc.record({
  when: condition,
  then: fc.oneof({ weight: 5, arbitrary: fc.constant('APPROVE') }, { weight: 1, arbitrary: fc.constant('REJECT') }),
  fields,
})
const element: fc.Arbitrary<Json> = fc.record({
  approval: fc.record({
    name: fc.constant('Element'),
    steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    automatic: fc.option(fc.array(action, { minLength: 1, maxLength: 2 }), { freq: 2 }),
    allow: fc.option(fc.constant(['APPROVE', 'REJECT']), { freq: 2 }),
    finalApproverId: fc.option(oneOf('olga', 'carl', 'carl', 'gone'), { freq: 4 }),
  }),
})
const definition = fc.array(element, { minLength: 1, maxLength: 3 })

export type Move =
  | { readonly move: 'EDIT' | 'ADD' | 'CHANGE' | 'REMOVE'; readonly who: string; readonly pick: number }
  | { readonly move: 'DISCARD'; readonly who: string; readonly pick: number }
  | { readonly move: 'SUBMIT' | 'RECALL' | 'DISCARD_ALL' | 'COMMENT'; readonly who: string }
  | {
      readonly move: 'ANSWER'
      readonly kind: 'APPROVE' | 'REJECT' | 'REQUEST_CHANGE'
      readonly pick: number
      readonly behind: number
      readonly who: string | null
    }
  | { readonly move: 'REBASE'; readonly who: string; readonly pick: number }
  | { readonly move: 'DIRECT'; readonly pick: number }
  | { readonly move: 'SCHEDULE'; readonly at: string | null }
  | { readonly move: 'ACTIVATE'; readonly version: number }
  /** Somebody leaves, or comes back. */
  | { readonly move: 'LEAVE'; readonly who: string }

const clerk = oneOf('clara', 'clara', 'colin', 'mia', 'cora', 'partner')
const anybody = oneOf(...people.map((p) => p.id))
const who = fc.oneof({ weight: 9, arbitrary: clerk }, { weight: 1, arbitrary: anybody })
const pick = fc.nat({ max: 11 })
const later = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: oneOf(-1, 1) })
const weighted = (weight: number, arbitrary: fc.Arbitrary<Move>) => ({ weight, arbitrary })
const moveIs = <const M extends Move['move']>(...moves: readonly M[]): fc.Arbitrary<M> => oneOf(...moves)
const move: fc.Arbitrary<Move> = fc.oneof(
  weighted(6, fc.record({ move: moveIs('EDIT', 'EDIT', 'EDIT', 'ADD', 'CHANGE', 'REMOVE'), who, pick })),
  weighted(6, fc.record({ move: moveIs('SUBMIT'), who })),
  weighted(
    16,
    fc.record({
      move: moveIs('ANSWER'),
      kind: oneOf('APPROVE', 'APPROVE', 'APPROVE', 'REJECT', 'REQUEST_CHANGE'),
      pick,
      behind: later,
      who: fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: anybody }),
    }),
  ),
  weighted(4, fc.record({ move: moveIs('RECALL'), who: oneOf('clara', 'adam', 'adam', 'mia') })),
  weighted(2, fc.record({ move: moveIs('REBASE'), who, pick })),
  weighted(1, fc.record({ move: moveIs('DISCARD'), who, pick })),
  weighted(1, fc.record({ move: moveIs('DISCARD_ALL', 'COMMENT'), who })),
  weighted(2, fc.record({ move: moveIs('DIRECT'), pick })),
  weighted(1, fc.record({ move: moveIs('LEAVE'), who: oneOf('mia', 'cora', 'carl', 'olga', 'adam') })),
  weighted(1, fc.record({ move: moveIs('ACTIVATE'), version: oneOf(0, 1, 2) })),
)

const submit: Move = { move: 'SUBMIT', who: 'clara' }
const approve: fc.Arbitrary<Move> = pick.map((n) => ({
  move: 'ANSWER',
  kind: 'APPROVE',
  pick: n,
  behind: 0,
  who: null,
}))
const lives = (maxLength: number): fc.Arbitrary<Move[]> => fc.array(move, { maxLength })
const comeBack: fc.Arbitrary<Move> = fc.oneof(
  fc.constant<Move>({ move: 'RECALL', who: 'adam' }),
  fc.record({
    move: fc.constant('ANSWER' as const),
    kind: oneOf('REJECT', 'REQUEST_CHANGE'),
    pick,
    behind: fc.constant(0),
    who: fc.constant(null),
  }),
)
const times = oneOf(null, '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z')
const schedule: fc.Arbitrary<Move> = times.map((at) => ({ move: 'SCHEDULE', at }))
const correction = fc.record({ move: fc.constant('EDIT' as const), who: clerk, pick: oneOf(1, 2, 3, 4, 7, 9) })
const correct: fc.Arbitrary<Move> = fc.oneof({ weight: 3, arbitrary: correction }, { weight: 1, arbitrary: schedule })
/** A submit, some approvals, something else, and the proposal comes back, mostly to be corrected. */
const round = (maxMoves: number): fc.Arbitrary<Move[]> =>
  fc
    .tuple(
      fc.array(approve, { maxLength: 5 }),
      lives(maxMoves),
      comeBack,
      fc.array(correct, { maxLength: 2 }),
      lives(2),
    )
    .map(([approvals, others, back, corrections, more]) => [
      submit,
      ...approvals,
      ...others,
      back,
      ...corrections,
      ...more,
    ])

export type Scenario = {
  readonly elements: readonly Json[]
  /** A second version of the workflow: its first element is another. */
  readonly other: Json
  readonly authorsMayNotApprove: boolean
  readonly ownerId: string
  readonly moves: readonly Move[]
}
export const scenario = (maxMoves: number): fc.Arbitrary<Scenario> =>
  fc.record({
    elements: definition,
    other: element,
    authorsMayNotApprove: fc.oneof(
      { weight: 4, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    ownerId: oneOf('adam', 'adam', 'wanda'),
    // Something is proposed and submitted, mostly approved, comes back, is corrected and submitted again, twice; among whatever else.
    moves: fc
      .tuple(lives(maxMoves), round(maxMoves), round(maxMoves), fc.array(approve, { maxLength: 12 }), lives(maxMoves))
      .map(([before, first, second, approvals, after]) => [
        { move: 'EDIT', who: 'clara', pick: 2 },
        ...before,
        ...first,
        ...second,
        submit,
        ...approvals,
        ...after,
      ]),
  })

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
const childSets: readonly Json[] = [{ iban: iban.second }, { name: 'Bank', bic: 'DEUTDEFF' }, { iban: iban.first }]
const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]

/** What a move means in this state; null: nothing. */
export const commandOf = (world: World, move: Move): { who: string; command: Command } | null => {
  const { proposal, customer: record } = world.state
  const revision = proposal?.revision ?? 0
  const changes = proposal?.changes ?? []
  const children = [
    ...record.children.bankAccounts.map((b) => b.id),
    ...changes.flatMap((c) => (c.operation === 'ADD' ? (c.recordId ?? []) : [])),
  ]
  switch (move.move) {
    case 'EDIT':
      return { who: move.who, command: editOf({ set: at(sets, move.pick) ?? {} }) }
    case 'ADD':
      return {
        who: move.who,
        command: editOf({ bankAccounts: { add: [{ code: `X${move.pick % 4}`, iban: iban.first }] } }),
      }
    case 'CHANGE':
    case 'REMOVE': {
      const id = at(children, move.pick)
      if (id === undefined) return null
      const set = at(childSets, move.pick) ?? {}
      return {
        who: move.who,
        command: editOf({ bankAccounts: move.move === 'CHANGE' ? { change: [{ id, set }] } : { remove: [id] } }),
      }
    }
    case 'DISCARD': {
      const id = at(changes, move.pick)?.id
      return id === undefined
        ? null
        : { who: move.who, command: { kind: 'DISCARD_CHANGES', changeIds: [id], expectedRevision: revision } }
    }
    case 'DISCARD_ALL':
      return { who: move.who, command: { kind: 'DISCARD_PROPOSAL', expectedRevision: null } }
    case 'COMMENT':
      return { who: move.who, command: { kind: 'COMMENT', text: 'Please' } }
    case 'SUBMIT':
      return { who: move.who, command: { kind: 'SUBMIT', expectedRevision: null, comment: null } }
    case 'RECALL':
      return { who: move.who, command: { kind: 'RECALL', comment: 'Wait' } }
    case 'ANSWER': {
      const items = proposal?.items ?? []
      const open = items.filter((i) => i.status === 'OPEN')
      const item = at(open.length > 0 && move.who === null ? open : items, move.pick)
      if (item === undefined) return null
      const answer = { workItemId: item.id, revision: revision + move.behind, comment: 'Because' }
      return {
        who: move.who ?? item.assigneeId ?? 'adam',
        command:
          move.kind === 'REQUEST_CHANGE' ? { ...answer, kind: move.kind, toId: null } : { ...answer, kind: move.kind },
      }
    }
    case 'REBASE': {
      const conflicts = conflictsOf(record, changes)
      const keep = conflicts
        .filter((c, i) => c.kind === 'CHANGED' && ((move.pick >> i) & 1) === 0)
        .map((c) => c.change.id)
      const drop = conflicts.map((c) => c.change.id).filter((id) => !keep.includes(id))
      return {
        who: move.who,
        command: { kind: 'REBASE', keep, drop, expectedRevision: revision, expectedCustomerVersion: record.version },
      }
    }
    case 'DIRECT': {
      const first = record.children.bankAccounts[0]?.id
      const removes = move.pick === 11 && first !== undefined
      const edit = removes ? { bankAccounts: { remove: [first] } } : { set: at(sets, move.pick) ?? {} }
      return { who: 'partner', command: editOf(edit, { mode: 'WRITE', source: 'INTEGRATION' }) }
    }
    case 'SCHEDULE':
    case 'ACTIVATE':
    case 'LEAVE':
      return null
    default:
      return move satisfies never
  }
}

const definitions = (scenario: Scenario): [Json, Json] => [
  { elements: scenario.elements },
  { elements: [scenario.other, ...scenario.elements.slice(1)] },
]
export const worldOf = (scenario: Scenario): World => {
  const setup: Setup = {
    definition: definitions(scenario)[0],
    people,
    groups,
    governed,
    ownerId: scenario.ownerId,
    parameters: { authorsMayNotApprove: scenario.authorsMayNotApprove },
    customer: {
      ...customer(),
      children: { bankAccounts: [bankAccount('b1', 'MAIN'), bankAccount('b2', 'X2')], addresses: [], contacts: [] },
    },
  }
  return new World(setup)
}

export type Played = {
  readonly who: string
  readonly command: Command
  readonly before: State
  readonly result: Result<Outcome>
}
/** Plays the moves; `see` is told of every command with the state before it, the world being as it is after it. */
export const simulate = (scenario: Scenario, see: (world: World, played: Played) => void): World => {
  const world = worldOf(scenario)
  for (const move of scenario.moves) {
    if (move.move === 'SCHEDULE') {
      const editable = ['DRAFT', 'REJECTED', 'CHANGES_REQUESTED'].includes(world.state.proposal?.status ?? '')
      if (editable && world.proposal.effectiveAt !== move.at) world.schedule(move.at)
      continue
    }
    if (move.move === 'ACTIVATE') {
      if (move.version === 2) world.replaceWorkflow()
      else world.activate(definitions(scenario)[move.version === 0 ? 0 : 1])
      continue
    }
    if (move.move === 'LEAVE') {
      world.changePerson(move.who, { active: world.company.directory.people.get(move.who)?.active !== true })
      continue
    }
    const next = commandOf(world, move)
    if (next === null) continue
    const before = world.state
    see(world, { ...next, before, result: world.try(next.who, next.command) })
  }
  return world
}
