// What has been: the record as it stood at a past moment, and its history as a timeline that goes on by itself.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { edit, propose, submit } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const eventually = <T>(look: () => Promise<T>) => expect.poll(look)
const at = (account: string, rest = '') => `/customers/USMF/${account}${rest}`
const lines = (page: Page) => page.getByRole('main').getByRole('listitem')

test('the record as it stood: marked as past, with what is different now, nothing to edit, and back to now', async () => {
  await edit(app, 'colin', 'US-011', { set: { phone: '+13125550111' } })
  const before = new Date().toISOString()
  await edit(app, 'colin', 'US-011', {
    set: { phone: '+13125550222' },
    contacts: { add: [{ code: 'LATER', name: 'Came Later' }] },
  })

  const clara = await office.seat('clara', at('US-011', `?at=${encodeURIComponent(before)}`))
  const bar = clara.getByRole('region', { name: 'The record as it stood' })
  await bar.getByText(/^As it stood on/).waitFor()
  await bar.getByText('2 values changed since.').waitFor()
  const phone = clara.getByRole('definition').filter({ hasText: '+13125550111' })
  expect(await phone.locator('xpath=..').innerText()).toMatch(/now\s*\+13125550222/)
  await shows(clara, 'Added since: 1 (LATER)')
  expect(await clara.getByRole('button', { name: /^(Edit|Add|Remove)/ }).count()).toBe(0)
  expect(await clara.getByRole('region', { name: 'Approval status' }).count()).toBe(0)
  expect(await faults(clara)).toEqual([])

  // What has not changed can be left out.
  const terms = clara.getByRole('term').filter({ hasText: 'Credit limit' })
  expect(await terms.count()).toBe(2)
  await bar.getByRole('checkbox', { name: 'Only what changed since' }).check()
  expect(await terms.count()).toBe(0)
  expect(await clara.getByRole('term').allInnerTexts()).toEqual(['Phone'])

  // Another moment is in the address, and Back finds the one before.
  await bar.getByLabel('On', { exact: true }).fill('2001-02-03T04:05')
  await bar.getByRole('button', { name: 'Show' }).click()
  await shows(clara, 'This customer was not there yet.')
  expect(new URL(clara.url()).searchParams.get('at')).toMatch(/^2001-02-0/)
  expect(await faults(clara)).toEqual([])
  await clara.goBack()
  await bar.getByText('2 values changed since.').waitFor()

  await bar.getByRole('link', { name: 'Back to now' }).click()
  await clara.getByRole('button', { name: 'Edit Phone: +13125550222' }).waitFor()
  await clara.getByRole('link', { name: 'As of a date' }).click()
  await bar.getByText('Nothing has changed since.').waitFor()
  expect(office.complaints).toEqual([])
})

test('what an address asks for that is no moment is said, and the way back is there', async () => {
  const clara = await office.seat('clara', at('US-011', '?at=yesterday'))
  await shows(clara, 'That is no moment. Choose a date and a time.')
  await clara.getByRole('link', { name: 'Back to now' }).click()
  await clara.getByRole('button', { name: 'Edit Phone: +13125550222' }).waitFor()
  expect(office.complaints).toEqual([])
})

test('the history tells by days who did what from what to what, of one edit in one line, and goes on live', async () => {
  const clara = await office.seat('clara', at('US-012', '/history'))
  await shows(clara, 'created the customer')
  const id = await propose(app, 'colin', 'US-012', { creditLimit: '123456', paymentTerms: 'Net60', name: 'Renamed' })
  const proposed = lines(clara).filter({ hasText: 'proposed 3 changes' })
  await proposed.waitFor()
  await clara.getByRole('heading', { name: /^Today, / }).waitFor()
  const text = (await proposed.innerText()).replaceAll(/\s+/g, ' ')
  expect(text).toMatch(/Colin .* proposed 3 changes/)
  expect(text).toContain('Credit limit was 100,000.00 is now 123,456.00')
  await submit(app, 'colin', id, 'See the contract')
  await shows(clara, 'See the contract')
  expect(await faults(clara)).toEqual([])

  // By field and by kind, in the address, where somebody else finds it.
  await clara.getByRole('combobox', { name: 'Field' }).selectOption('Payment terms')
  await lines(clara).filter({ hasText: 'submitted' }).waitFor({ state: 'detached' })
  expect(await lines(clara).allInnerTexts()).toEqual([expect.stringMatching(/proposed a change\s+Payment terms/)])
  await clara.getByRole('combobox', { name: 'Field' }).selectOption('Any field')
  await clara.getByRole('combobox', { name: 'What happened' }).selectOption('What was said')
  await eventually(() => lines(clara).count()).toBe(1)
  const mia = await office.seat('mia', new URL(clara.url()).pathname + new URL(clara.url()).search)
  await shows(mia, 'See the contract')
  expect(await lines(mia).count()).toBe(1)

  // A link to one event.
  await mia.getByRole('link', { name: /^Link to what happened at/ }).click()
  await mia.locator('[aria-current=true]').getByText('See the contract').waitFor()
  await clara.goto(mia.url())
  await clara.locator('[aria-current=true]').getByText('See the contract').waitFor()
  await clara.locator('[aria-current=true]').getByRole('link', { name: 'Proposal' }).click()
  await clara.getByRole('heading', { name: 'Route' }).waitFor()
  expect(office.complaints).toEqual([])
})

test('older pages join what arrives meanwhile: no line is missing and none is there twice', async () => {
  for (let n = 0; n < 60; n += 1) {
    await edit(app, 'colin', 'US-013', { set: { phone: `+1312555${String(1000 + n)}` } })
  }
  const clara = await office.seat('clara', at('US-013', '/history'))
  await clara.getByRole('button', { name: 'Show older' }).click()
  await shows(clara, 'This is where its history begins.')
  const written = lines(clara).filter({ hasText: 'changed the customer' })
  expect(await written.count()).toBe(60)

  for (let n = 0; n < 3; n += 1) await propose(app, 'colin', 'US-013', { creditLimit: String(70_000 + n) })
  await shows(clara, '70,002.00')
  expect(await written.count()).toBe(60)
  await lines(clara).filter({ hasText: 'created the customer' }).waitFor()

  // The moment of an event is a way to the record as it stood.
  await written.nth(30).getByRole('link', { name: 'Record then' }).click()
  await shows(clara, '1 value changed since.')
  await clara.goBack()
  // A link into what has not been read yet reads until it is there.
  const first = lines(clara).filter({ hasText: 'created the customer' })
  await clara.getByRole('button', { name: 'Show older' }).click()
  await first.getByRole('link', { name: /^Link to/ }).click()
  const linked = clara.url()
  const mia = await office.seat('mia')
  await mia.goto(linked)
  await mia.locator('[aria-current=true]').getByText('created the customer').waitFor()
  expect(office.complaints).toEqual([])
})
