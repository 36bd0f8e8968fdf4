// How a webhook, a delivery and a request did, as icon and word together.
import type { Attempt, Delivery, Webhook } from './documents/webhooks.ts'
import { formatCount } from './format.ts'
import type { Sign } from './states.ts'
import { webhookWords as words } from './words/webhooks.ts'

/** What can be done with one whole. */
export type Switch = 'on' | 'off' | 'remove'

export const signOfWebhook = ({ active, deletedAt, health }: Webhook, now: number): Sign => {
  const { failures, restingUntil, lastSuccessAt } = health
  if (deletedAt !== null) return { tone: 'draft', icon: 'trash', text: words.deleted }
  if (!active) return { tone: 'draft', icon: 'skip', text: words.off }
  if (restingUntil !== null && Date.parse(restingUntil) > now)
    return { tone: 'rejected', icon: 'stop', text: words.resting }
  if (failures > 0) return { tone: 'pending', icon: 'return', text: words.failing(failures) }
  if (lastSuccessAt === null) return { tone: 'draft', icon: 'circle', text: words.fresh }
  return { tone: 'approved', icon: 'check', text: words.well }
}

const statusSigns = {
  PENDING: { tone: 'pending', icon: 'hourglass' },
  DELIVERED: { tone: 'approved', icon: 'check' },
  DEAD: { tone: 'rejected', icon: 'cross' },
} as const
export const signOfDelivery = ({ status }: Delivery): Sign => ({ ...statusSigns[status], text: words.statuses[status] })

export const signOfAttempt = ({ status, error, durationMs }: Attempt): Sign => {
  const ms = formatCount(durationMs)
  const text = status === null ? words.unanswered(ms) : words.answered(status, ms)
  return error === null ? { tone: 'approved', icon: 'check', text } : { tone: 'rejected', icon: 'cross', text }
}
