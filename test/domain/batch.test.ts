// What a decision on a batch is bound to, and what it may say.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchCommand, batchDigest, readBatchAnswer, type BatchItem } from '../../server/domain/batch.ts'

const items = fc.uniqueArray(
  fc.record({
    workItemId: fc.uuid(),
    version: fc.integer({ min: 1, max: 9 }),
    revision: fc.integer({ min: 1, max: 9 }),
  }),
  { selector: ({ workItemId }) => workItemId, minLength: 1, maxLength: 20 },
)
const changed = (all: readonly BatchItem[], at: number, by: Partial<BatchItem>): BatchItem[] =>
  all.map((item, n) => (n === at ? { ...item, ...by } : item))

describe('the digest of a batch', () => {
  test('is the same in whatever order the items come', () => {
    fc.assert(
      fc.property(
        items.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(batchDigest(shuffled)).toBe(batchDigest(all))
        },
      ),
    )
  })

  test('is another with any other version or revision, with an item more and with one less', () => {
    fc.assert(
      fc.property(
        items.chain((all) => fc.tuple(fc.constant(all), fc.nat(all.length - 1))),
        ([all, at]) => {
          const { version, revision } = all[at]!
          const others = [
            changed(all, at, { version: version + 1 }),
            changed(all, at, { revision: revision + 1 }),
            changed(all, at, { workItemId: '00000000-0000-0000-0000-000000000000' }),
            all.filter((_, n) => n !== at),
            [...all, { workItemId: '00000000-0000-0000-0000-000000000000', version, revision }],
          ]
          const digests = others.map(batchDigest)
          expect(new Set([batchDigest(all), ...digests.slice(0, 4)]).size).toBe(5)
          expect(digests).not.toContain(batchDigest(all))
        },
      ),
    )
  })

  test('tells a version from a revision', () => {
    const at = (version: number, revision: number) => batchDigest([{ workItemId: 'a', version, revision }])
    expect(at(1, 2)).not.toBe(at(2, 1))
    expect(at(1, 12)).not.toBe(at(11, 2))
  })
})

describe('an answer to a batch', () => {
  test('approves without a word, and rejects only with a reason', () => {
    expect(readBatchAnswer('APPROVED', '  ')).toEqual({ ok: true, value: { outcome: 'APPROVED', comment: null } })
    expect(readBatchAnswer('REJECTED', ' Too much. ')).toMatchObject({ ok: true, value: { comment: 'Too much.' } })
    expect(readBatchAnswer('REJECTED', ' ')).toMatchObject({
      ok: false,
      error: { code: 'REASON_REQUIRED', at: ['comment'] },
    })
  })

  test('is one of these two, and its comment one that can be kept', () => {
    expect(readBatchAnswer('COMPLETED', null)).toMatchObject({ error: { code: 'INVALID_VALUE', at: ['outcome'] } })
    expect(readBatchAnswer('APPROVED', 'a\u202Eb')).toMatchObject({ error: { code: 'INVALID_VALUE', at: ['comment'] } })
  })

  test('is to each item the command that it would be answered with by itself', () => {
    const item = { workItemId: 'a', revision: 3 }
    const said = { workItemId: 'a', revision: 3, comment: 'No.' }
    expect(batchCommand({ outcome: 'REJECTED', comment: 'No.' }, item)).toEqual({ kind: 'REJECT', ...said })
    expect(batchCommand({ outcome: 'APPROVED', comment: 'No.' }, item)).toEqual({ kind: 'APPROVE', ...said })
  })
})
