// A clerk at their desk: editing in place, what is said of it, taking back, submitting, recalling, settling a conflict.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { edit, govern, propose, statusOf, submit } from './deeds.ts'

const office = await openOffice()
const { app } = office
const at = (account: string) => `/customers/USMF/${account}`

const type = async (page: Page, label: string, text: string): Promise<void> => {
  await page
    .getByRole('button', { name: `Edit ${label}:` })
    .first()
    .click()
  await page.getByRole('textbox', { name: label }).fill(text)
}
const save = (page: Page) => page.getByRole('button', { name: 'Save' }).click()
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()
const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const hides = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor({ state: 'hidden' })

test('a bad value is refused at its field in the sentence of the API, and nothing that was typed is lost', async () => {
  const clara = await office.seat('clara', at('US-003'))
  await type(clara, 'Credit limit', '-5')
  await type(clara, 'Phone', '+1 312 555 0199')
  await save(clara)
  const limit = clara.getByRole('textbox', { name: 'Credit limit' })
  await clara.getByRole('alert').first().waitFor()
  const error = await limit.getAttribute('aria-describedby')
  expect(await clara.locator(`[id="${error}"]`).innerText()).toMatch(/^Credit limit/)
  // The refused field is in hand, wherever the page stood.
  expect(await limit.evaluate((field) => field === document.activeElement)).toBe(true)
  expect(await clara.getByRole('textbox', { name: 'Phone' }).inputValue()).toBe('+1 312 555 0199')

  await limit.fill('98765.4')
  await save(clara)
  await shows(clara, 'Written: Phone. Proposed for approval: Credit limit.')
  await shows(clara, '98,765.40')
  await clara.getByRole('button', { name: 'Edit Credit limit: 100,000.00' }).waitFor()
  expect(office.complaints).toEqual([])
})

test('a field set back to what it was is no change any more, one change is discarded, then all', async () => {
  await propose(app, 'clara', 'US-004', {
    creditLimit: '77000',
    paymentTerms: 'Net60',
    methodOfPayment: 'ACH',
    name: 'Emmerich',
  })
  const clara = await office.seat('clara', at('US-004'))
  await shows(clara, '4 changes not yet sent for approval.')
  await type(clara, 'Credit limit', '50000')
  await save(clara)
  await shows(clara, '3 changes not yet sent for approval.')
  await hides(clara, '77,000.00')

  await press(clara, 'Discard the change of Payment terms')
  await shows(clara, '2 changes not yet sent for approval.')
  expect(await clara.getByRole('button', { name: 'Discard the change of Payment terms' }).count()).toBe(0)

  await press(clara, 'Discard all')
  await shows(clara, 'Discard 2 changes? The history keeps what was proposed.')
  await press(clara, 'Keep them')
  await shows(clara, '2 changes not yet sent for approval.')
  // By keyboard: the question takes the focus and gives it back.
  await clara.keyboard.press('Enter')
  await clara.getByRole('button', { name: 'Keep them' }).waitFor()
  await clara.keyboard.press('Enter')
  await shows(clara, 'Nothing was written.')
  expect(office.complaints).toEqual([])
})

test('what is said with a submit reaches whoever decides, and a recall says why', async () => {
  const id = await propose(app, 'clara', 'US-005', { creditLimit: '45000' })
  const clara = await office.seat('clara', at('US-005'))
  await press(clara, 'Submit for approval')
  await clara.keyboard.type('Agreed at the fair')
  await clara.keyboard.press('Enter')
  await shows(clara, 'Changes pending approval')
  const mia = await office.seat('mia', '/')
  await mia.getByRole('link', { name: /Berge and Sons/ }).click()
  await shows(mia, 'Agreed at the fair')

  await press(clara, 'Recall')
  // Without a reason nothing is sent.
  await clara.keyboard.press('Enter')
  await clara.keyboard.type('Wrong customer')
  await clara.keyboard.press('Enter')
  await shows(clara, 'Changes not submitted')
  expect(await statusOf(app, id)).toBe('DRAFT')
  await clara.getByRole('tab', { name: /^Proposal/ }).click()
  await shows(clara, 'Wrong customer')
  expect(office.complaints).toEqual([])
})

