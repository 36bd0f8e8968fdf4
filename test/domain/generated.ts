// Arbitrary workflows and arbitrary people doing arbitrary things: what the properties are tried on. A failing property prints its seed.
import fc from 'fast-check'
import type { Workflow } from '../../server/domain/workflow/workflow.ts'
import { bankAccount, createCompany, customer, demoPeople, runnable, workflowOf } from './company.ts'
import {
  definitions,
  everything,
  governed,
  groups,
  oneOf,
  queues,
  type Definitions,
  type Taste,
} from './generated-definitions.ts'
import { Life, type Played } from './life.ts'
import { commandOf, type Move } from './moves.ts'

/** Everybody of the demo world; cora and olga are clerks as well, so that approvers become authors. */
export const people = demoPeople.map((p) =>
  p.id === 'cora' || p.id === 'olga' ? { ...p, roles: ['CLERK' as const] } : p,
)

const clerk = oneOf('clara', 'clara', 'colin', 'mia', 'cora', 'partner')
const approver = oneOf('mia', 'cora', 'carl', 'olga', 'tess')
const anybody = oneOf(...people.map((p) => p.id))
const who = fc.oneof({ weight: 9, arbitrary: clerk }, { weight: 1, arbitrary: anybody })
const pick = fc.nat({ max: 11 })
const later = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: oneOf(-1, 1) })
const moveIs = <const M extends Move['move']>(...moves: readonly M[]): fc.Arbitrary<M> => oneOf(...moves)
const sitter = fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: anybody })
const hours = oneOf(1, 2, 5, 9, 24, 50, 200)

const ways = oneOf('FOR', 'FOR', 'AGAINST', 'BACK', 'PARTLY', 'PARTLY')
type Weighted = readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Move>])[]
/** What happens while a proposal waits. */
const waiting: Weighted = [
  [10, pick.map((n): Move => ({ move: 'ANSWER', way: 'FOR', pick: n, behind: 0, who: null }))],
  [5, fc.record({ move: moveIs('ANSWER'), way: ways, pick, behind: later, who: sitter })],
  [4, fc.record({ move: moveIs('HAND'), to: approver, pick, who: sitter })],
  [3, fc.record({ move: moveIs('REASSIGN'), to: approver, pick, who: oneOf('adam', 'adam', 'wanda', 'clara') })],
  [3, fc.record({ move: moveIs('RELEASE', 'MOVE'), pick, queue: oneOf('desk', 'back', 'empty', 'none') })],
  [5, fc.record({ move: moveIs('WAIT'), hours, sweep: oneOf(true, true, true, false) })],
  [2, fc.record({ move: moveIs('LEAVE'), who: oneOf('mia', 'cora', 'carl', 'olga', 'adam') })],
  [
    4,
    fc.record({ move: moveIs('AWAY'), who: approver, standIn: approver, hours: oneOf(3, 30, 300), all: fc.boolean() }),
  ],
  [1, fc.record({ move: moveIs('BACK'), who: approver })],
  [2, fc.record({ move: moveIs('RESUME'), who: oneOf('adam', 'adam', 'clara'), pick })],
  [3, fc.record({ move: moveIs('DIRECT'), pick })],
  [6, fc.record({ move: moveIs('CALL'), way: oneOf('BEGIN', 'SAY', 'SAY', 'FAIL', 'FAIL', 'OLD'), pick })],
  [1, fc.record({ move: moveIs('SWITCH'), on: oneOf(true, true, false) })],
]
const others: Weighted = [
  [6, fc.record({ move: moveIs('EDIT', 'EDIT', 'EDIT', 'ADD', 'CHANGE', 'REMOVE'), who, pick })],
  [3, fc.record({ move: moveIs('SUBMIT'), who })],
  [2, fc.record({ move: moveIs('RECALL'), who: oneOf('clara', 'adam', 'adam', 'mia'), pick })],
  [2, fc.record({ move: moveIs('CANCEL'), who: oneOf('adam', 'wanda', 'clara'), pick })],
  [3, fc.record({ move: moveIs('DISCARD', 'REBASE', 'REBASE'), who, pick })],
  [2, fc.record({ move: moveIs('DISCARD_ALL', 'COMMENT', 'REVERT'), who })],
  [2, fc.record({ move: moveIs('DIRECT'), pick })],
  [2, fc.record({ move: moveIs('SCHEDULE'), hours: oneOf(null, 1, 5, 24, 50, 200) })],
  [1, fc.record({ move: moveIs('DUPLICATE'), there: fc.boolean() })],
  [2, fc.record({ move: moveIs('ACTIVATE'), version: oneOf(0, 1, 2) })],
]
const anyOf = (moves: Weighted): fc.Arbitrary<Move> =>
  fc.oneof(...moves.map(([weight, arbitrary]) => ({ weight, arbitrary })))
