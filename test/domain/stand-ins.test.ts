import { describe, expect, test } from 'vitest'
import type { Absence } from '../../server/domain/directory.ts'
import { awayBefore, exchangingWith, standInsAfter } from '../../server/domain/stand-ins.ts'

const [before, begin, during, end] = ['09', '10', '11', '12'].map((hour) => `2026-11-22T${hour}:00:00.000Z`) as [
  string,
  string,
  string,
  string,
]
const away = (userId: string, standInId: string, workflowId: string | null = null): Absence => ({
  id: `${userId} ${standInId}`,
  userId,
  standInId,
  from: begin,
  until: end,
  workflowId,
})
const awayOf = (userId: string, absences: Absence[], now = during) => [...awayBefore(userId, absences, now)].sort()
const standInsOf = (userId: string, absences: Absence[], now = during) =>
  [...standInsAfter(userId, absences, now)].sort()

describe('whom absences concern', () => {
  test.each([
    ['nobody while nobody is away', [], [], []],
    ['both of an absence', [away('b', 'c')], [], ['c']],
    ['everybody of a chain', [away('a', 'b'), away('b', 'c'), away('x', 'a')], ['a', 'x'], ['c']],
    ['stand-ins of each workflow', [away('b', 'c'), away('b', 'd', 'w')], [], ['c', 'd']],
    ['nobody twice in a circle', [away('a', 'b'), away('b', 'c'), away('c', 'a')], ['a', 'c'], ['a', 'c']],
    ['nobody of others', [away('x', 'y')], [], []],
  ])('is %s', (_name, absences, expectedBefore, expectedAfter) => {
    expect([awayOf('b', absences), standInsOf('b', absences)]).toEqual([expectedBefore, expectedAfter])
  })

  test('is a matter of the instant: from the begin until just before the end', () => {
    const absences = [away('a', 'b')]
    expect([before, begin, during, end].map((now) => awayOf('b', absences, now))).toEqual([[], ['a'], ['a'], []])
    expect([before, begin, during, end].map((now) => standInsOf('a', absences, now))).toEqual([[], ['b'], ['b'], []])
  })

  test('is also whoever has the same stand-in, who can be lost to them', () => {
    const absences = [away('a', 'c'), away('b', 'c'), away('x', 'y')]
    expect([...exchangingWith('a', absences, during)].sort()).toEqual(['b', 'c'])
    expect(standInsOf('a', absences)).toEqual(['c'])
    expect([...exchangingWith('a', absences, end)]).toEqual([])
  })
})
