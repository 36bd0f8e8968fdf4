// Uploads that take long, break off or come in numbers: what is ended, what is not, and what is told to those who come too many.
import { sql } from 'drizzle-orm'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ImportRow } from '../../server/domain/import.ts'
import { cancelImport } from '../../server/services/import-jobs.ts'
import { endBrokenUploads } from '../../server/services/import-run.ts'
import type { Upload } from '../../server/services/import-upload.ts'
import { newId } from '../../server/store/ids.ts'
import { insertImportJob } from '../../server/store/import-jobs.ts'
import { until } from '../helpers/app.ts'
import { minutes, startServices } from '../helpers/services.ts'
import { begin, hashOf, jobOf, run, upload } from './import-files.ts'

const services = await startServices()
const { app, db, companyId, as, another, time } = services
const clara = await as('clara')

const rows = Array.from({ length: 3 }, (_, n): ImportRow => ({ account: `UP-${n}`, set: { name: `Up ${n}` } }))
const staged = rows.map((content, n) => ({ row: n + 1, account: content.account, content, problem: null }))
const layout = { format: 'JSONL', header: null, columns: [], nulls: [], empty: 'LEAVE' } as const
const file = { layout, contentHash: hashOf(rows), bytes: 1, rows: rows.length }
const rowsKept = async ({ id }: Pick<Upload, 'id'>): Promise<unknown> =>
  (await db.execute(sql`select count(*)::int as n from import_rows where import_id = ${id}`))[0]
const tooMany = { code: 'LIMIT_EXCEEDED' }

describe('an upload that sends nothing for long', () => {
  afterEach(() => void vi.useRealTimers())
  const told = (sent: Upload) =>
    until('word of it', async () =>
      app.clock().getTime() - Date.parse((await jobOf(app, sent)).updatedAt) < minutes(0.1) ? true : undefined,
    )

  test('is not taken for broken off while its process is there, and comes to its end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const sent = await begin(app, clara)
    for (let round = 0; round < 2; round++) {
      time.ahead += minutes(0.8)
      // Another process looks after what is left lying.
      await endBrokenUploads(another().app)
      vi.advanceTimersByTime(minutes(0.8))
      await told(sent)
    }
    expect((await jobOf(app, sent)).status).toBe('PLANNING')
    await sent.write(staged)
    await sent.finish(file)
    // From now on it is for others to move.
    expect(vi.getTimerCount()).toBe(0)
    expect((await run(app, sent)).counts).toEqual({ CREATED: 3 })
  })

  test('is ended when its process is not; should that come back it hears so, and takes nothing from who came after it', async () => {
    const options = { idempotencyKey: 'slow' }
    const asleep = await begin(app, clara, options)
    await asleep.write(staged)
    time.ahead += minutes(11)
    await endBrokenUploads(another().app)
    expect(await jobOf(app, asleep)).toMatchObject({ status: 'FAILED', rows: 0, failure: { code: 'INVALID_VALUE' } })
    expect(await rowsKept(asleep)).toEqual({ n: 0 })
    const after = await upload(app, clara, rows, options)
    expect(after.replayed).toBe(false)
    const gone = { code: 'WRONG_STATE', message: expect.stringContaining('taken for broken off') as string }
    await expect(asleep.write(staged)).rejects.toMatchObject(gone)
    await expect(asleep.finish(file)).rejects.toMatchObject(gone)
    await asleep.fail({ code: 'WRONG_STATE', message: 'It is gone.' })
    expect(await rowsKept(asleep)).toEqual({ n: 0 })
    expect(await upload(app, clara, rows, options)).toMatchObject({ replayed: true, id: after.id })
    expect((await run(app, after)).status).toBe('PLANNED')
  })

  test('and is cancelled is told so, and the same call may be made again at once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const options = { idempotencyKey: 'cancelled' }
    const sent = await begin(app, clara, options)
    await sent.write(staged)
    const second = await begin(app, clara, options)
    const told = new Promise((resolve) => sent.whenOver(resolve))
    vi.advanceTimersByTime(10_000)
    await cancelImport(app, clara, { companyId, importId: sent.id })
    vi.advanceTimersByTime(10_000)
    const cancelled = { code: 'WRONG_STATE', message: expect.stringContaining('cancelled') as string }
    expect(await told).toMatchObject(cancelled)
    // Who has come meanwhile waits for nobody, and who comes now is the first, though the process of the one before may be gone.
    await expect(second.finish(file)).rejects.toMatchObject(cancelled)
    const after = await upload(app, clara, rows, options)
    expect(after.replayed).toBe(false)
    await sent.fail({ code: 'WRONG_STATE', message: 'Cancelled.' })
    expect(await upload(app, clara, rows, options)).toMatchObject({ replayed: true, id: after.id })
    await cancelImport(app, clara, { companyId, importId: after.id })
  })

  test('and is cancelled is told so at its end, and none of it is kept', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const sent = await begin(app, clara, { unattended: true })
    await sent.write(staged)
    await cancelImport(app, clara, { companyId, importId: sent.id })
    const cancelled = { code: 'WRONG_STATE', message: expect.stringContaining('cancelled') as string }
    await expect(sent.finish(file)).rejects.toMatchObject(cancelled)
    await sent.fail({ code: 'WRONG_STATE', message: 'Cancelled.' })
    await (await begin(app, clara)).fail({ code: 'INVALID_VALUE', message: 'Cut off.' })
    expect(vi.getTimerCount()).toBe(0)
    expect(await jobOf(app, sent)).toMatchObject({ status: 'CANCELLED', failure: null })
    expect(await rowsKept(sent)).toEqual({ n: 0 })
  })
})

