// What an endpoint may be, when it is tried again and when it is given up.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Company } from '../../server/domain/company.ts'
import { sha256 } from '../../server/domain/digest.ts'
import {
  changeWebhook,
  failuresToRest,
  nextTry,
  outcomeOf,
  removeWebhook,
  restUntil,
  rotateSecret,
  switchOffGone,
  triedForMs,
  type Secret,
  type Webhook,
} from '../../server/domain/webhook.ts'

const start = '2026-11-22T10:00:00.000Z'
const at = (ms: number): string => new Date(Date.parse(start) + ms).toISOString()
const webhook: Webhook = {
  id: 'w1',
  name: 'Partner',
  url: 'https://partner.example/hooks?token=abc',
  types: ['ProposalApplied'],
  active: true,
}
const company: Pick<Company, 'workflows'> = { workflows: [] }
/** A company whose active workflow asks the webhook. */
const asking = {
  workflows: [
    { activeVersion: { settings: { name: 'Credit' }, definition: { elements: [{ automated: { webhookId: 'w1' } }] } } },
  ],
} as unknown as Pick<Company, 'workflows'>
const given = { ...webhook, urlFault: null, others: 0 }

describe('tries', () => {
  /** The moments of all tries, each made as soon as it may be. */
  const tries = (chances: readonly number[], down: boolean): number[] => {
    const moments = [0]
    for (let attempts = 1; ; attempts++) {
      const next = nextTry({ since: start, attempts, down }, at(moments.at(-1)!), chances[attempts % chances.length]!)
      if (next === null) return moments
      moments.push(Date.parse(next) - Date.parse(start))
    }
  }
  const chances = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 })

  it('come later and later, and the last is three days after the first', () => {
    fc.assert(
      fc.property(chances, fc.boolean(), (some, down) => {
        const moments = tries(some, down)
        expect(moments.every((moment, n) => n === 0 || moment > moments[n - 1]!)).toBe(true)
        expect(moments.at(-1)).toBe(triedForMs)
      }),
    )
  })

  it('pause as is documented, longer by up to a fifth', () => {
    const pauses = tries([0], false).map((moment, n, all) => (moment - (all[n - 1] ?? 0)) / 1000)
    expect(pauses.slice(1, 11)).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, chance) => {
        const pause = Date.parse(nextTry({ since: start, attempts, down: false }, start, chance)!) - Date.parse(start)
        expect(pause).toBeGreaterThanOrEqual(pauses[attempts]! * 1000)
        expect(pause).toBeLessThanOrEqual(pauses[attempts]! * 1200)
      }),
    )
  })

  it('are never more than about an hour apart while the endpoint itself is down', () => {
    const moments = tries([1], true)
    const longest = Math.max(...moments.slice(1).map((moment, n) => moment - moments[n]!))
    expect(longest).toBe(72 * 60_000)
  })

  it('end with the first that comes late', () => {
    expect(nextTry({ since: start, attempts: 1, down: false }, at(triedForMs), 0)).toBeNull()
    expect(nextTry({ since: start, attempts: 9, down: false }, at(triedForMs - 1), 1)).toBe(at(triedForMs))
  })
})