test('what is typed and not saved outlives news of the customer and a look at another page', async () => {
  const clara = await office.seat('clara', at('US-006'))
  await type(clara, 'E-mail', 'half typ')
  const proposal = await propose(app, 'colin', 'US-006', { creditLimit: '16000' })
  await submit(app, 'colin', proposal)
  await shows(clara, 'Changes pending approval')
  const typed = clara.getByRole('textbox', { name: 'E-mail' })
  expect(await typed.inputValue()).toBe('half typ')
  await clara.getByRole('link', { name: 'Customers' }).first().click()
  await clara.getByRole('heading', { name: 'Customers' }).waitFor()
  await clara.goBack()
  await typed.waitFor()
  expect(await typed.inputValue()).toBe('half typ')
  expect(office.complaints).toEqual([])
})

test('a bank account with a mistyped IBAN is refused at the IBAN, and proposed when it is right', async () => {
  const clara = await office.seat('clara', at('US-009'))
  await press(clara, 'Add: Bank account')
  const account = clara.getByRole('group', { name: 'Bank account: new' })
  const fill = (label: string, text: string) => account.getByRole('textbox', { name: label }).fill(text)
  await fill('Bank account', 'NEW')
  await fill('Account holder', 'Russel')
  await fill('IBAN', 'DE89370400440532013001')
  await save(clara)
  const iban = account.getByRole('textbox', { name: 'IBAN' })
  await account.getByRole('alert').first().waitFor()
  expect(await iban.getAttribute('aria-invalid')).toBe('true')
  await iban.fill('DE89370400440532013000')
  await save(clara)
  await shows(clara, /^Proposed for approval: Bank accounts/)
  await shows(clara, 'Proposed, not yet in the record')
  await shows(clara, /DE89\s?3704\s?0044\s?0532\s?0130\s?00/)
  expect(office.complaints).toEqual([])
})

test('a value that is not the viewer’s to see says that it is masked and who may see it', async () => {
  const cora = await office.seat('cora', at('US-002'))
  await cora.getByRole('heading', { name: 'Bank accounts' }).waitFor()
  const masked = cora.getByTitle(/^Masked: bank and tax data are shown to/)
  await masked.first().waitFor()
  expect(await masked.count()).toBeGreaterThan(1)
  await cora
    .getByRole('complementary')
    .getByText(/^This takes .*clerk/)
    .waitFor()
  expect(await cora.getByRole('button', { name: /^Edit / }).count()).toBe(0)
  expect(office.complaints).toEqual([])
})

test('when the customer changes under a proposal, its author sees from what to what and rebases it', async () => {
  const id = await propose(app, 'clara', 'US-008', { creditLimit: '61000', paymentTerms: 'Net60' })
  await govern(app, { disable: ['creditLimit'] })
  await edit(app, 'colin', 'US-008', { set: { creditLimit: '59000' } })
  await govern(app, { enable: ['creditLimit'] })
  const clara = await office.seat('clara', at('US-008'))
  await press(clara, 'Resolve')
  const conflict = clara.getByRole('region', { name: 'What changed meanwhile' })
  const figures = (await conflict.getByRole('definition').allInnerTexts()).map((text) => text.trim().split('\n')[0])
  expect(figures).toEqual(['60,000.00', '59,000.00', '61,000.00'])
  await conflict.getByRole('radio', { name: 'Keep the proposal' }).check()
  await conflict.getByRole('button', { name: 'Rebase' }).click()
  await conflict.waitFor({ state: 'hidden' })
  await shows(clara, '59,000.00')
  await shows(clara, '+2,000.00')
  expect(await statusOf(app, id)).toBe('DRAFT')
  expect(office.complaints).toEqual([])
})
