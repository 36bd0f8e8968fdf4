import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startLive, type Live } from '../../server/live/live.ts'
import type { LiveStream, StreamMessage } from '../../server/live/stream.ts'
import type { Topic } from '../../server/live/topics.ts'
import { createTestDatabase } from '../helpers/postgres.ts'
import { comment, newId, openLog, silent, until } from './log-writer.ts'

const { url } = await createTestDatabase()
const log = openLog(url)
const start = (options: { heartbeatMs?: number; queueLimit?: number } = {}): Promise<Live> =>
  startLive({ db: log.db, connect: log.connect, log: silent, clock: () => new Date(), pollMs: 50, ...options })
let live: Live
let second: Live
beforeAll(async () => {
  live = await start({ queueLimit: 20, heartbeatMs: 20 })
  second = await start({ heartbeatMs: 20 })
})
afterAll(async () => {
  await Promise.all([live.stop(), second.stop()])
  await log.close()
})

type Message = StreamMessage<string[]>
type Stream = LiveStream<Message>
const opened: Stream[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((stream) => stream.return()))
  expect([live.size(), second.size()]).toEqual([0, 0])
})

type Options = {
  on?: Live
  after?: string
  person?: string
  perMessage?: number
  snapshot?: () => AsyncIterable<string[]>
}
const seal = (topic: Topic, person = 'clara') => live.cursors.for({ field: 'test', variables: topic, personId: person })
const open = (topic: Topic, { on = live, after, person, perMessage = 1, snapshot }: Options = {}): Stream => {
  const cursors = on.cursors.for({ field: 'test', variables: topic, personId: person ?? 'clara' })
  const texts = topic.companyId === undefined ? () => [] : () => textsOf(topic.companyId)
  const read = async function* () {
    yield await texts()
  }
  const stream = on.openStream({ topic, after, cursors, perMessage, snapshot: snapshot ?? read })
  opened.push(stream)
  return stream
}

/** What a snapshot shows: the texts of all committed comments, sealed or not, in no order. */
const textsOf = async (companyId: string): Promise<string[]> => {
  const rows = await log.db.execute<{ text: string }>(
    sql`select data->>'text' as text from events where company_id = ${companyId}`,
  )
  return rows.map((row) => row.text)
}

const next = async (stream: Stream): Promise<Message> => {
  const { value } = await stream.next()
  if (!value) throw new Error('the stream has ended')
  return value
}
/** The next message that is not a heartbeat. */
const news = async (stream: Stream): Promise<Message> => {
  for (;;) {
    const message = await next(stream)
    if (message.kind !== 'heartbeat') return message
  }
}
const textOf = (message: Message): unknown => message.kind === 'events' && message.events.map((e) => e.data.text)[0]
const kinds = async (stream: Stream, n: number): Promise<string[]> => {
  const seen: string[] = []
  while (seen.length < n) seen.push((await news(stream)).kind)
  return seen
}
const write = async (companyId: string, text: string, of = {}) => {
  await log.write(companyId, [comment(text, of)])
  live.outbox.wake()
}
const drained = () => until('everything is sealed', async () => (await log.unsealed()) === 0)

