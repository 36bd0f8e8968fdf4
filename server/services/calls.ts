// Asks the webhooks that workflows ask (DOMAIN section 5). A request is noted before it is made, in a transaction of its own, with a time
// from which on it counts as lost; nothing is open in the database while the other side thinks. Any number of processes may do it.
import type { Company } from '../domain/company.ts'
import type { Customer } from '../domain/customer.ts'
import { decide, type Command } from '../domain/decide.ts'
import { askingAt } from '../domain/decide-call.ts'
import { systemActor } from '../domain/directory.ts'
import type { Proposal, WebhookCall } from '../domain/proposal.ts'
import { readAnswer } from '../domain/workflow/answers.ts'
import { answersOf, dueCalls, openCalls } from '../domain/workflow/calls.ts'
import { isAnyCallDue, lockCall } from '../store/calls.ts'
import type { Due } from '../store/due.ts'
import { isOutOfReach, isRetryable, StaleWrite } from '../store/errors.ts'
import { appendEvents } from '../store/events.ts'
import { insertAttempt } from '../store/webhook-log.ts'
import { findEndpoint, type Endpoint } from '../store/webhooks.ts'
import type { Tx } from '../db/connect.ts'
import type { App } from './app.ts'
import { unwrap } from './command.ts'
import { contextOf, lockProposal, saveState } from './loading.ts'
import type { SendResult } from './webhook-sender.ts'

/** What a webhook is asked: about which proposal, where in its workflow, and what may be answered. */
export type Question = {
  readonly company: Company
  readonly customer: Customer
  readonly proposal: Proposal
  readonly path: string
  readonly element: string
  readonly outcomes: readonly string[]
  readonly call: WebhookCall
}
/** The body of a request: the same for each request of a question. */
export type BodyOf = (question: Question) => string

export type CallsOptions = {
  readonly bodyOf: BodyOf
  /** Requests at once. */
  readonly atOnce?: number
  /** What goes wrong here, about one proposal; it is tried again. */
  readonly failed?: (error: unknown, where: Pick<Due, 'companyId' | 'proposalId'>) => void
}
export type Calls = {
  /** Begins what is due, as far as there is room; what ends makes room for more. Rejects when the database cannot be reached. */
  readonly run: (ending?: () => boolean) => Promise<void>
  /** Resolves when nothing is under way any more. */
  readonly idle: () => Promise<void>
  /** Ends what is under way; it counts as lost and is asked again. */
  readonly abort: () => void
}

/** Beyond the time that an answer may take: until it is written, and for clocks that differ. */
const leaseMarginMs = 10_000
const restMs = 30_000
const maxAttempts = 4

type Asked = { readonly due: Due; readonly question: Question; readonly endpoint: Endpoint | null }

