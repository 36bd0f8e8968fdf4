// Editing a record: each refusal is at its place or beside the button, focus goes on where it was, a check can be asked for, what
// is masked is named, and what was changed meanwhile says by whom.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { approve, ask, edit, govern, propose } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const at = (account: string, rest = '') => `/customers/USMF/${account}${rest}`
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
const begin = async (page: Page, label: string, text: string): Promise<void> => {
  await page
    .getByRole('button', { name: `Edit ${label}:` })
    .first()
    .click()
  await page.getByRole('textbox', { name: label, exact: true }).first().fill(text)
}

test('what is refused of a record as a whole is said at the field of the child that it is about, or beside the button', async () => {
  const clara = await office.seat('clara', at('US-024'))
  await press(clara, 'Add: Contact')
  const contact = clara.getByRole('group', { name: 'Contact: new' })
  await contact.getByRole('textbox', { name: 'Contact', exact: true }).fill('NEW')
  await press(clara, 'Save')
  const name = contact.getByRole('textbox', { name: 'Name' })
  await contact.getByRole('alert').getByText('Name is required.').waitFor()
  expect(await name.evaluate((field) => field === document.activeElement)).toBe(true)
  expect(await name.getAttribute('aria-invalid')).toBe('true')
  expect(await faults(clara)).toEqual([])

  await name.fill('New One')

  // Nobody knows yet which one it is: said where one saves.
  await press(clara, 'Add: Address')
  await press(clara, 'Save')
  const bar = clara.getByRole('group', { name: '2 edits not saved' })
  await bar.getByRole('alert').getByText('Address is required.').waitFor()
  await press(clara, 'Take out again: Address')
  await press(clara, 'Save')
  await shows(clara, 'Written: Contacts.')
  expect(office.complaints).toEqual([])
})

test('who leaves an editor or saves by keyboard goes on from the value that was in hand', async () => {
  const clara = await office.seat('clara', at('US-025'))
  await begin(clara, 'Phone', '+1 312 555 0111')
  await clara.keyboard.press('Escape')
  await expect.poll(() => focused(clara)).toMatch(/^Edit Phone:/)
  await clara.keyboard.press('Enter')
  await clara.getByRole('textbox', { name: 'Phone' }).fill('+1 312 555 0112')
  await clara.keyboard.press('Enter')
  await shows(clara, 'Written: Phone.')
  await expect.poll(() => focused(clara)).toBe('Edit Phone: +1 312 555 0112')
  await begin(clara, 'Phone', 'nobody')
  await press(clara, 'Cancel')
  await expect.poll(() => focused(clara)).toBe('Edit Phone: +1 312 555 0112')
  expect(office.complaints).toEqual([])
})

test('who leaves a form goes on from the button that opened it, and from the other one where a button goes', async () => {
  await propose(app, 'clara', 'US-032', { creditLimit: '61000' })
  const clara = await office.seat('clara', at('US-032'))
  for (const opener of ['Submit for approval', 'Schedule']) {
    await clara.getByRole('button', { name: opener, exact: true }).press('Enter')
    await clara.locator('textarea:focus, input:focus').waitFor()
    await clara.keyboard.press('Escape')
    await expect.poll(() => focusedText(clara)).toBe(opener)
  }
  await clara.getByRole('button', { name: 'Remove Contact C1' }).press('Enter')
  await expect.poll(() => focusedText(clara)).toBe('Keep C1')
  await clara.keyboard.press('Enter')
  await expect.poll(() => focused(clara)).toBe('Remove Contact C1')
  await clara.getByRole('button', { name: 'Add: Contact' }).press('Enter')
  await clara.getByRole('button', { name: 'Take out again: Contact' }).press('Enter')
  await expect.poll(() => focused(clara)).toBe('Add: Contact')
  await clara.getByRole('button', { name: 'Discard the change of Credit limit' }).press('Enter')
  await shows(clara, 'Nothing was written.')
  expect(office.complaints).toEqual([])
})