const some = (arbitrary: fc.Arbitrary<Move>, minLength: number, maxLength: number): fc.Arbitrary<Move[]> =>
  fc.array(arbitrary, { minLength, maxLength, size: 'max' })

const submit: Move = { move: 'SUBMIT', who: 'clara' }
const approve: fc.Arbitrary<Move> = pick.map((n) => ({ move: 'ANSWER', way: 'FOR', pick: n, behind: 0, who: null }))
const comeBack: fc.Arbitrary<Move> = fc.oneof(
  fc.constant<Move>({ move: 'RECALL', who: 'adam', pick: 0 }),
  fc.record({
    move: moveIs('ANSWER'),
    way: oneOf('AGAINST', 'BACK'),
    pick,
    behind: fc.constant(0),
    who: fc.constant(null),
  }),
)
const correction = fc.record({ move: moveIs('EDIT'), who: clerk, pick: oneOf(1, 2, 3, 4, 7, 9) })
const correct: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: correction },
  { weight: 1, arbitrary: fc.record({ move: moveIs('ADD', 'CHANGE', 'REMOVE'), who: clerk, pick }) },
  { weight: 1, arbitrary: fc.record({ move: moveIs('SCHEDULE'), hours: oneOf(null, 24, 200) }) },
)
/** Something is corrected and submitted; much may happen while it waits; it comes back, or goes on. */
const round = (maxMoves: number): fc.Arbitrary<Move[]> =>
  fc
    .tuple(
      some(correct, 0, 2),
      some(anyOf(waiting), 1, maxMoves),
      some(anyOf(others), 0, 2),
      fc.option(comeBack, { freq: 3 }),
    )
    .map(([edits, during, more, back]) => [...edits, submit, ...during, ...(back === null ? [] : [back]), ...more])

/** What is approved waits for its time; another proposal comes beside it; then time passes, or somebody takes it back. */
const waits: fc.Arbitrary<Move[]> = fc
  .tuple(
    some(approve, 3, 8),
    correction,
    fc.oneof(
      fc.record({ move: moveIs('RECALL', 'CANCEL'), who: fc.constant('adam'), pick: fc.nat({ max: 1 }) }),
      fc.constant<Move>({ move: 'WAIT', hours: 50, sweep: true }),
    ),
  )
  .map(([approvals, edit, end]) => [
    { move: 'EDIT', who: 'clara', pick: 2 },
    { move: 'SCHEDULE', hours: 24 },
    submit,
    ...approvals,
    edit,
    end,
  ])

export type Scenario = Definitions & {
  readonly authorsMayNotApprove: boolean
  readonly conflictPolicy: 'HOLD' | 'OVERWRITE'
  readonly ownerId: string
  readonly moves: readonly Move[]
}
export const scenario = (maxMoves: number, taste: Taste = everything): fc.Arbitrary<Scenario> =>
  fc
    .tuple(
      definitions(taste),
      fc.record({
        authorsMayNotApprove: oneOf(true, true, true, true, false),
        conflictPolicy: oneOf('HOLD', 'HOLD', 'OVERWRITE'),
        ownerId: oneOf('adam', 'adam', 'wanda'),
        // Proposed and submitted, answered in part, sent back, corrected and submitted again, twice; among whatever else.
        moves: fc
          .tuple(
            fc.boolean(),
            oneOf(2, 7, 7, 11),
            round(maxMoves),
            round(maxMoves),
            round(maxMoves),
            some(approve, 0, 10),
            fc.option(waits, { freq: 3 }),
          )
          .map(([there, edit, first, second, third, approvals, end]): Move[] => [
            { move: 'DUPLICATE', there },
            { move: 'EDIT', who: 'clara', pick: edit },
            ...[first, second, third].flat(),
            submit,
            ...approvals,
            ...(end ?? []),
          ]),
      }),
    )
    .map(([definition, rest]) => ({ ...definition, ...rest }))