describe('a stream', () => {
  test('begins with a snapshot and goes on with what comes, on every process', async () => {
    const companyId = newId()
    await write(companyId, 'before')
    await drained()
    const streams = [open({ companyId }), open({ companyId }, { on: second })]
    for (const stream of streams) expect(await news(stream)).toMatchObject({ kind: 'snapshot', snapshot: ['before'] })
    await write(companyId, 'after')
    for (const stream of streams) expect(textOf(await news(stream))).toBe('after')
  })

  test('has no gap and no double, however writes fall around its beginning', async () => {
    const companyId = newId()
    const count = 60
    const writing = (async () => {
      for (let i = 0; i < count; i++) await write(companyId, `${i}`)
    })()
    const read = async (stream: Stream) => {
      const first = await news(stream)
      if (first.kind !== 'snapshot') throw new Error('no snapshot')
      const seen = new Set(first.snapshot)
      const events: number[] = []
      while (!events.includes(count - 1) && seen.size < count) {
        const text = textOf(await news(stream))
        seen.add(String(text))
        events.push(Number(text))
      }
      return { seen: seen.size, events }
    }
    const readers = []
    for (let i = 0; i < 10; i++) {
      await until('some more is written', async () => (await textsOf(companyId)).length > i * 5)
      readers.push(read(open({ companyId }, { on: second })))
    }
    await writing
    for (const { seen, events } of await Promise.all(readers)) {
      expect(seen).toBe(count)
      expect(events).toEqual(events.map((_, i) => events[0]! + i))
    }
  })

  test('does not repeat what its snapshot holds, though it was registered before', async () => {
    const companyId = newId()
    const stream = open({ companyId })
    const witness = open({ companyId })
    await news(witness)
    await write(companyId, 'early')
    expect(textOf(await news(witness))).toBe('early')
    expect(await news(stream)).toMatchObject({ kind: 'snapshot', snapshot: ['early'] })
    await write(companyId, 'after')
    expect(textOf(await news(stream))).toBe('after')
  })

  test('misses nothing that is committed while its snapshot is being read', async () => {
    const companyId = newId()
    const snapshot = async function* () {
      await write(companyId, 'during')
      await drained()
      yield ['read before']
    }
    const stream = open({ companyId }, { snapshot })
    await news(stream)
    await write(companyId, 'after')
    expect([textOf(await news(stream)), textOf(await news(stream))]).toEqual(['during', 'after'])
  })

  test('hears its company, customer, proposal or person, and nothing else', async () => {
    const [companyId, customerId, proposalId, userId] = [newId(), newId(), newId(), newId()]
    const streams = [{ companyId }, { companyId, customerId }, { companyId, proposalId }, { userId }].map((topic) =>
      open(topic),
    )
    for (const stream of streams) await news(stream)
    await write(newId(), 'another company', { customerId, proposalId })
    await write(companyId, 'company')
    await write(companyId, 'customer', { customerId })
    await write(companyId, 'proposal', { customerId, proposalId })
    await log.write(companyId, [
      { type: 'WorkItemAssigned', workItemId: newId(), data: { text: 'item', assigneeId: userId } },
    ])
    await log.write(newId(), [{ type: 'MembershipChanged', data: { text: 'rights', userId } }])
    live.outbox.wake()
    const read = async (stream: Stream, n: number) => {
      const texts: unknown[] = []
      while (texts.length < n) texts.push(textOf(await news(stream)))
      return texts
    }
    expect(await read(streams[0]!, 4)).toEqual(['company', 'customer', 'proposal', 'item'])
    expect(await read(streams[1]!, 2)).toEqual(['customer', 'proposal'])
    expect(await read(streams[2]!, 1)).toEqual(['proposal'])
    expect(await read(streams[3]!, 2)).toEqual(['item', 'rights'])

    const resumed = open({ userId }, { after: seal({ userId }).seal(0) })
    expect(await read(resumed, 2)).toEqual(['item', 'rights'])
  })

  test('hands over all that waits at once when asked to', async () => {
    const companyId = newId()
    const stream = open({ companyId }, { perMessage: Infinity })
    await news(stream)
    await log.write(companyId, [comment('1'), comment('2'), comment('3')])
    live.outbox.wake()
    const message = await news(stream)
    expect(message.kind === 'events' && message.events.map((e) => e.data.text)).toEqual(['1', '2', '3'])
  })

  test('of a long snapshot can be resumed only after its last page', async () => {
    const companyId = newId()
    const pages = async function* () {
      yield ['1']
      yield ['2']
    }
    const stream = open({ companyId }, { snapshot: pages })
    const [first, last] = [await news(stream), await news(stream)]
    expect(await kinds(open({ companyId }, { after: first.cursor() }), 2)).toEqual(['resync', 'snapshot'])
    const resumed = open({ companyId }, { after: last.cursor() })
    await write(companyId, 'after')
    expect(textOf(await news(resumed))).toBe('after')
  })

  test('that is too slow gets a resync with a new snapshot, and then what comes', async () => {
    const companyId = newId()
    const stream = open({ companyId })
    await news(stream)
    for (let i = 0; i < 30; i++) await write(companyId, `${i}`)
    await drained()
    const witness = open({ companyId }, { on: second })
    await news(witness)
    await write(companyId, 'last')
    await news(witness)
    await until('the overflow is there', async () => {
      const message = await news(stream)
      return message.kind === 'resync'
    })
    const snapshot = await news(stream)
    expect(snapshot.kind === 'snapshot' && snapshot.snapshot).toHaveLength(31)
    await write(companyId, 'after')
    expect(textOf(await news(stream))).toBe('after')
  })

  test('beats when nothing comes, with a cursor that moves along', async () => {
    const [companyId, elsewhere] = [newId(), newId()]
    const stream = open({ companyId }, { on: second })
    await next(stream)
    await write(elsewhere, 'not for this stream')
    await drained()
    const [head] = await log.db.execute<{ number: string }>(sql`select number from feed_head`)
    await until('the heartbeat has come up to the end', async () => {
      const message = await next(stream)
      return message.kind === 'heartbeat' && seal({ companyId }).open(message.cursor()) === Number(head?.number)
    })
  })
})

