import { pino } from 'pino'
import { expect, test } from 'vitest'
import { sequencerInThread } from '../../server/sequencer-thread.ts'
import { findFlaw } from '../../server/store/evidence.ts'
import { readEvents } from '../../server/store/events.ts'
import { createTestDatabase } from '../helpers/postgres.ts'
import { comment, newId, openLog, silent, until } from './log-writer.ts'

const { url } = await createTestDatabase()

test('a sequencer in a thread of its own leads, seals what it is woken for, and says how much', async () => {
  const log = openLog(url, 2)
  let sealed = 0
  const sequencer = sequencerInThread(url, { log: silent, onSealed: (count) => (sealed += count) })
  try {
    await until('it leads', () => sequencer.leads())
    const companyId = newId()
    for (let n = 0; n < 20; n++) {
      await log.write(companyId, [comment(`${n}`, {})])
      sequencer.wake()
    }
    await until('everything is sealed', async () => (await log.unsealed()) === 0)
    await until('it has said so', () => sealed === 20)
    const events = await readEvents(log.db, { companyId }, { limit: 100 })
    expect(events.map((event) => event.seal?.position)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    expect(await findFlaw(log.db, companyId, 10)).toBeNull()
  } finally {
    await sequencer.stop()
    await log.close()
  }
  expect(sequencer.leads()).toBe(false)
})

test('a thread that is lost is begun anew, and stops when it is told to', async () => {
  let lost = 0
  const warned = pino({ level: 'warn' }, { write: () => void (lost += 1) })
  // No address at all: the thread ends as soon as it begins.
  const sequencer = sequencerInThread('nowhere', { log: warned })
  await until('it has been lost twice', () => lost >= 2)
  await sequencer.stop()
  expect(sequencer.leads()).toBe(false)
})