describe('an endpoint', () => {
  it('rests after a few failures in a row, longer and longer, five minutes at most', () => {
    const rest = (failures: number): number => Date.parse(restUntil(start, failures) ?? start) - Date.parse(start)
    expect(Array.from({ length: failuresToRest }, (_, n) => rest(n))).toEqual([0, 0, 0])
    expect(rest(failuresToRest)).toBe(5_000)
    fc.assert(fc.property(fc.nat(10_000), (n) => rest(n) <= rest(n + 1) && rest(n) <= 300_000))
  })

  it('has taken what it answers with 2xx, and is gone with 410', () => {
    fc.assert(
      fc.property(fc.option(fc.integer({ min: 100, max: 599 })), (status) => {
        const taken = status !== null && Math.floor(status / 100) === 2
        expect(outcomeOf(status)).toBe(taken ? 'DELIVERED' : status === 410 ? 'GONE' : 'FAILED')
      }),
    )
  })

  it('is told of in the log with old and new, without the path and the query, which may hold a token', () => {
    const made = changeWebhook(company, null, given)
    const origin = 'https://partner.example'
    const data = { name: 'Partner', origin, urlSha256: sha256(webhook.url), types: ['ProposalApplied'], active: true }
    const event = { type: 'WebhookChanged', data: { webhookId: 'w1', old: null, new: data } }
    expect(made).toEqual({ ok: true, value: { save: webhook, events: [event] } })
    const events = (url: string) => {
      const moved = changeWebhook(company, webhook, { ...given, url })
      return moved.ok ? moved.value?.events : null
    }
    const url = 'https://partner.example/services/T0/s3cr3t'
    expect(events(url)).toMatchObject([{ data: { old: data, new: { ...data, urlSha256: sha256(url) } } }])
    expect(JSON.stringify(events(url))).not.toMatch(/hooks|token|services|s3cr3t/)
    expect(changeWebhook(company, webhook, given)).toEqual({ ok: true, value: null })
    const off = changeWebhook(company, webhook, { ...given, active: false })
    expect(off).toMatchObject({ value: { events: [{ data: { old: data, new: { ...data, active: false } } }] } })
    expect(switchOffGone(webhook)).toMatchObject({
      value: { save: { active: false }, events: [{ data: { reason: 'GONE' } }] },
    })
    expect(switchOffGone({ ...webhook, active: false })).toEqual({ ok: true, value: null })
  })

  it('has the URL that is asked: in its normal form, without a fragment', () => {
    const saved = (url: string) => changeWebhook(company, null, { ...given, url })
    for (const url of [
      'HTTPS://Partner.Example:443/a/../hooks?token=abc#part',
      ' https://partner.example/hooks?token=abc#\r\n',
    ])
      expect(saved(url)).toMatchObject({ ok: true, value: { save: { url: webhook.url } } })
    // One that was kept otherwise is put right with the next change.
    const before = { ...webhook, url: `${webhook.url}#part` }
    expect(changeWebhook(company, before, { ...given, url: before.url })).toMatchObject({
      value: { save: { url: webhook.url } },
    })
  })

  it.each([
    'https://partner.example/ho\r\noks',
    'https://partner.example/ho\toks',
    'https://partner.example/ho oks',
    'https://partner.example/ho\u00a0oks',
    'https://partner.example/ho\u0000oks',
    'https://partner.example/ho\u0085oks',
    'https:\\\\partner.example\\hooks',
  ])('has no URL that is read otherwise than it looks: %j', (url) => {
    expect(changeWebhook(company, null, { ...given, url })).toMatchObject({
      ok: false,
      error: {
        detail: {
          problems: [{ code: 'INVALID_VALUE', at: ['url'], message: expect.stringMatching(/backslash/) as string }],
        },
      },
    })
  })

  it('is refused with everything that is wrong about it', () => {
    const wrong = changeWebhook(company, null, { ...given, name: '', urlFault: 'must begin with https://', others: 50 })
    expect(wrong).toMatchObject({ ok: false, error: { detail: { problems: [{}, {}, { code: 'LIMIT_EXCEEDED' }] } } })
    expect(changeWebhook(company, webhook, { ...given, others: 50, name: 'Other' })).toMatchObject({ ok: true })
  })

  it('is neither deleted nor switched off while an active workflow asks it', () => {
    const message = expect.stringContaining('The active workflow "Credit" asks this webhook') as string
    expect(removeWebhook(asking, webhook)).toMatchObject({ ok: false, error: { code: 'WRONG_STATE', message } })
    expect(changeWebhook(asking, webhook, { ...given, active: false })).toMatchObject({ ok: false, error: { message } })
    expect(removeWebhook(asking, { ...webhook, id: 'w2' })).toMatchObject({ ok: true })
    expect(removeWebhook(company, webhook)).toMatchObject({ ok: true })
  })
})

describe('secrets', () => {
  it('are never more than two that are live, however they are rotated', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 168 }), fc.nat(100))), (turns) => {
        let kept: Secret[] = [{ id: 's', secret: 's', createdAt: start, expiresAt: null }]
        let ms = 0
        for (const [n, [keepHours, hours]] of turns.entries()) {
          ms += hours * 3_600_000
          const change = rotateSecret('w1', kept, `s${n}`, keepHours, at(ms))
          const keep = change.ok && change.value !== null ? change.value.save.keep : null
          kept = [
            { id: `s${n}`, secret: '', createdAt: at(ms), expiresAt: null },
            ...kept.filter(({ id }) => id === keep?.id).map((s) => ({ ...s, expiresAt: keep!.expiresAt })),
          ]
          expect(kept.length).toBeLessThanOrEqual(2)
          expect(kept.length).toBe(keepHours === 0 ? 1 : 2)
        }
      }),
    )
    for (const hours of [-1, 169, 1.5]) expect(rotateSecret('w1', [], 's', hours, start)).toMatchObject({ ok: false })
  })
})