/** The asking of one process. */
export const createCalls = (app: App, { bodyOf, atOnce = 64, failed = () => undefined }: CallsOptions): Calls => {
  const leaseMs = app.sender.timeoutMs + leaseMarginMs
  const underWay = new Set<Promise<void>>()
  const aborting = new AbortController()
  /** Proposals that could not be taken up, until when they are left alone (milliseconds since 1970). */
  const resting = new Map<string, number>()
  let stopping: () => boolean = () => false
  let pumping: Promise<void> | undefined

  /** Decides a command of the system on a proposal whose customer nobody else has in hand. */
  const decideAs = async (tx: Tx, due: Due, commandOf: (proposal: Proposal, now: string) => Command | null) => {
    const now = app.clock().toISOString()
    const company = await app.setup.company(tx, due.companyId)
    if (company === null) throw new Error('A proposal without its company')
    const { state: before, others } = await lockProposal({ tx, company }, due.proposalId)
    const ctx = await contextOf(app, tx, { company, actor: systemActor, now }, before, [], others)
    const command = commandOf(before.proposal, now)
    if (command === null) return { before, state: before, company, ctx, events: [] }
    const { state, events } = unwrap(decide(before, command, ctx))
    await saveState(tx, before, state)
    const ofCustomer = events.map((e) => ({ customerId: before.customer.id, ...e }))
    if (events.length > 0) await appendEvents(tx, { companyId: company.id, actorId: null, at: now }, ofCustomer)
    return { before, state, company, ctx, events }
  }

  /** Notes that a request begins, of the proposal that has had one to make longest; null: there is none. */
  const take = async (taken: { due?: Due }, but: readonly string[]): Promise<Asked | 'NOTHING' | null> => {
    const result = await app.db.transaction(async (tx) => {
      const due = await lockCall(tx, app.clock().toISOString(), but)
      if (due === null) return null
      taken.due = due
      let callId = ''
      const { before, state, company, ctx, events } = await decideAs(tx, due, (proposal, now) => {
        callId = dueCalls(proposal, now)[0]?.call.id ?? ''
        return callId === '' ? null : { kind: 'CALL_BEGIN', callId, leaseMs }
      })
      const { customer, proposal } = state
      const found = proposal === null ? undefined : openCalls(proposal).find(({ call }) => call.id === callId)
      const told = events.length > 0
      const element = found === undefined || proposal === null ? null : askingAt(ctx, proposal, found.path)
      if (found === undefined || proposal === null || element === null || proposal === before.proposal)
        return { asked: null, told }
      const { path, call } = found
      const question: Question = {
        ...{ company, customer, proposal, path, call },
        ...{ element: element.name, outcomes: answersOf(element) },
      }
      const endpoint = await findEndpoint(tx, company.id, call.webhookId, ctx.now)
      return { asked: { due, question, endpoint }, told }
    })
    if (result?.told === true) app.wake()
    return result === null ? null : (result.asked ?? 'NOTHING')
  }

  const commandFor = ({ question: { call, outcomes } }: Asked, result: SendResult): [Command, string | null] => {
    const read = 'error' in result ? { failure: result.error } : readAnswer(result.status, result.body, outcomes)
    const callId = call.id
    return 'failure' in read
      ? [{ kind: 'CALL_FAILED', callId, attempt: call.attempts, failure: read.failure }, read.failure]
      : [{ kind: 'CALL_ANSWERED', callId, ...read }, null]
  }

  /** Writes what came of a request, and lets the workflow go on. */
  const settle = async (asked: Asked, result: SendResult): Promise<void> => {
    const { due, question } = asked
    const { companyId, proposalId } = due
    const write = async (command: Command, error: string | null): Promise<void> => {
      for (let attempt = 1; ; attempt++) {
        try {
          const { events } = await app.db.transaction(async (tx) => {
            const decided = await decideAs(tx, due, () => command)
            const about = { companyId, webhookId: question.call.webhookId, position: null, proposalId }
            const { durationMs, status = null } = result
            const at = decided.ctx.now
            await insertAttempt(tx, { ...about, elementPath: question.path, at, durationMs, status, error })
            return decided
          })
          if (events.length > 0) app.wake()
          return
        } catch (cause) {
          if (attempt >= maxAttempts || !(isRetryable(cause) || cause instanceof StaleWrite)) throw cause
        }
      }
    }
    const [command, error] = commandFor(asked, result)
    try {
      await write(command, error)
    } catch (cause) {
      // Without a database it counts as lost. What cannot be taken otherwise is not to be asked again and again without a pause.
      if (isOutOfReach(cause) || command.kind !== 'CALL_ANSWERED') throw cause
      failed(cause, due)
      const failure = 'What it answered could not be taken: the server failed.'
      await write({ kind: 'CALL_FAILED', callId: command.callId, attempt: question.call.attempts, failure }, failure)
    }
  }

  const ask = async (asked: Asked): Promise<void> => {
    const { question, endpoint } = asked
    const gone: SendResult = { error: 'The webhook has been deleted meanwhile.', durationMs: 0 }
    const { signal } = aborting
    const result =
      endpoint === null
        ? gone
        : await app.sender.send({
            ...{ url: endpoint.url, secrets: endpoint.secrets, signal },
            ...{ id: question.call.id, timestamp: app.clock(), body: bodyOf(question) },
          })
    if (signal.aborted && 'error' in result) return
    await settle(asked, result)
  }

  const begin = (asked: Asked): void => {
    const work: Promise<void> = ask(asked)
      .catch((error: unknown) => failed(error, asked.due))
      .finally(() => {
        underWay.delete(work)
        // What goes wrong here is told by whoever looks next.
        pump().catch(() => undefined)
      })
    underWay.add(work)
  }

  const takeAll = async (): Promise<void> => {
    const now = app.clock().getTime()
    for (const [id, until] of resting) if (until <= now) resting.delete(id)
    const passedBy = [...resting.keys()]
    if (!(await isAnyCallDue(app.db, app.clock().toISOString(), passedBy))) return
    while (!stopping() && underWay.size < atOnce) {
      const taken: { due?: Due } = {}
      try {
        const asked = await take(taken, passedBy)
        if (asked === null) return
        if (asked !== 'NOTHING') begin(asked)
        else if (taken.due !== undefined) passedBy.push(taken.due.proposalId)
      } catch (error) {
        if (taken.due === undefined || isOutOfReach(error)) throw error
        const { proposalId } = taken.due
        passedBy.push(proposalId)
        if (isRetryable(error) || error instanceof StaleWrite) continue
        resting.set(proposalId, app.clock().getTime() + restMs)
        failed(error, taken.due)
      }
    }
  }
  /** One at a time: whoever comes meanwhile is content with the one that goes on. */
  const pump = (): Promise<void> => {
    if (stopping() || aborting.signal.aborted) return Promise.resolve()
    pumping ??= takeAll().finally(() => (pumping = undefined))
    return pumping
  }

  return {
    run(ending = () => false) {
      stopping = ending
      return pump()
    },
    async idle() {
      while (underWay.size > 0 || pumping !== undefined)
        await Promise.all([...underWay, pumping?.catch(() => undefined)])
    },
    abort: () => aborting.abort(),
  }
}
