import { describe, expect, test } from 'vitest'
import { createCursors, cursorLifetimeMs, newCursorSecret } from '../../server/live/cursors.ts'

const secret = newCursorSecret()
const start = Date.UTC(2026, 10, 22)
let now = start
const cursors = createCursors(secret, () => new Date(now))
const purpose = { field: 'proposalStatus', variables: { company: 'USMF', account: 'US-001' }, personId: 'clara' }

describe('a cursor', () => {
  test('opens for its person, field and variables, on any process with the same secret', () => {
    const cursor = cursors.for(purpose).seal(41)
    const elsewhere = createCursors(secret, () => new Date(now))
    const { company, account } = purpose.variables
    expect(elsewhere.for({ ...purpose, variables: { account, company } }).open(cursor)).toBe(41)
    expect(cursors.for(purpose).open(cursors.for(purpose).seal(0))).toBe(0)
  })

  test.each([
    ['another person', { ...purpose, personId: 'mia' }],
    ['another field', { ...purpose, field: 'approvalQueue' }],
    ['other variables', { ...purpose, variables: { company: 'USMF' } }],
  ])('leads %s to a resync', (_who, other) => {
    expect(cursors.for(other).open(cursors.for(purpose).seal(41))).toBe('resync')
  })

  test('of a database with another secret leads to a resync', () => {
    const foreign = createCursors(newCursorSecret(), () => new Date(now))
    expect(foreign.for(purpose).open(cursors.for(purpose).seal(41))).toBe('resync')
  })

  test('that was damaged, cut, or made up leads to a resync', () => {
    const own = cursors.for(purpose)
    const cursor = own.seal(41)
    const bytes = Buffer.from(cursor, 'base64url')
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes)
      damaged[i]! ^= 1
      expect(own.open(damaged.toString('base64url'))).toBe('resync')
    }
    for (const text of ['', '41', cursor.slice(0, -4), cursor + cursor, '💥']) expect(own.open(text)).toBe('resync')
  })

  test('is good for 72 hours and not longer', () => {
    const own = cursors.for(purpose)
    const cursor = own.seal(41)
    now = start + cursorLifetimeMs
    expect(own.open(cursor)).toBe(41)
    now += 1
    expect(own.open(cursor)).toBe('resync')
    now = start
  })

  test('that stands for no place always leads to a resync', () => {
    expect(cursors.for(purpose).open(cursors.for(purpose).seal(null))).toBe('resync')
  })

  test('does not show the number inside', () => {
    const own = cursors.for(purpose)
    expect(own.seal(41)).not.toBe(own.seal(41))
    expect(own.seal(41)).toHaveLength(own.seal(281_474_976_710_654).length)
  })
})
