// The list of customers as a place to work from: what is under way in the company, finding somebody again, making a new one.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask, propose } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const search = (page: Page) => new URL(page.url()).searchParams

test('a new customer: refused at its fields in the words of the server, kept over a reload, then there for everybody', async () => {
  const clara = await office.seat('clara', '/customers')
  const colin = await office.seat('colin', '/customers?search=Brandneu')
  await shows(colin, 'No customer matches.')
  await clara.getByRole('link', { name: 'New customer' }).click()
  const fill = (label: string, text: string) => clara.getByRole('textbox', { name: label, exact: true }).fill(text)
  await clara.getByRole('textbox', { name: 'Account', exact: true }).waitFor()
  expect(await faults(clara)).toEqual([])
  // What has to be filled in says so; what begins with a value of its own shows it.
  await shows(clara, 'What has a * has to be filled in.')
  const asked = clara.getByRole('textbox').and(clara.locator('[aria-required=true]'))
  expect(
    await asked.evaluateAll((fields) =>
      fields.map((field) => (field as HTMLInputElement).labels?.[0]?.textContent.trim()),
    ),
  ).toEqual(['Account', 'Name'])
  const starred = (labels: Element[]) =>
    labels.filter((label) => getComputedStyle(label, '::after').content.includes('*')).map((label) => label.textContent)
  expect(await clara.locator('main label').evaluateAll(starred)).toEqual(['Account', 'Name'])
  const hold = clara.getByRole('combobox', { name: 'Hold status' })
  expect(await hold.locator('option:checked').innerText()).toBe('Not on hold')
  await fill('Account', 'US-001')
  await fill('Name', 'Brandneu GmbH')
  await fill('Credit limit', '-5')
  await clara.getByRole('button', { name: 'Add: Bank account' }).click()
  const account = clara.getByRole('group', { name: 'Bank account: new' })
  await account.getByRole('textbox', { name: 'Bank account' }).fill('MAIN')
  await account.getByRole('textbox', { name: 'IBAN' }).fill('DE89370400440532013001')
  await clara.getByRole('button', { name: 'Create customer' }).click()
  const limit = clara.getByRole('textbox', { name: 'Credit limit', exact: true })
  await clara.getByRole('alert').first().waitFor()
  expect(await limit.getAttribute('aria-invalid')).toBe('true')
  const saidOf = async (field: ReturnType<Page['getByRole']>) =>
    clara.locator(`[id="${(await field.getAttribute('aria-describedby'))?.split(' ').at(-1)}"]`).innerText()
  expect(await saidOf(limit)).toMatch(/^Credit limit/)
  const iban = account.getByRole('textbox', { name: 'IBAN' })
  expect(await saidOf(iban)).toMatch(/IBAN/)
  expect(await limit.evaluate((field) => field === document.activeElement)).toBe(true)
  expect(await faults(clara)).toEqual([])

  // What was typed is there again when the page is loaded anew, and when one comes back to it.
  await clara.reload()
  await limit.waitFor()
  expect(await limit.inputValue()).toBe('-5')
  expect(await iban.inputValue()).toBe('DE89370400440532013001')
  await clara.getByRole('link', { name: 'Customers' }).first().click()
  await clara.getByRole('heading', { name: 'Customers' }).waitFor()
  await clara.goBack()
  await limit.waitFor()

  await limit.fill('5000')
  await iban.fill('DE89370400440532013000')
  await clara.getByRole('button', { name: 'Create customer' }).click()
  // The account is somebody else's already.
  await shows(clara, 'There is a customer with this account already.')
  await fill('Account', 'US-901')
  await clara.getByRole('button', { name: 'Create customer' }).click()
  await shows(clara, 'US-901 was created.')
  await clara.getByRole('button', { name: 'Edit Credit limit: 5,000.00' }).waitFor()
  expect(new URL(clara.url()).pathname).toBe('/customers/USMF/US-901')
  // Nothing of it is left for the next one.
  await clara.goto(`${app.url}/customers?new=1`)
  await limit.waitFor()
  expect(await limit.inputValue()).toBe('')

  await propose(app, 'clara', 'US-901', { creditLimit: '6000' })
  await colin.getByRole('link', { name: 'Brandneu GmbH' }).waitFor()
  await shows(colin, 'Changes not submitted')
  expect(office.complaints).toEqual([])
})

test('who only reads is not offered to make one, and an address that asks for it says who may', async () => {
  const cora = await office.seat('cora', '/customers')
  await cora.getByRole('link', { name: 'Keeling - Herman' }).waitFor()
  expect(await cora.getByRole('link', { name: 'New customer' }).count()).toBe(0)
  await cora.goto(`${app.url}/customers?new=1`)
  await shows(cora, 'Customers are made by clerks.')
  expect(office.complaints).toEqual([])
})

test('the company says how many changes are under way and in which states, live, and each leads to them', async () => {
  const mia = await office.seat('mia', '/customers')
  const banner = mia.getByRole('region', { name: 'Approval status' })
  const pending = banner.getByRole('link', { name: /Changes pending approval/ })
  await pending.waitFor()
  const countOf = async () => Number(/\d+/.exec(await pending.innerText())?.[0])
  const before = await countOf()
  await ask(app, 'clara', 'US-016', { creditLimit: '61000' })
  await expect.poll(countOf).toBe(before + 1)
  expect(await faults(mia)).toEqual([])
  await pending.click()
  const clear = mia.getByRole('link', { name: /Show all customers$/ })
  await clear.waitFor()
  expect(search(mia).get('status')).toBe('CHANGES_PENDING_APPROVAL')
  await mia.getByRole('row').filter({ hasText: 'US-001' }).waitFor({ state: 'detached' })
  const rows = mia.getByRole('row').filter({ hasText: 'Changes pending approval' })
  await expect.poll(() => rows.count()).toBe(before + 1)
  await clear.click()
  await mia.getByRole('row').filter({ hasText: 'US-001' }).waitFor()
  expect(office.complaints).toEqual([])
})

test('search, order, status and page are in the address, and outlive Back and a reload', async () => {
  const clara = await office.seat('clara', '/customers')
  await clara.getByRole('link', { name: 'Next', exact: true }).click()
  await clara.getByRole('link', { name: 'Previous', exact: true }).waitFor()
  const second = (await clara.getByRole('row').nth(1).innerText()).split('\t')[0]
  expect(second).not.toBe('US-001')
  await clara.reload()
  await clara.getByRole('link', { name: 'Previous', exact: true }).waitFor()
  expect(await clara.getByRole('row').nth(1).innerText()).toContain(second)

  await clara.getByRole('combobox', { name: 'Order' }).selectOption('By name')
  // A list in another order begins at its beginning.
  await clara.getByRole('link', { name: 'Previous', exact: true }).waitFor({ state: 'detached' })
  expect(search(clara).get('order')).toBe('NAME')
  await clara.getByRole('searchbox', { name: 'Search customers' }).fill('keel')
  await clara.waitForURL(/search=keel/)
  await clara.getByRole('link', { name: 'Keeling - Herman' }).click()
  await clara.getByRole('heading', { name: /Keeling/ }).waitFor()
  await clara.goBack()
  await clara.getByRole('link', { name: 'Keeling - Herman' }).waitFor()
  expect(await clara.getByRole('searchbox', { name: 'Search customers' }).inputValue()).toBe('keel')
  expect(await clara.getByRole('combobox', { name: 'Order' }).inputValue()).toBe('NAME')
  expect(office.complaints).toEqual([])
})