const elementsOf = (scenario: Scenario, version: 0 | 1) => ({
  elements: version === 0 ? scenario.elements : [scenario.other, ...scenario.elements.slice(1)],
})

export const lifeOf = (scenario: Scenario): Life => {
  const { authorsMayNotApprove, conflictPolicy, ownerId } = scenario
  const company = createCompany({
    people,
    groups,
    queues,
    governed,
    webhooks: [{ id: 'hook', name: 'Bureau', active: true }],
    parameters: { authorsMayNotApprove, conflictPolicy },
    workflows: [
      workflowOf(runnable('w1', 1, elementsOf(scenario, 0)), { ownerId }),
      // Never picked by a submit: somebody is its maker who is not the maker of the other.
      workflowOf(runnable('sub', 1, { elements: scenario.sub }, { createdById: 'tess' }), {
        ...{ id: 'sub', ownerId: 'olga', rank: 9, isDefault: false, activation: 'false' },
      }),
    ],
  })
  const before = customer({ taxExemptNumber: 'DE136695976' })
  return new Life(company, {
    ...before,
    children: { bankAccounts: [bankAccount('b1', 'MAIN'), bankAccount('b2', 'X2')], addresses: [], contacts: [] },
  })
}

const activate = (life: Life, scenario: Scenario, version: number): void => {
  const [first, ...rest] = life.company.workflows
  if (first === undefined) return
  const numbers = life.company.workflows.map((w) => w.activeVersion?.version ?? 0)
  const active = first.activeVersion
  if (active === null) return
  // Another workflow with the same definition, or another version of this one.
  const next: Workflow =
    version === 2
      ? {
          ...first,
          id: first.id === 'w1' ? 'w2' : 'w1',
          activeVersion: { ...active, workflowId: first.id === 'w1' ? 'w2' : 'w1' },
        }
      : workflowOf(runnable(first.id, Math.max(...numbers) + 1, elementsOf(scenario, version === 0 ? 0 : 1)), {
          ownerId: first.ownerId,
        })
  life.set({ ...life.company, workflows: [next, ...rest] })
}

/** What happens around the proposals: time, people, workflows. False: the move is none of these. */
const happens = (life: Life, scenario: Scenario, move: Move): boolean => {
  const { absences } = life.company.directory
  switch (move.move) {
    case 'WAIT':
      life.wait(move.hours)
      if (move.sweep) life.sweep()
      return true
    case 'ACTIVATE':
      activate(life, scenario, move.version)
      return true
    case 'LEAVE':
      life.changePerson(move.who, { active: life.person(move.who)?.active !== true })
      return true
    case 'AWAY': {
      const workflowId = move.all ? null : 'w1'
      const id = `away-${absences.length}`
      const times = { from: life.now, until: life.at(move.hours) }
      if (move.who !== move.standIn)
        life.setAbsences([...absences, { id, userId: move.who, standInId: move.standIn, ...times, workflowId }])
      return true
    }
    case 'BACK':
      life.setAbsences(absences.filter((a) => a.userId !== move.who))
      return true
    case 'SWITCH':
      life.set({
        ...life.company,
        webhooks: new Map([...life.company.webhooks].map(([id, webhook]) => [id, { ...webhook, active: move.on }])),
      })
      return true
    case 'DUPLICATE':
      life.sameTaxNumber = move.there ? ['US-002'] : []
      return true
    default:
      return false
  }
}

/** Plays the moves; `see` is told of every command with the state before it, the life being as it is after it. */
export const simulate = (scenario: Scenario, see: (life: Life, played: Played) => void): Life => {
  const life = lifeOf(scenario)
  life.see = (played) => see(life, played)
  for (const move of scenario.moves) {
    life.minutes += 1
    if (happens(life, scenario, move)) continue
    const next = commandOf(life, move)
    if (next !== null) life.try(next.who, next.command, next.about === undefined ? life.current : next.about)
  }
  return life
}
