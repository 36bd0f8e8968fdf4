// Arbitrary workflow definitions: every element nested in every other, every assignment, limits with escalation and final actions.
import fc from 'fast-check'
import type { Change } from '../../server/domain/proposal.ts'
import type { Json } from './workflow/definitions.ts'

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
export const queues = { desk: ['cora', 'carl', 'tess'], back: ['tess', 'olga', 'mia'], empty: [], lost: ['gone'] }
export const groups = { credit: ['cora', 'carl', 'tess'], left: ['tess', 'gone'], directors: ['olga'] }

export const oneOf = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq })
const condition = oneOf(...conditions.map((c) => c.cel))
const fields = fc.subarray([...governed, 'bankAccounts.iban'], { minLength: 1, maxLength: 2 })

/** What a definition may hold. */
export type Taste = {
  readonly decisions: boolean
  readonly limits: boolean
  readonly partial: boolean
  /** Assignments to whoever approved before: whom they ask is known when it is known who approved. */
  readonly previous: boolean
  readonly depth: number
}
export const everything: Taste = { decisions: true, limits: true, partial: true, previous: true, depth: 2 }

const assignee = ({ previous }: Taste): fc.Arbitrary<Json> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .subarray(['mia', 'cora', 'carl', 'olga', 'gone'], { minLength: 1, maxLength: 3 })
        .map((users) => ({ users })),
    },
    { weight: 2, arbitrary: oneOf('credit', 'left', 'directors').map((group) => ({ group })) },
    { weight: 2, arbitrary: oneOf('READER', 'CLERK', 'ADMINISTRATOR').map((role) => ({ role })) },
    {
      weight: 2,
      arbitrary: fc.record({
        hierarchy: fc.oneof(
          fc.record({ levels: fc.integer({ min: 1, max: 2 }), take: oneOf('ALL', 'LAST') }),
          fc.record({ startUserId: oneOf('cora', 'clara'), until: fc.constant("manager.name == 'olga'") }),
        ),
      }),
    },
    { weight: 2, arbitrary: oneOf('desk', 'desk', 'back', 'empty', 'lost').map((queue) => ({ queue })) },
    {
      weight: 1,
      arbitrary: (previous ? oneOf('PREVIOUS_APPROVER', 'OWNER', 'SUBMITTER') : oneOf('OWNER', 'SUBMITTER')).map(
        (workflowUser) => ({ workflowUser }),
      ),
    },
  )
const assignment = (taste: Taste): fc.Arbitrary<Json> =>
  fc
    .record({
      to: assignee(taste),
      policy: oneOf('SINGLE', 'SINGLE', 'MAJORITY', 'PERCENT', 'ALL'),
      quorum: oneOf('ANSWERS', 'APPROVALS'),
      percent: fc.integer({ min: 1, max: 100 }),
    })
    .map(({ percent, ...a }) => (a.policy === 'PERCENT' ? { ...a, percent } : a))

