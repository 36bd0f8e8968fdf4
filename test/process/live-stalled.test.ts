// Two readers that have stopped reading without hanging up, fifty thousand events, and those who still read.
import { expect, test } from 'vitest'
import { notifyCommitted } from '../../server/store/feed.ts'
import { until } from '../helpers/app.ts'
import { startServices } from '../helpers/services.ts'
import { comment, subjects } from './live-log.ts'
import { openLine, startReader, statusOf, type Way } from './live-reader.ts'
import { startServer } from './live-servers.ts'

const { db, url, companyId } = await startServices()
const proposals = await subjects(db, companyId)
const account = 'US-007'
/** What the others follow, and what is noise to them. */
const theirs = proposals.filter((each) => each.account === account)
const noise = proposals.filter((each) => each.account !== account)
/** A message of about 4.5 kB: 50,000 of them are far more than the system keeps for who does not read. */
const text = 'x'.repeat(700)
const more = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}: data`).join(' ')
const [batch, ofThem] = [1_000, 20]
const texts = (count: number): string[] => Array.from({ length: count }, () => text)
const ways: Way[] = ['socket', 'events']
const megabyte = 1_000_000

test('cost nobody else anything: the process lives, its memory stays, and they are told to start again or closed', async () => {
  const server = await startServer(url)
  const others = await Promise.all(ways.map((way) => startReader({ way, url: () => server.url, account })))

  /** So many events, each batch when all others have read of the one before; how long 99 of 100 of theirs took, in ms. */
  const load = async (events: number): Promise<number> => {
    const times: number[] = []
    for (let left = events; left > 0; left -= batch) {
      const before = others.map(({ changes }) => changes.length)
      await comment(db, companyId, noise, texts(batch - ofThem))
      await comment(db, companyId, theirs, texts(ofThem))
      const committed = performance.now()
      await notifyCommitted(db)
      for (const [n, { changes }] of others.entries()) {
        const end = (before[n] ?? 0) + ofThem
        await until('the others to have read', () => (changes.length >= end ? true : undefined))
        times.push(...changes.slice(before[n], end).map(({ at }) => at - committed))
      }
    }
    return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0
  }
  type Memory = { readonly used: number; readonly rss: number }
  const memory = (): Promise<Memory> => server.tell<Memory>('memory')
  const open = async (way: Way) => {
    const kinds: string[] = []
    let closed = false
    const line = openLine(way, server.url, statusOf(null, more), ({ data }) => {
      kinds.push(data?.proposalStatus.__typename ?? 'error')
    })
    void line.closed.then(() => (closed = true))
    await until('the snapshot', () => (kinds.length > 0 ? true : undefined))
    return { line, kinds, closed: () => closed }
  }

  await load(5_000)
  const alone = await load(10_000)
  const before = await memory()
  const stalled = await Promise.all(ways.map(open))
  for (const { line } of stalled) line.pause()
  const beside: number[] = []
  for (let part = 0; part < 5; part += 1) {
    beside.push(await load(10_000))
    const { used, rss } = await memory()
    expect(used - before.used).toBeLessThan(50 * megabyte)
    expect(rss - before.rss).toBeLessThan(50 * megabyte)
  }
  for (const { line, kinds, closed } of stalled) {
    line.resume()
    await until('it to be told', () => (closed() || kinds.includes('Resync') ? true : undefined))
    line.cut()
  }
  // A machine that is busy with something else is so before or after, too.
  const again = await load(10_000)
  const median = beside.sort((a, b) => a - b)[2]
  expect(median).toBeLessThan(2 * Math.max(alone, again))
  for (const { lines, faults, errors } of others) expect([lines(), faults, errors]).toEqual([1, [], []])
  expect(server.err()).toBe('')
})
