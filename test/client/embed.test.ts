// The banner in a page of another team: another origin, a policy that allows no inline styles, two elements, one socket.
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { buildClient } from '../../server/client-build.ts'
import pino from 'pino'
import { openOffice } from '../helpers/people.ts'
import { approve, propose, submit } from './deeds.ts'
import { faults } from './looks.ts'

/** What a page of another team looks like; `PLACE` is the address of Countersign. */
const pageOf = (place: string) => `<!doctype html>
<html lang="en"><head><title>Order desk</title>
<script src="${place}/embed/countersign-banner.js"></script><script src="/page.js" defer></script></head>
<body><main><h1>Order desk</h1>
<countersign-banner id="one" endpoint="${place}/graphql" company="USMF" account="US-001">
  <p slot="none">Nothing under approval.</p></countersign-banner>
<countersign-banner id="all" endpoint="${place}/graphql" company="USMF"></countersign-banner>
</main></body></html>`
const scriptOf = `
  window.told = []
  for (const name of ['countersign-change', 'countersign-connection', 'countersign-refused', 'countersign-view'])
    document.addEventListener(name, (event) => {
      told.push({ id: event.target.id, name, detail: event.detail })
      if (name === 'countersign-view') event.preventDefault()
    })
  const getToken = async () => (await fetch('/token')).text()
  for (const banner of document.querySelectorAll('countersign-banner')) banner.getToken = getToken`

type Told = {
  id: string
  name: string
  detail: { status?: string; proposals?: unknown[]; counts?: Record<string, number> }
}
let place = ''
let tokenFor: () => Promise<string> = () => Promise.resolve('')

const desk = async (): Promise<{ origin: string; server: Server }> => {
  const server = createServer((request, response) => {
    const socketPlace = place.replace('http', 'ws')
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; script-src 'self' ${place}; connect-src 'self' ${place} ${socketPlace}`,
    )
    if (request.url === '/token') return void tokenFor().then((token) => response.end(token))
    const script = request.url === '/page.js'
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
    response.end(script ? scriptOf : pageOf(place))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

const known = await desk()
const unknown = await desk()
const office = await openOffice({ allowedOrigins: [known.origin] })
const { app } = office
place = app.url
tokenFor = () => app.token('mia')

const told = (page: Page, name: string): Promise<Told[]> =>
  page.evaluate((wanted) => (globalThis as unknown as { told: Told[] }).told.filter((one) => one.name === wanted), name)

test('two elements in a page of another origin follow a proposal over one socket, and say what happens', async () => {
  const page = await office.visit()
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  await page.goto(known.origin)
  const one = page.locator('#one')
  const all = page.locator('#all')
  await one.getByText('Nothing under approval.').waitFor()
  await all.getByText('Changes under way in USMF').waitFor()
  const countOf = async (status: string) =>
    (await told(page, 'countersign-change')).findLast(({ id }) => id === 'all')?.detail.counts?.[status] ?? 0
  const before = await countOf('PENDING')

  const proposal = await propose(app, 'clara', 'US-001', { creditLimit: '90000' })
  await one.getByText('Changes not submitted').waitFor()
  await one.getByText('1 change not yet sent for approval.').waitFor()
  await submit(app, 'clara', proposal)
  await one.getByText('Changes pending approval').waitFor()
  await one.getByText(/waiting for Mia/i).waitFor()
  await expect.poll(() => countOf('PENDING')).toBe(before + 1)
  expect(await one.getByText('Nothing under approval.').isVisible()).toBe(false)

  const link = one.getByRole('link', { name: 'View' })
  expect(await link.getAttribute('href')).toBe(`${app.url}/customers/USMF/US-001/proposal`)
  await link.click()
  expect((await told(page, 'countersign-view')).length).toBe(1)
  expect(page.context().pages()).toHaveLength(1)

  for (const user of ['mia', 'cora', 'carl']) await approve(app, user, 'US-001')
  await one.getByText('Every change was approved and written.').waitFor()
  await one.getByRole('button', { name: 'Dismiss' }).click()
  await one.getByText('Nothing under approval.').waitFor()
  await expect.poll(() => countOf('PENDING')).toBe(before)

  expect(new Set(sockets).size).toBe(1)
  expect(sockets).toHaveLength(1)
  // Its styles are there although the page allows none inline.
  const edge = await all.locator('section').evaluate((section) => getComputedStyle(section).boxShadow)
  expect(edge).toContain('inset')
  expect(office.complaints).toEqual([])
})

test('another customer is shown when the page names another, and nothing is left when the element goes', async () => {
  const page = await office.visit()
  const opened = page.waitForEvent('websocket')
  await page.goto(known.origin)
  const socket = await opened
  const one = page.locator('#one')
  await one.getByText('Nothing under approval.').waitFor()
  await one.evaluate((element) => element.setAttribute('account', 'US-010'))
  await one.getByText('Changes pending approval').first().waitFor()
  await one.evaluate((element) => element.setAttribute('account', 'US-004'))
  await one.getByText('Nothing under approval.').waitFor()
  expect(await one.locator('section').count()).toBe(0)
  const closed = socket.waitForEvent('close')
  await page.locator('main').evaluate((main) => main.replaceChildren())
  await closed
})

test('a page of an origin that is not allowed is told nothing', async () => {
  const page = await office.visit()
  const refused = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('socketerror'))
  await page.goto(unknown.origin)
  expect(String(await refused)).toContain('403')
  expect(await told(page, 'countersign-change')).toEqual([])
  expect(await page.locator('#all section').count()).toBe(0)
  office.complaints.length = 0
})

test.each(['light', 'dark'] as const)('the example page is without faults, %s', async (scheme) => {
  const page = await office.visit({ scheme })
  await page.goto(`${app.url}/embed-demo.html`)
  await page.getByText('Changes under way in USMF').waitFor()
  await page.getByRole('textbox', { name: 'Customer' }).fill('US-010')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.locator('#customer').getByText('Changes pending approval').first().waitFor()
  expect(await faults(page)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('the element is one file of less than 60 kB', async () => {
  const dist = await buildClient(pino({ level: 'fatal' }))
  expect(gzipSync(await readFile(join(dist, 'embed/countersign-banner.js'))).length).toBeLessThan(60_000)
})