describe('more uploads than may be at once', () => {
  const over = { code: 'INVALID_VALUE', message: 'Over.' } as const
  const settled = async (uploads: readonly Promise<Upload>[]) => {
    const answers = await Promise.allSettled(uploads)
    return {
      answers,
      taken: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
      refused: answers.flatMap((answer) => (answer.status === 'rejected' ? (answer.reason as Error) : [])),
    }
  }
  const processes = [another().app, another().app, another().app]

  test('by one sender over several connections are taken up to five, and leave room for others', async () => {
    const { answers, taken, refused } = await settled(
      Array.from({ length: 9 }, (_, n) => begin(processes[n % 3]!, clara, { idempotencyKey: `many ${n}` })),
    )
    expect([taken.length, refused.length]).toEqual([5, 4])
    for (const error of refused)
      expect(error).toMatchObject({
        ...tooMany,
        message: expect.stringMatching(/^5 of your files for USMF are being sent; wait .*cancel/) as string,
      })
    const colins = await begin(app, await as('colin'))
    // A second try of one that was taken is that one; a key that was refused is not used up.
    const again = answers.findIndex(({ status }) => status === 'fulfilled')
    expect(await begin(app, clara, { idempotencyKey: `many ${again}` })).toMatchObject({ replayed: true })
    const late = answers.findIndex(({ status }) => status === 'rejected')
    // Each makes room when it has ended, and when it is here.
    await taken[0]!.fail(over)
    const next = await begin(app, clara, { idempotencyKey: `many ${late}` })
    expect(next.replayed).toBe(false)
    await expect(begin(app, clara)).rejects.toMatchObject(tooMany)
    await next.write(staged)
    await next.finish(file)
    const last = await begin(app, clara)
    for (const each of [...taken, colins, last]) await each.fail(over)
    await cancelImport(app, clara, { companyId, importId: next.id })
  })

  test('by all of a company together are taken up to twenty; the others are told to wait', async () => {
    const [job] = await db.execute<{ id: string }>(sql`select id from import_jobs order by created_at limit 1`)
    const known = await jobOf(app, { companyId, id: job?.id ?? '' })
    const colleague = { createdById: (await as('colin')).userId, status: 'RUNNING', finishedAt: null } as const
    const running = Array.from({ length: 16 }, () => ({ ...known, ...colleague, id: newId() }))
    await db.transaction(async (tx) => {
      for (const each of running) await insertImportJob(tx, each)
    })
    const { taken, refused } = await settled(Array.from({ length: 7 }, (_, n) => begin(processes[n % 3]!, clara)))
    expect([taken.length, refused.length]).toEqual([4, 3])
    for (const error of refused)
      expect(error).toMatchObject({
        ...tooMany,
        message: expect.stringMatching(/^20 imports of USMF .*wait/) as string,
      })
    // Colleagues share the limit, other companies do not; each that ends makes room for one.
    await expect(begin(app, await as('colin'))).rejects.toMatchObject(tooMany)
    const elsewhere = await begin(app, await as('dieter'), { company: 'DEMF' })
    await taken[0]!.fail(over)
    const next = await begin(app, await as('colin'))
    await expect(begin(app, clara)).rejects.toMatchObject(tooMany)
    for (const each of [...taken, next, elsewhere]) await each.fail(over)
    await db.execute(sql`update import_jobs set status = 'FAILED', finished_at = now() where status = 'RUNNING'`)
  })

  test('are refused while as many plans wait as may, until one of them is committed or cancelled', async () => {
    const key = await upload(app, clara, rows)
    const job = await run(app, key)
    const [waiting] = await db.execute<{ n: number }>(
      sql`select count(*)::int as n from import_jobs where status = 'PLANNED' and company_id = ${companyId}`,
    )
    await db.transaction(async (tx) => {
      for (let n = waiting?.n ?? 0; n < 200; n++) await insertImportJob(tx, { ...job, id: newId() })
    })
    const answers = await Promise.allSettled([begin(app, clara), begin(another().app, clara)])
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 'rejected',
        reason: { ...tooMany, message: expect.stringMatching(/^200 imports of USMF wait to be committed;/) as string },
      })
    await cancelImport(app, clara, { companyId, importId: key.id })
    await (await begin(app, clara)).fail({ code: 'INVALID_VALUE', message: 'Over.' })
  })
})
