// The queue as a list: a thousand items, filters that stand in the address, and imports as one line each.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { demoIssuer } from '../../server/auth/demo.ts'
import { connect } from '../../server/db/connect.ts'
import { accountLookup, viewerOf } from '../../server/services/viewer.ts'
import { imported } from '../helpers/imported.ts'
import { openOffice } from '../helpers/people.ts'
import { crowd } from './crowd.ts'
import { approve, ask } from './deeds.ts'
import { faults } from './looks.ts'
import { approval, people, saveQueue, saveWorkflow } from './workflows.ts'

const office = await openOffice()
const { app } = office
const id = await people(app)

const list = (page: Page) => page.getByRole('list', { name: 'Your queue' })
const lines = (page: Page) => list(page).getByRole('listitem')
const line = (page: Page, text: string) => lines(page).filter({ hasText: text }).first()
const chip = (page: Page, name: RegExp) =>
  page.getByRole('group', { name: 'Filter the queue' }).getByRole('link', { name })
const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const at = (page: Page) => new URL(page.url()).search
const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

const count = 1_000
await crowd(app, 'tess', 'MANY', count)

test('of a thousand items at most sixty lines are in the page, and the one in hand always', async () => {
  const tess = await office.seat('tess')
  await lines(tess).first().waitFor()
  const most = async () => expect(await lines(tess).count()).toBeLessThanOrEqual(60)
  await most()
  expect(await lines(tess).first().getAttribute('aria-setsize')).toBe(String(count))
  // By keyboard, then by scrolling to the end and back: the line in hand never leaves the page.
  for (let step = 0; step < 12; step++) await tess.keyboard.press('j')
  const held = await list(tess).locator('a[aria-current] strong').innerText()
  await tess.getByRole('article').getByRole('heading', { name: held }).waitFor()
  await tess.waitForFunction(() => {
    const here = document.querySelector('li:has(a[aria-current])')?.getBoundingClientRect()
    return here !== undefined && here.top >= 0 && here.bottom <= innerHeight
  })
  await most()
  await line(tess, held).hover()
  await tess.mouse.wheel(0, 1_000_000)
  await list(tess).locator(`li[aria-posinset="${count}"]`).waitFor()
  await most()
  expect(await lines(tess).last().getAttribute('aria-posinset')).toBe(String(count))
  expect(await list(tess).locator('a[aria-current]').innerText()).toContain(held)
  expect(await faults(tess)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('on a telephone the page itself is scrolled through a thousand, and leads back to the line that one came from', async () => {
  const tess = await office.seat('tess', '/', { width: 390, height: 844 })
  await lines(tess).first().waitFor()
  await tess.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2))
  const seen = () =>
    lines(tess).evaluateAll((all) =>
      all.flatMap((one) => {
        const { top, bottom } = one.getBoundingClientRect()
        return top > 120 && bottom < innerHeight ? [Number(one.getAttribute('aria-posinset'))] : []
      }),
    )
  await expect.poll(async () => (await seen())[0] ?? 0).toBeGreaterThan(count / 3)
  expect(await lines(tess).count()).toBeLessThanOrEqual(60)
  const place = (await seen())[1] ?? 0
  const wanted = list(tess).locator(`li[aria-posinset="${place}"]`)
  const name = await wanted.locator('strong').innerText()
  await wanted.getByRole('link').click()
  await tess.getByRole('article').getByRole('heading', { name }).waitFor()
  // An item begins at its beginning, however far down the list one was.
  expect(await tess.evaluate(() => scrollY)).toBe(0)
  await tess.getByRole('link', { name: 'Queue', exact: true }).last().click()
  await wanted.waitFor()
  await expect.poll(seen).toContain(place)
  expect(await wanted.getByRole('link').getAttribute('aria-current')).toBe('true')
  expect(await faults(tess)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('what is decided elsewhere in a queue of a thousand is shown, and the page’s work for it is told', async () => {
  const tess = await office.seat('tess')
  await lines(tess).first().waitFor()
  await tess.evaluate(() => {
    const taken: number[] = []
    Object.assign(window, { taken })
    new PerformanceObserver((entries) => {
      for (const { name, duration } of entries.getEntries()) if (name === 'queue-delta') taken.push(duration)
    }).observe({ type: 'measure' })
  })
  const taken = () => tess.evaluate(() => (window as typeof window & { taken: number[] }).taken)
  const { approvalQueue } = await app.ask<{ approvalQueue: { edges: { node: { id: string } }[] } }>(
    'tess',
    '{ approvalQueue(first: 50) { edges { node { id } } } }',
  )
  const decide = 'mutation($i: ApproveInput!) { approve(input: $i) { __typename } }'
  for (const [index, { node }] of approvalQueue.edges.entries()) {
    await app.ask('tess', decide, { i: { workItemId: node.id, revision: 1 } })
    await expect.poll(async () => (await taken()).length, { interval: 10 }).toBeGreaterThan(index)
  }
  const durations = await taken()
  process.stderr.write(
    `\nqueue-delta, ${count} items: median ${median(durations).toFixed(2)} ms of ${durations.length}, most ${Math.max(...durations).toFixed(2)} ms\n`,
  )
  await expect.poll(() => tess.title()).toBe(`(${count - 50}) Queue · Countersign`)
  expect(office.complaints).toEqual([])
})

test('filters stand in the address with what each would leave, Back undoes them, and counts follow what comes', async () => {
  await saveQueue(app, 'Desk', [id('olga')])
  await saveWorkflow(
    app,
    'Alone',
    id('adam'),
    ['US-021', 'US-022', 'US-026'],
    [approval('Check', { users: [id('olga')] })],
  )
  await saveWorkflow(app, 'Desk', id('adam'), ['US-023'], [approval('Check', { queue: 'Desk' })])
  const task = { task: { name: 'Register', step: { name: 'Register', assign: [{ to: { users: [id('olga')] } }] } } }
  await saveWorkflow(app, 'Task', id('adam'), ['US-024', 'US-025'], [task, approval('Then', { users: [id('carl')] })])
  for (const account of ['US-021', 'US-022', 'US-023', 'US-024'])
    await ask(app, 'clara', account, { creditLimit: '71000' })
  const pool = connect(app.databaseUrl)
  await pool.sql`update work_items set due_at = now() - interval '1 hour' where status = 'OPEN' and proposal_id in (
    select proposals.id from proposals join customers on customers.id = proposals.customer_id where account = 'US-022')`
  await pool.close()

  const olga = await office.seat('olga', '/?due=late')
  await line(olga, 'US-022').waitFor()
  expect(await lines(olga).count()).toBe(1)
  await shows(olga, '1 of 4')
  await olga.getByRole('link', { name: 'Clear filters' }).click()
  await line(olga, 'US-021').waitFor()
  expect(at(olga)).toBe('')

  await chip(olga, /^Approvals 3/).click()
  await line(olga, 'US-024').waitFor({ state: 'hidden' })
  expect(at(olga)).toBe('?kind=APPROVAL')
  await chip(olga, /^In queues 1/).click()
  await line(olga, 'US-021').waitFor({ state: 'hidden' })
  await line(olga, 'US-023').getByRole('link').click()
  // The item's address has them too, and so has the way back from it.
  await expect.poll(() => new URL(olga.url()).pathname).toMatch(/^\/queue\//)
  expect(at(olga)).toBe('?kind=APPROVAL&scope=queues')
  await olga.keyboard.press('Escape')
  await expect.poll(() => new URL(olga.url()).pathname).toBe('/')
  await olga.goBack()
  await olga.goBack()
  await olga.goBack()
  await line(olga, 'US-021').waitFor()
  expect(at(olga)).toBe('?kind=APPROVAL')
  // What comes is counted where it belongs, and shown only there.
  await ask(app, 'clara', 'US-025', { creditLimit: '71000' })
  await chip(olga, /^Tasks 2/).waitFor()
  expect(await line(olga, 'US-025').count()).toBe(0)
  await ask(app, 'clara', 'US-026', { creditLimit: '71000' })
  await line(olga, 'US-026').waitFor()
  expect(await faults(olga)).toEqual([])

  await olga.keyboard.press('/')
  await olga.keyboard.type('nobody of that name')
  await shows(olga, 'Nothing here matches the filters.')
  await shows(olga, '6 items wait outside of them.')
  await expect.poll(() => at(olga)).toBe('?kind=APPROVAL&search=nobody+of+that+name')
  expect(await faults(olga)).toEqual([])
  await olga.reload()
  await shows(olga, 'Nothing here matches the filters.')
  expect(await olga.getByRole('searchbox').inputValue()).toBe('nobody of that name')
  await olga.getByRole('status').getByRole('link', { name: 'Clear filters' }).click()
  await line(olga, 'US-024').waitFor()
  expect(await olga.getByRole('searchbox').inputValue()).toBe('')
  expect(office.complaints).toEqual([])
})

test('what waits out of an import is one line, comes live, leads to the import, and can be listed one by one', async () => {
  const { db, clock } = app.services
  const account = await accountLookup(db, clock).userBySubject(demoIssuer, 'clara')
  if (account === null) throw new Error('no clara')
  const clara = await viewerOf(db, account, null)
  const mia = await office.seat('mia')
  await line(mia, 'US-010').waitFor()
  const rows = ['US-031', 'US-032', 'US-033'].map((one) => ({ account: one, set: { creditLimit: '9000000.00' } }))
  const pool = connect(app.databaseUrl)
  const [company] = await pool.sql<{ id: string }[]>`select id from companies where code = 'USMF'`
  await pool.close()
  await imported(app.services, clara, company?.id ?? '', rows)
  const batch = line(mia, 'customers.csv')
  await batch.getByText('3 to approve').waitFor()
  await batch.getByText('Credit limit').waitFor()
  expect(await line(mia, 'US-031').count()).toBe(0)
  await expect.poll(() => mia.title()).toBe('(2) Queue · Countersign')
  await mia.keyboard.press('k')
  await mia.getByRole('article').getByRole('heading', { name: 'customers.csv' }).waitFor()
  expect(await faults(mia)).toEqual([])

  await chip(mia, /^From imports 3/).click()
  await line(mia, 'US-031').waitFor()
  expect(await line(mia, 'US-010').count()).toBe(0)
  await approve(app, 'mia', 'US-010')
  await mia.goBack()
  await line(mia, 'US-031').waitFor({ state: 'hidden' })
  await expect.poll(() => mia.title()).toBe('(1) Queue · Countersign')
  await batch.getByRole('link').click()
  await expect.poll(() => new URL(mia.url()).pathname).toMatch(/^\/batches\//)
  expect(office.complaints).toEqual([])
})
