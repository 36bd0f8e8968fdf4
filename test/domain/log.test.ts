import { describe, expect, test } from 'vitest'
import {
  chainStart,
  commit,
  eventText,
  seal,
  shownValues,
  verify,
  type EventContent,
  type SealedEvent,
  type StoredValue,
} from '../../server/domain/log.ts'

const company = '0192f000-0000-7000-8000-000000000001'
const other = '0192f000-0000-7000-8000-000000000002'

const proposed: StoredValue = { key: 'proposed', value: '150000.00', salt: 's1' }

const content = (id: string, companyId = company): EventContent => ({
  companyId,
  id,
  type: 'ChangeProposed',
  at: '2026-11-22T10:00:00.000Z',
  actorId: 'clara',
  onBehalfOfId: null,
  customerId: 'c',
  proposalId: 'p',
  workItemId: null,
  data: { revision: 1, reason: 'Erhöhung' },
  commitments: { proposed: { field: 'creditLimit', recordId: null, digest: commit('s1', '150000.00') } },
})

const sealed = (contents: readonly EventContent[]): { event: SealedEvent; values: readonly StoredValue[] }[] => {
  const { seals } = seal(contents, new Map(), 0)
  return contents.map((event, i) => ({ event: { ...event, values: [], seal: seals[i]! }, values: [proposed] }))
}

describe('the chain of a company', () => {
  test('positions are dense per company while feed numbers run over all of them', () => {
    const { seals, heads } = seal([content('1'), content('2', other), content('3')], new Map(), 41)
    expect(seals.map((s) => [s.position, s.feed])).toEqual([
      [1, 42],
      [1, 43],
      [2, 44],
    ])
    expect(seals[2]?.previousHash).toBe(seals[0]?.hash)
    expect(seals[1]?.previousHash).toBe(chainStart.hash)
    expect(heads.get(company)).toEqual({ position: 2, hash: seals[2]?.hash })
  })

  test('a second batch continues where the first ended', () => {
    const whole = seal([content('1'), content('2')], new Map(), 0)
    const first = seal([content('1')], new Map(), 0)
    const second = seal([content('2')], first.heads, 1)
    expect(second.seals[0]).toEqual(whole.seals[1])
  })

  test('the text of an event does not depend on the order in which its data was built', () => {
    const a = content('1')
    const b: EventContent = { ...a, data: { reason: 'Erhöhung', revision: 1 } }
    expect(eventText(b, 1, chainStart.hash)).toBe(eventText(a, 1, chainStart.hash))
  })

  test('the format of the first event is the format of all: its text and hash do not move', () => {
    expect(eventText(content('1'), 1, chainStart.hash)).toMatchInlineSnapshot(
      `"{"actorId":"clara","at":"2026-11-22T10:00:00.000Z","commitments":{"proposed":{"digest":"0f53435bd271a8e4d98841363861c04c0bfc207595024894decad1fc8576aff9","field":"creditLimit","recordId":null}},"companyId":"0192f000-0000-7000-8000-000000000001","customerId":"c","data":{"reason":"Erhöhung","revision":1},"id":"1","onBehalfOfId":null,"position":1,"previousHash":"0000000000000000000000000000000000000000000000000000000000000000","proposalId":"p","type":"ChangeProposed","workItemId":null}"`,
    )
    expect(seal([content('1')], new Map(), 0).seals[0]?.hash).toMatchInlineSnapshot(
      `"be3f6d5a42e632fead929a91ef1b1a90bf95228b386845d614d822f364b7afaa"`,
    )
  })
})

describe('verification', () => {
  test('accepts what was sealed and returns the head', () => {
    const log = sealed([content('1'), content('2')])
    expect(verify(chainStart, log)).toEqual({ head: { position: 2, hash: log[1]?.event.seal.hash } })
  })

  test.each<[string, Partial<SealedEvent>]>([
    ['type', { type: 'ChangeDiscarded' }],
    ['time', { at: '2026-11-22T10:00:00.001Z' }],
    ['actor', { actorId: 'mia' }],
    ['representative', { onBehalfOfId: 'mia' }],
    ['customer', { customerId: 'd' }],
    ['proposal', { proposalId: 'q' }],
    ['work item', { workItemId: 'w' }],
    ['data', { data: { revision: 2 } }],
    ['commitments', { commitments: {} }],
    ['company', { companyId: other }],
  ])('finds a changed %s', (_what, change) => {
    const log = sealed([content('1'), content('2'), content('3')])
    const tampered = log.map((entry, i) => (i === 1 ? { ...entry, event: { ...entry.event, ...change } } : entry))
    expect(verify(chainStart, tampered)).toMatchObject({ flaw: { position: 2, what: 'HASH' } })
  })

  test('finds an event that was taken out, put in, or rewritten together with its hash', () => {
    const log = sealed([content('1'), content('2'), content('3')])
    expect(verify(chainStart, [log[0]!, log[2]!])).toMatchObject({ flaw: { position: 2, what: 'POSITION' } })
    const [, forged] = sealed([content('0'), content('2')])
    expect(verify(chainStart, [log[0]!, forged!])).toMatchObject({ flaw: { position: 2, what: 'PREVIOUS_HASH' } })
  })

  test.each<[string, readonly StoredValue[]]>([
    ['changed value', [{ ...proposed, value: '9000000.00' }]],
    ['changed salt', [{ ...proposed, salt: 's2' }]],
    ['value that was never part of the event', [proposed, { ...proposed, key: 'base' }]],
  ])('finds a %s', (_what, values) => {
    const log = sealed([content('1')]).map((entry) => ({ ...entry, values }))
    expect(verify(chainStart, log)).toMatchObject({ flaw: { position: 1, what: 'VALUE' } })
  })

  test('an erased value leaves the chain whole', () => {
    const log = sealed([content('1')]).map((e) => ({ ...e, values: [] }))
    expect(verify(chainStart, log)).toMatchObject({ head: { position: 1 } })
  })

  test('a value that was null and one that was erased look different', () => {
    const { commitments } = content('1')
    const shown = { key: 'proposed', field: 'creditLimit', recordId: null, value: null }
    expect(shownValues(commitments, { proposed: { value: null } })).toEqual([{ ...shown, erased: false }])
    expect(shownValues(commitments, {})).toEqual([{ ...shown, erased: true }])
  })
})