describe('resuming', () => {
  test('gives exactly what was missed, then what comes', async () => {
    const companyId = newId()
    const stream = open({ companyId })
    await news(stream)
    await write(companyId, 'seen')
    const seen = await news(stream)
    await stream.return()
    for (let i = 0; i < 30; i++) await write(companyId, `missed ${i}`)
    await drained()
    const resumed = open({ companyId }, { on: second, after: seen.cursor() })
    for (let i = 0; i < 30; i++) expect(textOf(await news(resumed))).toBe(`missed ${i}`)
    await write(companyId, 'after')
    expect(textOf(await news(resumed))).toBe('after')
  })

  test('has no gap and no double while others write, even more than a queue holds', async () => {
    const companyId = newId()
    const writing = (async () => {
      for (let i = 0; i < 120; i++) await write(companyId, `${i}`)
    })()
    const read = async (stream: Stream) => {
      for (let i = 0; i < 120; i++) {
        const message = await news(stream)
        if (textOf(message) !== `${i}`) return `${message.kind} ${String(textOf(message))} instead of ${i}`
      }
      return 'all'
    }
    const from = seal({ companyId }).seal(0)
    const readers = []
    for (let i = 0; i < 5; i++) {
      await until('some more is written', async () => (await textsOf(companyId)).length > i * 20)
      readers.push(read(open({ companyId }, { on: second, after: from })))
    }
    await writing
    expect(await Promise.all(readers)).toEqual(Array(5).fill('all'))
  })

  test('reads on in the log when more comes during it than a queue holds', async () => {
    const companyId = newId()
    const writeMany = async (from: number, to: number) => {
      const witness = open({ companyId })
      await news(witness)
      for (let i = from; i < to; i++) {
        await write(companyId, `${i}`)
        await news(witness)
      }
    }
    await writeMany(0, 3)
    const resumed = open({ companyId }, { after: seal({ companyId }).seal(0) })
    await writeMany(3, 30)
    expect(textOf(await news(resumed))).toBe('0')
    await writeMany(30, 60)
    for (let i = 1; i < 60; i++) expect(textOf(await news(resumed))).toBe(`${i}`)
    // Once it has caught up it waits, and beats, instead of reading the log again and again.
    expect((await next(resumed)).kind).toBe('heartbeat')
  })

  test('with a cursor of another person, an old one, or one of a later log leads to a resync', async () => {
    const topic = { companyId: newId() }
    const foreign = open(topic, { after: seal(topic, 'mia').seal(0) })
    const broken = open(topic, { after: 'nonsense' })
    const later = open(topic, { after: seal(topic).seal(1_000_000) })
    for (const stream of [foreign, broken, later]) expect(await kinds(stream, 2)).toEqual(['resync', 'snapshot'])
  })
})

describe('an ending', () => {
  test('comes at once, even while nothing comes', async () => {
    const stream = open({ companyId: newId() })
    await news(stream)
    const waiting = stream.next()
    expect(await stream.return()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('comes with an error of the snapshot, and leaves nobody behind', async () => {
    const broken = async function* (): AsyncGenerator<string[]> {
      yield Promise.reject(new Error('no such table'))
    }
    const stream = open({ companyId: newId() }, { snapshot: broken })
    await expect(stream.next()).rejects.toThrow('no such table')
    expect(live.size()).toBe(0)
  })

  test('comes to all streams when the process stops', async () => {
    const third = await start()
    const stream = open({ companyId: newId() }, { on: third })
    await news(stream)
    const waiting = stream.next()
    await third.stop()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })
})
