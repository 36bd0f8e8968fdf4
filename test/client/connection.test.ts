// The server goes and comes back while people are at work.
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask } from './deeds.ts'

const office = await openOffice()
const { app } = office

test('pages wait out a server that is away, keep what was typed, and show by themselves what happened meanwhile', async () => {
  const clara = await office.seat('clara', '/customers/USMF/US-002')
  const mia = await office.seat('mia')
  await mia.getByText('US-010').first().waitFor()
  await clara.getByRole('button', { name: 'Edit Credit limit:' }).click()
  const limit = clara.getByRole('textbox', { name: 'Credit limit' })
  await limit.fill('2650')
  for (const page of [clara, mia]) await page.getByRole('status').filter({ hasText: 'live' }).first().waitFor()

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

  for (const page of [clara, mia]) await page.getByRole('status').filter({ hasText: 'live' }).first().waitFor()
  await mia.getByText('US-003').first().waitFor()
  await clara.getByText('Changes pending approval').first().waitFor()
  expect(await limit.inputValue()).toBe('26500')

  // The open sockets carry on: the next news comes as before.
  await ask(app, 'colin', 'US-005', { creditLimit: '41000' })
  await mia.getByText('US-005').first().waitFor()
  const unreachable = /WebSocket connection|ERR_CONNECTION|Failed to load resource/
  expect(office.complaints.filter((complaint) => !unreachable.test(complaint))).toEqual([])
})
