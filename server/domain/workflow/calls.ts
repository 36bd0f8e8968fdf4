// Webhooks that a workflow asks: what may be answered, when a request is made again, and when it is given up (DOMAIN section 5).
// Nothing is sent here: the run holds the question, and whoever sends it says what came of it.
import type { ElementFact, Proposal, Run, WebhookCall } from '../proposal.ts'
import { earliest, isBefore } from '../instant.ts'
import type { Book } from './book.ts'
import type { Element } from './definition.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
/** How long after a failed request the next one is made; after the last of these again and again. */
export const retryDelaysMs = [10 * second, minute, 5 * minute, 15 * minute, hour] as const
/** How long a webhook is asked in all, from the first request that is due. */
export const callLifeMs = 24 * hour

type Automated = Extract<Element, { readonly automated: unknown }>['automated']
export type AskingElement = { readonly automated: Automated & { readonly webhookId: string } }

/** Does the element ask a webhook? */
export const asksWebhook = (element: Element): element is AskingElement =>
  'automated' in element && element.automated.webhookId !== null

/** What may be answered: the names of the outcomes; where there are none it has passed or failed. */
export const answersOf = ({ outcomes }: Pick<Automated, 'outcomes'>): readonly string[] =>
  outcomes === null || outcomes.length === 0 ? ['passed', 'failed'] : outcomes.map(({ name }) => name)

const after = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString()

const begin = (id: string, webhookId: string, now: string): WebhookCall => ({
  ...{ id, webhookId, since: now, attempts: 0, nextAt: now },
  ...{ deadline: after(now, callLifeMs), failure: null },
})

const times = (n: number): string => (n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`)
/** A sentence by itself, whoever wrote it. */
const closed = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

/**
 * Asks a webhook, or takes what it has answered: the key of the branch, `none` where there is none, null while it waits. Faults:
 * INVALID_WORKFLOW without the webhook, NO_ANSWER when it is given up, INVALID_VALUE when it has answered `failed` and nothing is to follow.
 */
export const askWebhook = (
  book: Book,
  { path, at }: { readonly path: string; readonly at: string },
  { name, webhookId, outcomes }: AskingElement['automated'],
): string | null => {
  const { company, now, newId } = book.scene
  const webhook = company.webhooks.get(webhookId)
  const call = book.elements[path]?.call
  if (call?.answer !== undefined) {
    const { outcome, comment } = call.answer
    const index = (outcomes ?? []).findIndex((each) => each.name === outcome)
    if (index >= 0) return `outcomes.${index}`
    if (outcome === 'passed') return 'none'
    const why = comment ?? `the webhook "${webhook?.name ?? ''}" has answered "${outcome}"`
    return book.fault(at, closed(`"${name}" has failed: ${why}`), 'INVALID_VALUE')
  }
  if (webhook === undefined)
    return book.fault(
      at,
      `The webhook that "${name}" asks has been deleted; an administrator has to correct the workflow.`,
      'INVALID_WORKFLOW',
    )
  if (!webhook.active)
    return book.fault(
      at,
      `The webhook "${webhook.name}", which "${name}" asks, is switched off; an administrator has to switch it on.`,
      'INVALID_WORKFLOW',
    )
  if (call?.nextAt === null)
    return book.fault(
      at,
      `The webhook "${webhook.name}" has not answered "${name}": it was asked ${times(call.attempts)}, the last time without success. ${closed(call.failure ?? '')}`,
      'NO_ANSWER',
    )
  book.waiting = true
  if (call === undefined && !book.assume) book.put(path, { call: begin(newId(), webhookId, now) })
  return null
}

/** A question that a run still waits for, and the path of the element that asks it. */
export type OpenCall = { readonly path: string; readonly fact: ElementFact; readonly call: WebhookCall }

/** The questions that are still asked; none unless the proposal is pending: what is stopped or over asks nobody. */
export const openCalls = ({ status, runs }: Pick<Proposal, 'status' | 'runs'>): readonly OpenCall[] => {
  const run = runs.at(-1)
  if (status !== 'PENDING' || run?.end !== null) return []
  return Object.entries(run.elements).flatMap(([path, fact]) => {
    const { call, taken, outcome } = fact
    const open = call !== undefined && taken === undefined && outcome === null && call.nextAt !== null
    return open && call.answer === undefined ? [{ path, fact, call }] : []
  })
}

/** When the next request of a proposal is due; null: it asks no webhook. */
export const nextCall = (proposal: Pick<Proposal, 'status' | 'runs'>): string | null =>
  earliest(openCalls(proposal).map(({ call }) => call.nextAt))

/** The questions of which a request is due, the longest waiting first. */
export const dueCalls = (proposal: Pick<Proposal, 'status' | 'runs'>, now: string): readonly OpenCall[] =>
  openCalls(proposal)
    .filter(({ call }) => call.nextAt !== null && !isBefore(now, call.nextAt))
    .sort((a, b) => (isBefore(a.call.nextAt ?? '', b.call.nextAt ?? '') ? -1 : 1))

/** A request is under way: another is made only when nothing has been heard of it for so long. */
export const begun = (call: WebhookCall, now: string, leaseMs: number): WebhookCall => ({
  ...call,
  attempts: call.attempts + 1,
  nextAt: after(now, leaseMs),
})

/** A request has brought no answer: it is made again later, or not any more. */
export const failed = (call: WebhookCall, failure: string, now: string): WebhookCall => {
  const delay = retryDelaysMs[Math.min(call.attempts, retryDelaysMs.length) - 1] ?? retryDelaysMs[0]
  const nextAt = after(now, delay)
  return { ...call, failure, nextAt: isBefore(call.deadline, nextAt) ? null : nextAt }
}

/** A run that goes on after an error: what is over is asked as something new, what was still asked has all its time again. */
export const withCallsAfresh = (run: Run, now: string): Run => {
  const elements = Object.entries(run.elements).map(([path, fact]): [string, ElementFact] => {
    const { call, ...rest } = fact
    if (call === undefined || fact.taken !== undefined) return [path, fact]
    if (call.nextAt === null || call.answer !== undefined) return [path, rest]
    return [path, { ...fact, call: { ...begin(call.id, call.webhookId, now), since: call.since } }]
  })
  return { ...run, elements: Object.fromEntries(elements) }
}
