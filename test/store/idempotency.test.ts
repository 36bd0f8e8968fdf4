import { expect, it } from 'vitest'
import { claimKey, completeKey, findKey, pruneKeys, type Call } from '../../server/store/idempotency.ts'
import { newId } from '../../server/store/ids.ts'
import { at, connectTest, createWorld } from './fixtures.ts'

const { db } = await connectTest()
const { clara, mia } = await createWorld(db)
const aCall = (call: Partial<Call> = {}): Call => ({
  userId: clara,
  key: newId(),
  mutation: 'approve',
  inputHash: 'hash',
  ...call,
})
const result = { type: 'WorkItemSuccess', ids: ['a', 'b'] }

const answer = (call: Call, now = at) =>
  db.transaction(async (tx) => {
    const before = await claimKey(tx, call, now)
    if (before === null) await completeKey(tx, call, result)
    return before
  })

it('a key is new once, and afterwards tells what was answered, to its caller alone', async () => {
  const call = aCall()
  expect(await findKey(db, call)).toBeNull()
  expect(await answer(call)).toBeNull()
  expect(await answer({ ...call, inputHash: 'other' })).toMatchObject({
    mutation: 'approve',
    inputHash: 'hash',
    result,
  })
  expect(await findKey(db, call)).toMatchObject({ result, createdAt: at })
  expect(await answer({ ...call, userId: mia })).toBeNull()
})

it('a concurrent duplicate waits for the first call and gets its answer', async () => {
  const call = aCall()
  const claimed = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const first = db.transaction(async (tx) => {
    await claimKey(tx, call, at)
    claimed.resolve()
    await done.promise
    await completeKey(tx, call, result)
  })
  await claimed.promise
  const second = answer(call)
  const early = await Promise.race([second.then(() => 'answered'), findKey(db, call).then(() => 'waits')])
  expect(early).toBe('waits')
  done.resolve()
  await first
  expect((await second)?.result).toEqual(result)
})

it('a call that was rolled back leaves its key free', async () => {
  const call = aCall()
  const failing = db.transaction(async (tx) => {
    await claimKey(tx, call, at)
    throw new Error('rolled back')
  })
  await expect(failing).rejects.toThrow('rolled back')
  expect(await answer(call)).toBeNull()
})

it('what is old is forgotten', async () => {
  const [old, young] = [aCall(), aCall()]
  await answer(old, '2026-11-01T00:00:00.000Z')
  await answer(young)
  expect(await pruneKeys(db, '2026-11-15T12:00:00.000Z')).toBe(1)
  expect(await findKey(db, old)).toBeNull()
  expect(await findKey(db, young)).not.toBeNull()
})
