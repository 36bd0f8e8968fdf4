// The server goes and comes back while people are at work, and so do the lines to it.
import type { Page, WebSocketRoute } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask, edit, submit, propose } from './deeds.ts'

const office = await openOffice()
const { app } = office
const isLive = (page: Page) => page.getByRole('status').filter({ hasText: 'live' }).first().waitFor()

/** A page whose sockets can be cut, and kept from opening, while everything else gets through. */
const seatOnLine = async (user: string, path: string, { open = true } = {}) => {
  const page = await office.seat(user)
  const sockets = new Set<WebSocketRoute>()
  let through = open
  await page.routeWebSocket('**/graphql', async (socket) => {
    if (!through) return socket.close({ code: 1013 })
    sockets.add(socket)
    socket.connectToServer()
  })
  const asked: string[] = []
  page.on('request', (request) => {
    const operation = /(?:query|mutation) (\w+)/.exec(request.postData() ?? '')?.[1]
    if (operation !== undefined) asked.push(operation)
  })
  await page.goto(`${app.url}${path}`)
  return {
    page,
    asked,
    restore: () => {
      through = true
    },
    cut: async () => {
      through = false
      await Promise.all([...sockets].map((socket) => socket.close({ code: 1012 })))
      sockets.clear()
    },
  }
}

test('pages wait out a server that is away, keep what was typed, and show by themselves what happened meanwhile', async () => {
  const clara = await office.seat('clara', '/customers/USMF/US-002')
  const mia = await office.seat('mia')
  await mia.getByText('US-010').first().waitFor()
  await clara.getByRole('button', { name: 'Edit Credit limit:' }).click()
  const limit = clara.getByRole('textbox', { name: 'Credit limit' })
  await limit.fill('2650')
  for (const page of [clara, mia]) await isLive(page)

  await app.stop()
  for (const page of [clara, mia]) await page.getByText('reconnecting…').waitFor()
  // One goes on typing; what is read stays.
  await limit.press('End')
  await limit.pressSequentially('0')
  await mia.getByText('US-010').first().waitFor()

  // Another process, of which the pages know nothing, goes on.
  await app.startAgain({ elsewhere: true })
  await ask(app, 'colin', 'US-003', { creditLimit: '105000' })
  await ask(app, 'colin', 'US-002', { paymentTerms: 'Net45' })
  await app.stop()
  await app.startAgain()

  for (const page of [clara, mia]) await isLive(page)
  await mia.getByText('US-003').first().waitFor()
  await clara.getByText('Changes pending approval').first().waitFor()
  expect(await limit.inputValue()).toBe('26500')

  // The open sockets carry on: the next news comes as before.
  await ask(app, 'colin', 'US-005', { creditLimit: '41000' })
  await mia.getByText('US-005').first().waitFor()
  const unreachable = /WebSocket connection|ERR_CONNECTION|Failed to load resource/
  expect(office.complaints.filter((complaint) => !unreachable.test(complaint))).toEqual([])
})

test('a page whose line was cut shows what it missed, also what needed no approval, and reads nothing again when it missed nothing', async () => {
  const { page, asked, cut, restore } = await seatOnLine('mia', '/customers/USMF/US-004')
  await page.getByText('No changes').first().waitFor()
  await isLive(page)
  // All that the page reads at first has been read.
  await page.waitForLoadState('networkidle')
  await cut()
  await page.getByText('reconnecting…').waitFor()
  asked.length = 0
  restore()
  await isLive(page)
  expect(asked).toEqual([])

  await cut()
  await page.getByText('reconnecting…').waitFor()
  await edit(app, 'clara', 'US-004', { set: { phone: '+13125550144' } })
  restore()
  await page.getByText('Changed in the record meanwhile: Phone.').first().waitFor()
  await page.getByText('+13125550144').first().waitFor()

  await cut()
  await page.getByText('reconnecting…').waitFor()
  await submit(app, 'clara', await propose(app, 'clara', 'US-004', { creditLimit: '61000' }))
  expect(await page.getByText('Changes pending approval').count()).toBe(0)
  restore()
  await page.getByText('Changes pending approval').first().waitFor()
})

test('what of a page could not be read while the server was away comes when it is back', async () => {
  const { page, restore } = await seatOnLine('mia', '/customers', { open: false })
  await page.getByRole('link', { name: 'Berge and Sons' }).waitFor()
  await page.route('**/graphql', (route) =>
    /query (Catalogue|CustomerRecords)\b/.test(route.request().postData() ?? '') ? route.abort() : route.continue(),
  )
  await page.goto(`${app.url}/customers/USMF/US-005`)
  await page.getByRole('heading', { name: /Berge and Sons/ }).waitFor()
  expect(await page.getByRole('heading', { name: 'Bank accounts' }).count()).toBe(0)
  await page.unroute('**/graphql')
  restore()
  await page.getByRole('heading', { name: 'Bank accounts' }).waitFor()
  office.complaints.length = 0
})

test('what happens between the first read of a page and its stream is shown', async () => {
  const { page, restore } = await seatOnLine('mia', '/customers/USMF/US-006', { open: false })
  await page.getByText('No changes').first().waitFor()
  await submit(app, 'clara', await propose(app, 'clara', 'US-006', { creditLimit: '62000' }))
  restore()
  await page.getByText('Changes pending approval').first().waitFor()
})

test('without a network the sign says so at once, and what it shows the time of', async () => {
  const page = await office.seat('mia', '/customers/USMF/US-007')
  await isLive(page)
  await page.context().setOffline(true)
  await page.getByText(/^offline, showing \d/).waitFor()
  await page.context().setOffline(false)
  await isLive(page)
})