test('what somebody else writes without approval is there at once: named and marked, with what is typed kept', async () => {
  const clara = await office.seat('clara', at('US-033'))
  await begin(clara, 'Website', 'https://half')
  await edit(app, 'colin', 'US-033', { set: { phone: '+13125550199' } })
  await shows(clara, 'Changed in the record meanwhile: Phone.')
  await clara.getByRole('button', { name: 'Edit Phone: +13125550199' }).waitFor()
  expect(await clara.getByText(', changed meanwhile').count()).toBe(1)
  expect(await faults(clara)).toEqual([])
  const website = clara.getByRole('textbox', { name: 'Website', exact: true })
  expect(await website.evaluate((field) => field === document.activeElement)).toBe(true)
  expect(await website.inputValue()).toBe('https://half')

  // What one edits oneself and somebody else has written is looked at once more; what they have written elsewhere is in nobody's way.
  await website.fill('https://whole.example')
  await press(clara, 'Save')
  await shows(clara, 'Written: Website.')
  await begin(clara, 'Website', 'https://mine.example')
  await edit(app, 'colin', 'US-033', { set: { website: 'https://theirs.example' } })
  await shows(clara, 'Changed in the record meanwhile: Website.')
  await press(clara, 'Save')
  await shows(clara, 'Somebody has changed this customer since you opened it.')
  await press(clara, 'Save')
  await shows(clara, 'Written: Website.')
  await clara.evaluate(() => window.dispatchEvent(new Event('focus')))
  await clara.getByRole('button', { name: 'Edit Website: https://mine.example' }).waitFor()
  expect(await clara.getByText(', changed meanwhile').count()).toBe(2)
  expect(office.complaints).toEqual([])
})

test('a figure with the sign of thousands where none are is refused, not read as a hundred times as much', async () => {
  const clara = await office.seat('clara', at('US-031'))
  await begin(clara, 'Credit limit', '61000,50')
  await press(clara, 'Save')
  await clara.getByRole('alert').getByText('must be a decimal number').waitFor()
  const limit = clara.getByRole('textbox', { name: 'Credit limit', exact: true })
  expect(await limit.inputValue()).toBe('61000,50')
  await limit.fill('61,000.50')
  await press(clara, 'Save')
  await shows(clara, 'Proposed for approval: Credit limit.')
  await shows(clara, '61,000.50')
  expect(office.complaints).toEqual([])
})

test('a check of a new credit limit is asked for where it is edited, and stands beside the change for whoever decides', async () => {
  const clara = await office.seat('clara', at('US-026'))
  const check = clara.getByRole('checkbox', { name: 'Ask for a credit limit check when it is applied' })
  await begin(clara, 'Phone', '+13125550113')
  expect(await check.count()).toBe(0)
  await begin(clara, 'Credit limit', '61000')
  await check.check()
  expect(await faults(clara)).toEqual([])
  await press(clara, 'Save')
  const mark = 'with a credit limit check when it is applied'
  await shows(clara, mark)
  await press(clara, 'Submit for approval')
  await clara.keyboard.press('Enter')
  await shows(clara, 'Changes pending approval')
  const mia = await office.seat('mia')
  await mia.getByRole('listitem').filter({ hasText: 'US-026' }).getByRole('link').click()
  await shows(mia, mark)
  expect(office.complaints).toEqual([])
})

test('who may not see bank data reads what is masked and by whom it may be seen; who may, reads nothing of that', async () => {
  const cora = await office.seat('cora', at('US-002'))
  const note = cora.getByText(/Some of it is masked/)
  await note.waitFor()
  expect((await note.innerText()).trim()).toMatch(
    /^Some of it is masked: Tax exempt number and Bank accounts\.\s+Masked: bank and tax data are shown to clerks/,
  )
  expect(await faults(cora)).toEqual([])
  const clara = await office.seat('clara', at('US-002'))
  await clara.getByRole('heading', { name: 'Bank accounts' }).waitFor()
  expect(await clara.getByText(/Some of it is masked/).count()).toBe(0)
  expect(office.complaints).toEqual([])
})