const timeLimit = fc.record({
  amount: fc.integer({ min: 1, max: 9 }),
  unit: oneOf('HOURS', 'HOURS', 'DAYS'),
  workingTime: fc.boolean(),
})
const limited = (taste: Taste, final: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  taste.limits
    ? fc.oneof(
        { weight: 1, arbitrary: fc.constant({}) },
        {
          weight: 1,
          arbitrary: fc.record({
            timeLimit,
            escalation: maybe(fc.array(fc.record({ to: assignee(taste), timeLimit }), { minLength: 1, maxLength: 2 })),
            finally: maybe(final),
          }),
        },
      )
    : fc.constant({})
const step = (taste: Taste, final: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc
    .tuple(
      fc.record({
        name: fc.constant('Step'),
        guards: maybe(fields),
        when: maybe(condition, 3),
        assign: fc.array(assignment(taste), { minLength: 1, maxLength: 2 }),
        join: oneOf('ALL', 'ANY'),
      }),
      limited(taste, final),
    )
    .map(([own, limit]) => ({ ...own, ...limit }))

const action = fc.record({
  when: condition,
  then: fc.oneof({ weight: 5, arbitrary: fc.constant('APPROVE') }, { weight: 1, arbitrary: fc.constant('REJECT') }),
  fields,
})
const verdict: fc.Arbitrary<Json> = oneOf('APPROVE', 'APPROVE', 'REJECT').map((v) => ({ verdict: v }))
const approval = (taste: Taste): fc.Arbitrary<Json> =>
  fc
    .tuple(
      fc.record({
        name: fc.constant('Approval'),
        steps: fc.array(step(taste, verdict), { minLength: 1, maxLength: 2 }),
        automatic: maybe(fc.array(action, { minLength: 1, maxLength: 2 }), 4),
        allow: maybe(fc.constant(['APPROVE', 'REJECT']), 4),
        finalApproverId: maybe(oneOf('olga', 'carl', 'carl', 'gone'), 4),
        partial: taste.partial ? oneOf(true, true, false) : fc.constant(false),
      }),
      taste.limits ? maybe(fc.record({ timeLimit, onTimeLimit: oneOf('APPROVE', 'REJECT') }), 4) : fc.constant(null),
    )
    .map(([own, limit]) => ({ approval: { ...own, ...limit } }))
const task = (taste: Taste): fc.Arbitrary<Json> =>
  step(
    taste,
    oneOf('COMPLETE', 'COMPLETE', 'RETURN').map((t) => ({ task: t })),
  ).map((s) => ({
    task: { name: 'Task', step: s },
  }))

const element = (taste: Taste): fc.Arbitrary<Json> => {
  const flat = [
    { weight: 5, arbitrary: approval(taste) },
    { weight: 1, arbitrary: task(taste) },
  ]
  if (taste.depth === 0) return fc.oneof(...flat)
  const inner = { ...taste, depth: taste.depth - 1 }
  const elements = fc.array(element(inner), { maxLength: 2 })
  const branch = (name: string) => fc.record({ name: fc.constant(name), elements })
  const decision = fc
    .tuple(
      step(
        taste,
        oneOf('yes', 'no').map((choice) => ({ choice })),
      ),
      assignment(taste),
      branch('yes'),
      branch('no'),
    )
    .map(([{ assign: _, ...s }, first, yes, no]) => ({
      decision: {
        name: 'Decision',
        step: { ...s, join: 'ALL', assign: [{ ...first, policy: 'SINGLE', percent: null }] },
        outcomes: [yes, no],
      },
    }))
  const choice = fc.record({
    condition: fc.record({
      name: fc.constant('Condition'),
      cases: fc.array(fc.record({ when: condition, elements }), { minLength: 1, maxLength: 2 }),
      else: maybe(elements, 3),
    }),
  })
  const parallel = fc
    .tuple(branch('a'), branch('b'), maybe(branch('c')))
    .map(([a, b, c]) => ({ parallel: { name: 'Parallel', branches: [a, b, ...(c === null ? [] : [c])] } }))
  const automated = fc
    .tuple(maybe(fc.constant(true), 6), branch('passed'), branch('failed'))
    .map(([bare, passed, failed]) => ({
      automated: { name: 'Check', check: 'DUPLICATE_TAX_NUMBER', outcomes: bare === true ? null : [passed, failed] },
    }))
  // Without choices it only passes or fails: nobody has to know a branch beforehand.
  const webhook = fc.tuple(maybe(fc.constant(true), 4), branch('yes'), branch('no')).map(([bare, yes, no]) => ({
    automated: {
      ...{ name: 'Ask', webhookId: 'hook' },
      outcomes: bare === true || !taste.decisions ? null : [yes, no],
    },
  }))
  return fc.oneof(
    ...flat,
    ...(taste.decisions ? [{ weight: 1, arbitrary: decision }] : []),
    { weight: 1, arbitrary: choice },
    { weight: 1, arbitrary: parallel },
    { weight: 1, arbitrary: automated },
    { weight: 1, arbitrary: webhook },
    { weight: 1, arbitrary: fc.constant({ subworkflow: { name: 'Sub', workflowId: 'sub' } }) },
  )
}

export type Definitions = {
  readonly elements: readonly Json[]
  /** A second version of the workflow: its first element is another. */
  readonly other: Json
  /** The workflow that subworkflow elements run. */
  readonly sub: readonly Json[]
}
const withoutSub = (list: readonly Json[]): readonly Json[] =>
  JSON.parse(JSON.stringify(list), (_, value: unknown) =>
    Array.isArray(value)
      ? value.filter((e: unknown) => !(e !== null && typeof e === 'object' && 'subworkflow' in e))
      : value,
  ) as Json[]
type Shape = 'PLAIN' | 'PARALLEL' | 'DECISION'
const shaped = (shape: Shape, elements: readonly Json[], other: Json): readonly Json[] => {
  if (shape === 'PLAIN') return elements
  const branches = [...elements, other].map((e, i) => ({ name: i === 0 ? 'yes' : `${i}`, elements: [e] }))
  if (shape === 'PARALLEL') return [{ parallel: { name: 'All', branches } }]
  const step = { name: 'Choose', assign: [{ to: { role: 'READER' } }] }
  return [{ decision: { name: 'Choose', step, outcomes: branches } }, other]
}
export const definitions = (taste: Taste): fc.Arbitrary<Definitions> =>
  fc
    .record({
      // Half of them begin by themselves; the others all at once, or with a choice.
      shape: taste.decisions
        ? fc.constantFrom<Shape>('PLAIN', 'PLAIN', 'PARALLEL', 'DECISION')
        : fc.constantFrom<Shape>('PLAIN', 'PLAIN', 'PARALLEL'),
      elements: fc.array(element(taste), { minLength: 1, maxLength: 3 }),
      other: element(taste),
      sub: fc
        .array(element({ ...taste, depth: Math.min(1, taste.depth) }), { minLength: 1, maxLength: 2 })
        .map(withoutSub),
    })
    .map(({ shape, ...all }) => ({ ...all, elements: shaped(shape, all.elements, all.other) }))
