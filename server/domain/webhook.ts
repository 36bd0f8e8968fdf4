// Endpoints that partners are told at: what one may be, what is delivered, when it is tried again, and when it is given up.
import type { Company } from './company.ts'
import { sha256 } from './digest.ts'
import { ok, type Problem } from './errors.ts'
import type { EventType, Json } from './events.ts'
import { nameFault } from './names.ts'
import { unless, type SetupChange } from './setup.ts'

/** PENDING: to be tried, or tried again; DEAD: given up, until somebody replays it. */
export const deliveryStatuses = ['PENDING', 'DELIVERED', 'DEAD'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

export type Webhook = {
  readonly id: string
  readonly name: string
  readonly url: string
  /** Which events are delivered; none: it is only asked by workflows. */
  readonly types: readonly EventType[]
  readonly active: boolean
}

const maxWebhooks = 50
const maxUrl = 2000

const wrong = (message: string, ...at: string[]): Problem => ({ code: 'INVALID_VALUE', message, at })

/**
 * A webhook as the log tells it to every reader. Many receivers know who calls by a token in the path or the query of the URL: only
 * where it leads is named, and a digest says whether the rest has changed.
 */
const webhookData = ({ name, url, types, active }: Webhook): Readonly<Record<string, Json>> => ({
  ...{ name, origin: originOf(url), urlSha256: sha256(url), types, active },
})
const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : '')

/** What parsing a URL would leave out or take for something else: then what is stored is not what was looked at. */
const unclear = /[\p{Cc}\s\\]/u
/** As it is asked: a fragment is never sent. */
const normalUrl = (url: string): string => {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  parsed.hash = ''
  return parsed.href
}

/** Does a definition, anywhere in its tree, ask this webhook? */
const asksWebhook = (value: unknown, id: string): boolean => {
  if (Array.isArray(value)) return value.some((inner) => asksWebhook(inner, id))
  if (value === null || typeof value !== 'object') return false
  return Object.entries(value).some(([key, inner]) => (key === 'webhookId' ? inner === id : asksWebhook(inner, id)))
}

/** The name of an active workflow that asks this webhook; undefined: none does. */
const askerOf = (company: Pick<Company, 'workflows'>, id: string): string | undefined =>
  company.workflows.find((w) => asksWebhook(w.activeVersion?.definition, id))?.activeVersion?.settings.name
const stillAsked = (asker: string, before: string): string =>
  `The active workflow "${asker}" asks this webhook; change that before ${before}.`

/**
 * A webhook as a whole. `urlFault`: what is wrong with its URL, as the rest of a sentence; null: nothing.
 * `others`: how many the company has besides it.
 */
export const changeWebhook = (
  company: Pick<Company, 'workflows'>,
  before: Webhook | null,
  given: Webhook & { readonly urlFault: string | null; readonly others: number },
): SetupChange<Webhook> => {
  const name = given.name.trim()
  const typed = given.url.trim()
  const url = normalUrl(typed)
  const problems: Problem[] = []
  const fault = nameFault(name, 60, "A webhook's name")
  if (fault !== null) problems.push(wrong(fault, 'name'))
  if (Math.max(typed.length, url.length) > maxUrl)
    problems.push(wrong(`A URL has at most ${maxUrl} characters.`, 'url'))
  else if (unclear.test(typed)) {
    const message =
      'The URL holds white space, line ends, other control characters or backslashes; write them as %20 and the like, or leave them out.'
    problems.push(wrong(message, 'url'))
  } else if (given.urlFault !== null) problems.push(wrong(`The URL ${given.urlFault}.`, 'url'))
  if (before === null && given.others >= maxWebhooks) {
    const message = `A company has at most ${maxWebhooks} webhooks; change or delete one that is there.`
    problems.push({ code: 'LIMIT_EXCEEDED', message, at: ['name'] })
  }
  const asker = before?.active === true && !given.active ? askerOf(company, given.id) : undefined
  if (asker !== undefined) problems.push(wrong(stillAsked(asker, 'switching it off'), 'active'))
  return unless(problems, () => {
    const save: Webhook = { id: given.id, name, url, types: [...new Set(given.types)].sort(), active: given.active }
    if (before !== null && JSON.stringify({ ...before, id: save.id }) === JSON.stringify(save)) return ok(null)
    const old = before === null ? null : webhookData(before)
    return ok({
      save,
      events: [{ type: 'WebhookChanged', data: { webhookId: save.id, old, new: webhookData(save) } }],
    })
  })
}