test('a conflict says by whom the value of now was written and when, or by which approved proposal', async () => {
  await propose(app, 'clara', 'US-027', { creditLimit: '61000', paymentTerms: 'Net60' })
  await govern(app, { disable: ['creditLimit'] })
  await edit(app, 'colin', 'US-027', { set: { creditLimit: '59000' } })
  // Of what is written afterwards nothing is about this field.
  await edit(app, 'clara', 'US-027', { set: { phone: '+13125550114' } })
  await govern(app, { enable: ['creditLimit'] })
  const clara = await office.seat('clara', at('US-027', '/proposal'))
  const conflict = clara.getByRole('region', { name: 'What changed meanwhile' })
  const now = conflict.getByRole('definition').nth(1)
  await now.getByText(/^by Colin Baker, \d+:\d\d\s[AP]M$/).waitFor()
  expect(await now.innerText()).toContain('59,000.00')
  expect(await faults(clara)).toEqual([])

  const agreed = async (paymentTerms: string): Promise<string> => {
    const id = await ask(app, 'clara', 'US-029', { paymentTerms })
    await approve(app, 'mia', 'US-029')
    await approve(app, 'cora', 'US-029')
    return id
  }
  const first = await agreed('Net60')
  const second = await agreed('Net90')
  const revert = 'mutation($input: RevertProposalInput!) { result: revertProposal(input: $input) { __typename } }'
  await app.ask('clara', revert, { input: { proposalId: first } })
  await clara.goto(`${app.url}${at('US-029', '/proposal')}`)
  await now.getByRole('link', { name: 'by an approved proposal' }).click()
  await shows(clara, 'Every change was approved and written.')
  expect(decodeURIComponent(new URL(clara.url()).pathname)).toBe(`/proposals/${second}`)
  expect(office.complaints).toEqual([])
})

test('earlier proposals are read a page at a time, each of them once, the last changed first', async () => {
  const discard = 'mutation($input: DiscardProposalInput!) { result: discardProposal(input: $input) { __typename } }'
  for (let n = 0; n < 23; n += 1) {
    const proposalId = await propose(app, 'clara', 'US-028', { creditLimit: String(41_000 + n) })
    await app.ask('clara', discard, { input: { proposalId } })
  }
  const clara = await office.seat('clara', at('US-028', '/proposal'))
  const earlier = clara.getByRole('region', { name: 'Earlier proposals' })
  await earlier.getByText('41,022.00').waitFor()
  expect(await earlier.getByRole('listitem').count()).toBe(20)
  await earlier.getByRole('button', { name: 'Show more' }).click()
  await earlier.getByText('41,000.00').waitFor()
  const figures = (await earlier.getByRole('listitem').allInnerTexts()).map((text) => /41,0(\d\d)\.00/.exec(text)?.[1])
  expect(figures).toEqual(Array.from({ length: 23 }, (_, n) => String(22 - n).padStart(2, '0')))
  expect(await earlier.getByRole('button').count()).toBe(0)

  // What happens meanwhile joins them.
  await ask(app, 'clara', 'US-028', { paymentTerms: 'Net60' })
  await approve(app, 'mia', 'US-028')
  await approve(app, 'cora', 'US-028')
  await clara.getByText('Every change was approved and written.').waitFor()
  expect(await earlier.getByRole('listitem').count()).toBe(23)
  // Its banner has said it.
  await clara.getByRole('tab', { name: 'Record' }).click()
  await clara.getByRole('button', { name: /^Edit Payment terms: Net 60/ }).waitFor()
  expect(await clara.getByText(', changed meanwhile').count()).toBe(0)
  expect(office.complaints).toEqual([])
})

test('what is typed into the search stays as it is typed, also the space before the next word', async () => {
  const clara = await office.seat('clara', '/customers')
  const search = clara.getByRole('searchbox', { name: 'Search customers' })
  await search.pressSequentially('berge ')
  await clara.waitForURL(/search=berge$/)
  await clara.getByRole('link', { name: 'Berge and Sons' }).waitFor()
  await search.pressSequentially('and')
  await clara.waitForURL(/search=berge\+and$/)
  expect(await search.inputValue()).toBe('berge and')
  await clara.getByText('1 customer', { exact: true }).waitFor()
  expect(office.complaints).toEqual([])
})

test('a new customer that is discarded leaves nothing in the form, and one without a contact’s name says so there', async () => {
  const clara = await office.seat('clara', '/customers?new=1')
  const limit = clara.getByRole('textbox', { name: 'Credit limit', exact: true })
  await limit.fill('5000')
  await clara.getByRole('textbox', { name: 'Name', exact: true }).fill('Nobody')
  await press(clara, 'Discard')
  await clara.getByRole('link', { name: 'Back to the list' }).waitFor()
  expect(await limit.inputValue()).toBe('')
  expect(await clara.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe('')

  await clara.getByRole('textbox', { name: 'Account', exact: true }).fill('US-902')
  await press(clara, 'Add: Contact')
  const contact = clara.getByRole('group', { name: 'Contact: new' })
  await contact.getByRole('textbox', { name: 'Contact', exact: true }).fill('C1')
  await press(clara, 'Create customer')
  await contact.getByRole('alert').getByText('Name is required.').waitFor()
  await shows(clara, 'It was not created yet: see the fields that are marked.')
  expect(office.complaints).toEqual([])
})
