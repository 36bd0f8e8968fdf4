// A decision and how it is sent: alone by its own command, several by one call with a result for each.
import { tell } from './api.ts'
import type { Problem } from './documents/fragments.ts'
import { Approve, Choose, CompleteTask, DecideMany, Reject, RequestChange, ReturnTask } from './documents/queue.ts'
import type { Json } from './graphql.ts'
import { messages } from './messages.ts'

export type Verdict = 'APPROVE' | 'REJECT' | 'REQUEST_CHANGE' | 'COMPLETE' | 'RETURN' | 'CHOOSE'
/** A verdict with what belongs to it. */
export type Answer = {
  readonly verdict: Verdict
  readonly comment: string
  /** Of CHOOSE: which outcome. */
  readonly choice?: string
  /** Of REQUEST_CHANGE: who is to make it, if not the submitter. */
  readonly to?: string
  /** Of APPROVE: what is left out, each with its reason. */
  readonly refuse?: readonly { changeId: string; reason: string }[]
}
export type Given = {
  readonly itemId: string
  /** The revision that was on the screen: what nobody saw cannot be approved. */
  readonly revision: number
  /** Digests of the changes that were on the screen, to tell later which are new. */
  readonly seen: readonly string[]
  readonly answer: Answer
  readonly name: string
}

const graceMs = 5_000

/** What was decided in one go. */
export class Round {
  readonly answer: Answer
  /** More than one: they are spoken of as a number. */
  readonly many: boolean
  readonly ends = Date.now() + graceMs
  secondsLeft = $state(graceMs / 1000)
  timer: ReturnType<typeof setInterval> | undefined
  /** How many went out; 0: they can still be taken back. */
  sent = $state(0)
  /** Whoever decided is not there: nobody is told. */
  silent = false
  /** Told of each item whose decision stands. */
  readonly ondone: (itemId: string) => void

  constructor(answer: Answer, many: boolean, ondone: (itemId: string) => void = () => undefined) {
    this.answer = answer
    this.many = many
    this.ondone = ondone
  }
}

export class Decision {
  readonly itemId: string
  readonly revision: number
  readonly seen: readonly string[]
  readonly answer: Answer
  readonly name: string
  readonly round: Round
  state = $state<'waiting' | 'sending' | 'refused'>('waiting')
  problem = $state.raw<Problem | null>(null)
  /** Not refused, but not reached either. */
  failure = $state<string | null>(null)
  /** The call that it goes with; the same one again when the network fails. */
  call: Call | null = null

  constructor({ itemId, revision, seen, answer, name }: Given, round: Round) {
    this.itemId = itemId
    this.revision = revision
    this.seen = seen
    this.answer = answer
    this.name = name
    this.round = round
  }

  get secondsLeft(): number {
    return this.round.secondsLeft
  }
}

export type Call = { readonly key: string; readonly decisions: readonly Decision[] }

type Unsent = Given & { many: boolean; failure: string; key: string | null }

/** Decisions that nobody is known to have received, round by round, as they outlive the page. */
export const written = (unsent: readonly Decision[]): Json =>
  [...Map.groupBy(unsent, ({ round }) => round).values()].map((decisions) =>
    decisions.map(({ itemId, revision, seen, answer, name, round: { many }, failure, call }) => {
      // Of several in one call it is not known which others went with it.
      const key = many ? null : (call?.key ?? null)
      return { itemId, revision, seen, answer, name, many, failure, key } as unknown as Json
    }),
  )

export const readBack = (rounds: Json): Decision[] =>
  (rounds as unknown as Unsent[][]).flatMap((unsent) => {
    const [first] = unsent
    if (!first) return []
    const round = new Round(first.answer, first.many)
    round.silent = true
    return unsent.map((given) => {
      const decision = new Decision(given, round)
      decision.state = 'refused'
      decision.failure = given.failure
      if (given.key !== null) decision.call = { key: given.key, decisions: [decision] }
      return decision
    })
  })

const outcomes = {
  APPROVE: 'APPROVED',
  REJECT: 'REJECTED',
  REQUEST_CHANGE: 'CHANGE_REQUESTED',
  COMPLETE: 'COMPLETED',
  RETURN: 'RETURNED',
  CHOOSE: 'CHOSEN',
} as const

const sendOne = ({ itemId: workItemId, revision, answer }: Decision, key: string) => {
  const { comment, choice = '', to, refuse } = answer
  const about = { workItemId, revision }
  const optional = comment === '' ? {} : { comment }
  switch (answer.verdict) {
    case 'APPROVE':
      return tell(Approve, { ...about, ...optional, ...(refuse ? { refuse: [...refuse] } : {}) }, key)
    case 'REJECT':
      return tell(Reject, { ...about, comment }, key)
    case 'REQUEST_CHANGE':
      return tell(RequestChange, { ...about, comment, ...(to === undefined ? {} : { to }) }, key)
    case 'COMPLETE':
      return tell(CompleteTask, { ...about, ...optional }, key)
    case 'RETURN':
      return tell(ReturnTask, { ...about, comment }, key)
    case 'CHOOSE':
      return tell(Choose, { ...about, ...optional, choice }, key)
  }
}

/** What was refused, in the order of the decisions; null: it was recorded. Throws RequestFailed when nobody knows. */
export const send = async ({ key, decisions }: Call): Promise<(Problem | null)[]> => {
  const [only] = decisions
  if (decisions.length === 1 && only) {
    const outcome = await sendOne(only, key)
    return [outcome.ok ? null : outcome.problem]
  }
  const input = decisions.map(({ itemId: workItemId, revision, answer: { verdict, comment } }) => ({
    ...{ workItemId, revision, outcome: outcomes[verdict] },
    ...(comment === '' ? {} : { comment }),
  }))
  const outcome = await tell(DecideMany, { decisions: input }, key)
  if (!outcome.ok) return decisions.map(() => outcome.problem)
  return decisions.map((_, index) => {
    const result = outcome.value.results[index]
    if (!result) throw new Error(messages.failed)
    return 'code' in result ? result : null
  })
}
