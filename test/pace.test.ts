// Who works beside an import, as its thread knows it.
import { expect, test } from 'vitest'
import { paceOf } from '../server/pace.ts'

test('somebody works for two seconds after their last command, and nobody before the first', () => {
  let now = 1_800_000_000_000
  const pace = paceOf(() => now)
  expect(pace.busy()).toBe(false)
  pace.note()
  expect(pace.busy()).toBe(true)
  now += 1999
  expect(pace.busy()).toBe(true)
  now += 1
  expect(pace.busy()).toBe(false)
})

test('a thread that was given it sees what the first one notes, without being told', () => {
  const pace = paceOf(() => 1_800_000_000_000)
  const inThread = paceOf(() => 1_800_000_000_500, structuredClone({ pace: pace.shared }).pace)
  expect(inThread.busy()).toBe(false)
  pace.note()
  expect(inThread.busy()).toBe(true)
})