/** Taking a webhook away for good: not while an active workflow asks it. */
export const removeWebhook = (company: Pick<Company, 'workflows'>, before: Webhook): SetupChange<null> => {
  const asker = askerOf(company, before.id)
  const problems: Problem[] =
    asker === undefined ? [] : [{ code: 'WRONG_STATE', message: stillAsked(asker, 'deleting it'), at: ['webhookId'] }]
  return unless(problems, () =>
    ok({
      save: null,
      events: [{ type: 'WebhookChanged', data: { webhookId: before.id, old: webhookData(before), new: null } }],
    }),
  )
}

/** The endpoint has said that it is gone for good (410): nothing is sent there until somebody switches it on again. */
export const switchOffGone = (before: Webhook): SetupChange<Webhook> => {
  if (!before.active) return ok(null)
  const save = { ...before, active: false }
  const data = { webhookId: before.id, old: webhookData(before), new: webhookData(save), reason: 'GONE' }
  return ok({ save, events: [{ type: 'WebhookChanged', data }] })
}

export type Secret = {
  readonly id: string
  readonly secret: string
  readonly createdAt: string
  /** Null: until another one takes its place. */
  readonly expiresAt: string | null
}

/** For how many hours the secret before stays live, unless said otherwise, and at most. */
export const usualHours = 24
const mostHours = 7 * 24
const hour = 3_600_000

/**
 * A new secret takes the place of the newest, which stays live for some hours; whatever was live besides ends at once, so
 * that there are never more than two. `secrets`: all that are kept.
 */
export const rotateSecret = (
  webhookId: string,
  secrets: readonly Secret[],
  newId: string,
  keepHours: number,
  now: string,
): SetupChange<{ readonly keep: { readonly id: string; readonly expiresAt: string } | null }> => {
  const within = Number.isInteger(keepHours) && keepHours >= 0 && keepHours <= mostHours
  const problems = within ? [] : [wrong(`The secret before stays live for 0 to ${mostHours} hours.`, 'keepOldHours')]
  return unless(problems, () => {
    const newest = secrets.find(({ expiresAt }) => expiresAt === null)
    const expiresAt = new Date(Date.parse(now) + keepHours * hour).toISOString()
    const keep = newest === undefined || keepHours === 0 ? null : { id: newest.id, expiresAt }
    const old = keep === null ? null : { secretId: keep.id, until: expiresAt }
    return ok({
      save: { keep },
      events: [{ type: 'WebhookChanged', data: { webhookId, secret: { new: newId, old } } }],
    })
  })
}

/** What became of a try, by the status of the answer; null: there was none. GONE: the endpoint wants nothing any more. */
export const outcomeOf = (status: number | null): 'DELIVERED' | 'GONE' | 'FAILED' => {
  if (status === null) return 'FAILED'
  if (status >= 200 && status < 300) return 'DELIVERED'
  return status === 410 ? 'GONE' : 'FAILED'
}

const seconds = 1_000
const minutes = 60 * seconds
const hours = 60 * minutes
/** Between tries; the last goes on. */
const pauses = [
  ...[5 * seconds, 30 * seconds, 2 * minutes, 10 * minutes, 30 * minutes],
  ...[1 * hours, 2 * hours, 4 * hours, 8 * hours, 12 * hours],
]
/** How long a delivery is tried. */
export const triedForMs = 72 * hours
/** While the endpoint itself is down its deliveries are tried at least this often, so that it is not long before it is seen to be back. */
const mostWhileDown = 1 * hours
/** Partners that came down together do not come back together: a pause is longer by up to this part of it. */
const jitter = 0.2

/**
 * When a delivery is tried again after `attempts` tries, `since` the first could be made; null: it is given up. The last try
 * is exactly three days after the first. `chance`: 0 to 1. `down`: it is the endpoint that fails, not this delivery.
 */
export const nextTry = (
  { since, attempts, down }: { readonly since: string; readonly attempts: number; readonly down: boolean },
  now: string,
  chance: number,
): string | null => {
  const end = Date.parse(since) + triedForMs
  const from = Date.parse(now)
  if (from >= end) return null
  const pause = pauses[Math.min(Math.max(attempts, 1), pauses.length) - 1] ?? 0
  const most = down ? Math.min(pause, mostWhileDown) : pause
  return new Date(Math.min(from + Math.round(most * (1 + jitter * chance)), end)).toISOString()
}

/** So many failures in a row are the endpoint's; fewer may be about what was sent. */
export const failuresToRest = 3
const rests = [5 * seconds, 15 * seconds, 30 * seconds, 1 * minutes, 2 * minutes, 5 * minutes]

/**
 * Until when nothing is sent to an endpoint after so many failures in a row, and then one delivery to try it; null: it goes on.
 * However many customers' deliveries wait, one that is down is asked once in five minutes.
 */
export const restUntil = (now: string, failures: number): string | null => {
  if (failures < failuresToRest) return null
  const rest = rests[Math.min(failures - failuresToRest, rests.length - 1)] ?? 0
  return new Date(Date.parse(now) + rest).toISOString()
}
