// A proposal on the customer's page: its route as a picture, two banners at once, conflicts side by side, what is kept of what
// one writes, and what was proposed before.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { approve, ask, edit, govern, propose, recall, statusOf, submit } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const at = (account: string, rest = '') => `/customers/USMF/${account}${rest}`
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()
const phone = { width: 390, height: 844 }

const schedule = async (proposalId: string, effectiveAt: string): Promise<void> => {
  const { result } = await app.ask<{ result: { message?: string } }>(
    'clara',
    'mutation($input: ScheduleProposalInput!) { result: scheduleProposal(input: $input) { ... on UserError { message } } }',
    { input: { proposalId, effectiveAt } },
  )
  if (result.message !== undefined) throw new Error(result.message)
}

/** Approved by all who are asked, and waiting for its time. */
const waiting = async (account: string, set: object): Promise<string> => {
  const id = await propose(app, 'clara', account, set)
  await schedule(id, new Date(Date.now() + 86_400_000).toISOString())
  await submit(app, 'clara', id)
  await approve(app, 'mia', account)
  await approve(app, 'cora', account)
  expect(await statusOf(app, id)).toBe('SCHEDULED')
  return id
}

test('the route as a picture: who submitted, who is asked until when, who answered when, what comes next', async () => {
  await ask(app, 'clara', 'US-001', { creditLimit: '150000' })
  const clara = await office.seat('clara', at('US-001', '/proposal'))
  const route = clara.locator('section').filter({ has: clara.getByRole('heading', { name: 'Route', exact: true }) })
  const step = (name: string) => route.getByRole('listitem').filter({ hasText: name }).last()
  const now = route.locator('[aria-current=step]')
  await now.getByText('Mia Lindgren').waitFor()
  expect(await now.innerText()).toMatch(/now[\s\S]*Mia[\s\S]*asked \d+:\d\d\s[AP]M/)
  await shows(clara, /^Submitted by Clara/)
  await shows(clara, 'Written to the record when all have approved')
  await route.getByRole('listitem').filter({ hasText: 'Specialists' }).getByText('next', { exact: true }).waitFor()
  // The same in a sentence, for who does not see the picture.
  await shows(clara, /^0 of \d done\. Now: .*, asks Mia Lindgren\. Next: Specialists\.$/)

  await approve(app, 'mia', 'US-001')
  await clara.getByText(/^1 of \d done\./).waitFor()
  expect(await step('Mia').innerText()).toMatch(/approved[\s\S]*\d+:\d\d\s[AP]M/)
  expect(await now.innerText()).not.toContain('Mia')
  expect(await faults(clara)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('on a telephone two banners at once stand in the place of one, each with its state', async () => {
  await waiting('US-017', { paymentTerms: 'Net60' })
  const clara = await office.seat('clara', at('US-017'), phone)
  await shows(clara, /Approved, applies on/)
  const tabs = () => clara.getByRole('tab').first().boundingBox()
  const before = await tabs()
  await propose(app, 'colin', 'US-017', { creditLimit: '61000' })
  await shows(clara, 'Changes not submitted')
  const line = clara.getByRole('link', { name: /^Also approved, applies on/ })
  await line.waitFor()
  expect((await tabs())?.y).toBeCloseTo(before?.y ?? 0, 0)
  // Nothing of either lies outside of its place.
  const banner = clara.getByRole('region', { name: 'Approval status', exact: true })
  const inside = async () => {
    const place = await banner.boundingBox()
    const parts = [line, banner.getByRole('button').last(), banner.getByText('Changes not submitted')]
    const boxes = await Promise.all(parts.map((part) => part.boundingBox()))
    return boxes.every((box) => box && place && box.y >= place.y && box.y + box.height <= place.y + place.height)
  }
  expect(await inside()).toBe(true)
  expect(((await banner.boundingBox())?.y ?? 0) + ((await banner.boundingBox())?.height ?? 0)).toBeLessThanOrEqual(
    (before?.y ?? 0) + 1,
  )
  expect(await faults(clara)).toEqual([])
  // With room for both they stand below each other.
  await clara.getByRole('region', { name: /^Approval status: applies on/ }).waitFor()
  expect(office.complaints).toEqual([])
})

test('a field’s name stands before its value, also on a telephone and while it is edited', async () => {
  const clara = await office.seat('clara', at('US-018'), phone)
  const name = clara.getByText('Credit limit', { exact: true }).first()
  const value = clara.getByRole('button', { name: 'Edit Credit limit:' })
  await value.waitFor()
  const apart = async (second: typeof value) => {
    const [a, b] = await Promise.all([name.boundingBox(), second.boundingBox()])
    if (!a || !b) throw new Error('not on the page')
    return { before: a.x + a.width <= b.x + 1, above: a.y + a.height <= b.y + 1, row: Math.abs(a.y - b.y) < 8 }
  }
  expect(await apart(value)).toMatchObject({ before: true, row: true })
  await value.click()
  expect(await apart(clara.getByRole('textbox', { name: 'Credit limit' }))).toMatchObject({ above: true })
  expect(await faults(clara)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('conflicts side by side: what comes of the choice is said before it is sent', async () => {
  const id = await propose(app, 'clara', 'US-019', { creditLimit: '61000', paymentTerms: 'Net10' })
  await govern(app, { disable: ['creditLimit'] })
  await edit(app, 'colin', 'US-019', { set: { creditLimit: '59000' } })
  await govern(app, { enable: ['creditLimit'] })
  const clara = await office.seat('clara', at('US-019', '/proposal'))
  const conflict = clara.getByRole('region', { name: 'What changed meanwhile' })
  await conflict.getByText('What you keep stands on the value of now. Submit it when it is ready.').waitFor()
  const columns = await Promise.all(
    (await conflict.getByRole('definition').all()).map(async (one) => (await one.boundingBox())?.x ?? 0),
  )
  expect(columns).toEqual(columns.toSorted((a, b) => a - b))
  expect(new Set(columns).size).toBe(3)
  expect(await faults(clara)).toEqual([])
  await conflict.getByRole('radio', { name: 'Drop it' }).check()
  await conflict.getByText('What you drop is no longer proposed. The rest stays as it is.').waitFor()
  await conflict.getByRole('button', { name: 'Rebase' }).click()
  await conflict.waitFor({ state: 'hidden' })
  await shows(clara, '1 change not yet sent for approval.')
  expect(await statusOf(app, id)).toBe('DRAFT')
  expect(office.complaints).toEqual([])
})

test('a comment and an edit that were begun are there again after the page was loaded anew, and sent once', async () => {
  const id = await ask(app, 'clara', 'US-020', { creditLimit: '41000' })
  const clara = await office.seat('clara', at('US-020', '/proposal'))
  const comment = clara.getByRole('textbox', { name: /^Comment, for everybody/ })
  await comment.fill('Half a thought')
  await clara.goto(`${app.url}${at('US-020')}`)
  await press(clara, `Edit Phone: ${await phoneOf('US-020')}`)
  await clara.getByRole('textbox', { name: 'Phone' }).fill('+13125550333')
  await shows(clara, 'Kept here until you save or cancel, also when you leave or reload the page.')
  await clara.reload()
  await shows(clara, '1 edit not saved')
  expect(await clara.getByRole('textbox', { name: 'Phone' }).inputValue()).toBe('+13125550333')
  await press(clara, 'Save')
  await shows(clara, 'Written: Phone.')
  await clara.getByRole('tab', { name: /^Proposal/ }).click()
  expect(await comment.inputValue()).toBe('Half a thought')
  await press(clara, 'Add comment')
  await clara.getByRole('listitem').filter({ hasText: 'Half a thought' }).waitFor()
  await clara.reload()
  await clara.getByRole('listitem').filter({ hasText: 'Half a thought' }).waitFor()
  expect(await comment.inputValue()).toBe('')
  expect(await statusOf(app, id)).toBe('PENDING')
  expect(office.complaints).toEqual([])
})

test('what was proposed before is listed with how it ended, and what was applied is proposed backwards', async () => {
  await ask(app, 'clara', 'US-021', { paymentTerms: 'Net60' })
  await approve(app, 'mia', 'US-021')
  await approve(app, 'cora', 'US-021')
  const clara = await office.seat('clara', at('US-021', '/proposal'))
  const earlier = clara.getByRole('region', { name: 'Earlier proposals' })
  await earlier.getByRole('link', { name: /^Applied.*Payment terms/ }).click()
  await shows(clara, 'Every change was approved and written.')
  await shows(clara, 'Written to the record')
  expect(await faults(clara)).toEqual([])
  await press(clara, 'Revert')
  await clara.keyboard.type('Agreed otherwise')
  await clara.keyboard.press('Enter')
  await shows(clara, 'Changes not submitted')
  await clara.getByRole('link', { name: 'Takes back an applied proposal' }).waitFor()
  await shows(clara, 'Agreed otherwise')
  expect(office.complaints).toEqual([])
})

test('why one recalls is found again when the form is opened again, and gone when it is left', async () => {
  const id = await ask(app, 'clara', 'US-022', { creditLimit: '41000' })
  const clara = await office.seat('clara', at('US-022'))
  await press(clara, 'Recall')
  const why = clara.getByRole('textbox', { name: 'Why do you recall it?' })
  await why.fill('Wrong')
  await clara.getByRole('tab', { name: 'History' }).click()
  await clara.getByRole('link', { name: 'Customers' }).first().click()
  await clara.getByRole('heading', { name: 'Customers' }).waitFor()
  await clara.goBack()
  await press(clara, 'Recall')
  expect(await why.inputValue()).toBe('Wrong')
  await press(clara, 'Cancel')
  await press(clara, 'Recall')
  expect(await why.inputValue()).toBe('')
  await recall(app, 'clara', id, 'Done elsewhere')
  await shows(clara, 'Changes not submitted')
  expect(office.complaints).toEqual([])
})

const phoneOf = async (account: string): Promise<string> => {
  const { customer } = await app.ask<{ customer: { phone: string } }>(
    'clara',
    'query($account: String!) { customer(company: "USMF", account: $account) { phone } }',
    { account },
  )
  return customer.phone
}
