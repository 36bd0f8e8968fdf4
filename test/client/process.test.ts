// The workflow process at two browsers at a time: what one does with an item is on the other's screen at once.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask, discard, edit, propose, statusOf, submit } from './deeds.ts'
import { faults } from './looks.ts'
import { approval, people, saveQueue, saveWorkflow, setAbsence } from './workflows.ts'

const office = await openOffice()
const { app } = office
const id = await people(app)
const days = { amount: 2, unit: 'DAYS' }

const line = (page: Page, account: string) => page.getByRole('listitem').filter({ hasText: account }).first()
/** What a line of the queue says once its item has left. */
const inList = (page: Page, text: string) => page.getByRole('list', { name: 'Your queue' }).getByText(text).waitFor()
const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).first().click()
/** Opens an item once it has arrived. */
const open = async (page: Page, account: string): Promise<void> => {
  await line(page, account).getByRole('link').click()
  await page.getByRole('article').getByText(account).first().waitFor()
}
/** Types part of a name and takes the one that is found. */
const pick = async (page: Page, typed: string, name: string): Promise<void> => {
  await page.getByRole('form').getByRole('combobox').fill(typed)
  await page.getByRole('option', { name }).click()
}

test('what lies in a queue is claimed by one, leaves the other’s list with a name, and can be moved on', async () => {
  await saveQueue(app, 'Credit desk', [id('cora'), id('carl')])
  await saveQueue(app, 'Fraud desk', [id('tess')])
  await saveWorkflow(app, 'By queue', id('olga'), ['US-041'], [approval('Credit', { queue: 'Credit desk' })])
  const carl = await office.seat('carl')
  const cora = await office.seat('cora')
  await ask(app, 'clara', 'US-041', { creditLimit: '88000' })
  await open(carl, 'US-041')
  await open(cora, 'US-041')
  await shows(cora, 'claim it first')
  expect(await cora.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true)
  expect(await faults(cora)).toEqual([])

  await carl.keyboard.press('t')
  await cora.getByRole('status').getByText('Claimed by Carl Okafor').waitFor()
  await inList(cora, 'Claimed by Carl Okafor')
  await press(carl, 'Release')
  await carl.getByRole('button', { name: 'Claim', exact: true }).waitFor()
  await cora.getByRole('button', { name: 'Claim', exact: true }).waitFor()

  await carl.keyboard.press('m')
  await pick(carl, 'fraud', 'Fraud desk')
  await press(carl, 'Move')
  await cora.getByRole('status').getByText('Moved to Fraud desk').waitFor()
  const tess = await office.seat('tess')
  await line(tess, 'US-041').getByText('In the queue Fraud desk').waitFor()
  expect(office.complaints).toEqual([])
})

test('a task is completed by one, the decision that follows is chosen by another, and the route shows the way', async () => {
  const step = (name: string, user: string, more = {}) => ({
    ...{ name, subject: `${name}: {{customer.name}}`, assign: [{ to: { users: [id(user)] } }] },
    ...more,
  })
  await saveWorkflow(
    app,
    'With a task',
    id('olga'),
    ['US-033'],
    [
      { task: { name: 'Register', step: step('Register', 'tess', { timeLimit: days, finally: { task: 'RETURN' } }) } },
      {
        decision: {
          ...{ name: 'Risk', step: step('Risk', 'cora') },
          outcomes: [
            { name: 'Low', elements: [approval('Manager', { users: [id('mia')] })] },
            { name: 'High', elements: [approval('Directors', { group: 'directors' })] },
          ],
        },
      },
    ],
  )
  const proposal = await ask(app, 'clara', 'US-033', { creditLimit: '88000' })
  const cora = await office.seat('cora', '/', { atOnce: true })
  const tess = await office.seat('tess', '/', { atOnce: true })
  await open(tess, 'US-033')
  await shows(tess, 'The system returns it.')
  await tess.keyboard.press('a')
  await tess.getByRole('textbox', { name: 'Comment (optional)' }).fill('Extract of today')
  await tess.keyboard.press('Enter')

  await open(cora, 'US-033')
  await shows(cora, 'Extract of today')
  expect(await cora.getByText('not known yet').count()).toBe(2)
  expect(await faults(cora)).toEqual([])
  await cora.keyboard.press('2')
  await cora.getByRole('button', { name: 'Choose High' }).waitFor()
  await cora.keyboard.press('Enter')
  const clara = await office.seat('clara', `/proposals/${proposal}`)
  await shows(clara, 'Not taken: Low')
  await shows(clara, 'chose “High”')
  await shows(clara, 'Waiting for Olga Petrova')
  expect(office.complaints).toEqual([])
})

test('an item is delegated to somebody who is searched for, and both see where it is', async () => {
  await saveWorkflow(app, 'By one', id('olga'), ['US-034'], [approval('Manager', { users: [id('mia')] })])
  const mia = await office.seat('mia')
  const olga = await office.seat('olga')
  await ask(app, 'clara', 'US-034', { creditLimit: '88000' })
  await open(mia, 'US-034')
  await mia.keyboard.press('d')
  await pick(mia, 'cla', 'Clara Keller')
  await mia.getByRole('form', { name: 'Delegate to somebody else' }).waitFor()
  expect(await faults(mia)).toEqual([])
  await press(mia, 'Delegate')
  // Refused where it was asked, in the API's sentence, and nothing typed is lost.
  await mia.getByRole('alert').getByText('Clara Keller had a hand in these changes').waitFor()
  await pick(mia, 'olga', 'Olga Petrova')
  await mia.getByRole('textbox', { name: 'What to tell them (optional)' }).fill('You know them better')
  // The news reaches her before the answer does: her line stays all the same until she goes on from the next one.
  await mia.route('**/graphql', async (route) => {
    if (!/delegate/i.test(route.request().postData() ?? '')) return route.continue()
    const response = await route.fetch()
    await inList(mia, 'Delegated to Olga Petrova')
    await route.fulfill({ response })
  })
  await press(mia, 'Delegate')
  await mia.getByRole('article').getByText('US-034').first().waitFor({ state: 'hidden' })
  await mia.unrouteAll({ behavior: 'wait' })
  await open(olga, 'US-034')
  await shows(olga, 'You know them better')
  await inList(mia, 'Delegated to Olga Petrova')
  expect(office.complaints).toEqual([])
})

test('one change is left out of an approval with its reason, and its author sees it struck', async () => {
  const part = approval('Specialist', { users: [id('carl')] }, { partial: true })
  await saveWorkflow(app, 'In part', id('olga'), ['US-036'], [part])
  const proposal = await edit(app, 'clara', 'US-036', { set: { creditLimit: '120000', paymentTerms: 'Net60' } })
  await submit(app, 'clara', proposal ?? '')
  const clara = await office.seat('clara', `/proposals/${proposal ?? ''}`)
  const carl = await office.seat('carl', '/', { atOnce: true })
  await open(carl, 'US-036')
  await press(carl, 'Leave out Credit limit')
  await carl.getByRole('textbox', { name: 'Why Credit limit is left out' }).fill('No order in sight')
  expect(await faults(carl)).toEqual([])
  await press(carl, /^Approve without it/)
  await carl.keyboard.press('Enter')
  await shows(clara, 'What was approved is written; 1 change was left out.')
  await shows(clara, 'Left out by Carl Okafor')
  await shows(clara, 'No order in sight')
  expect(await faults(clara)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('approved changes wait for the time that their author set, on a banner of their own, until they are recalled', async () => {
  await saveWorkflow(app, 'For later', id('olga'), ['US-039'], [approval('Manager', { users: [id('mia')] })])
  const proposal = await propose(app, 'clara', 'US-039', { creditLimit: '66000' })
  const clara = await office.seat('clara', '/customers/USMF/US-039')
  await press(clara, 'Schedule')
  const moment = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10)
  await clara.getByLabel('Not before').fill(`${moment}T10:00`)
  await press(clara, 'Set')
  await shows(clara, /^When it is approved, applies on/)
  await submit(app, 'clara', proposal)
  const mia = await office.seat('mia', '/', { atOnce: true })
  await open(mia, 'US-039')
  await mia.keyboard.press('a')
  await mia.keyboard.press('Enter')
  const banner = clara.getByRole('region', { name: /^Approval status: applies on/ })
  await banner.getByText(/^Approved, applies on .*10:00/).waitFor()
  await propose(app, 'colin', 'US-039', { paymentTerms: 'Net10' })
  await shows(clara, 'Changes not submitted')
  await banner.getByText('It waits for the other proposal to be closed.').waitFor()
  expect(await faults(clara)).toEqual([])
  await press(clara, /^Discard the change of Payment terms/)
  await banner.getByText('It waits for the other proposal to be closed.').waitFor({ state: 'hidden' })
  await banner.getByRole('button', { name: 'Recall' }).click()
  await clara.keyboard.type('Not before')
  // Whatever else becomes of the customer meanwhile.
  const other = await propose(app, 'colin', 'US-039', { paymentTerms: 'Net10' })
  await banner.getByText('It waits for the other proposal to be closed.').waitFor()
  await discard(app, 'colin', other)
  await banner.getByText('It waits for the other proposal to be closed.').waitFor({ state: 'hidden' })
  await clara.keyboard.type(' next year')
  await clara.keyboard.press('Enter')
  await expect.poll(() => statusOf(app, proposal)).toBe('DRAFT')
  await banner.waitFor({ state: 'hidden' })
  expect(office.complaints).toEqual([])
})

test('what was applied is proposed backwards, and an administrator gives it to somebody else and then ends its run', async () => {
  await saveWorkflow(app, 'There and back', id('olga'), ['US-040'], [approval('Manager', { users: [id('mia')] })])
  const first = await ask(app, 'colin', 'US-040', { creditLimit: '66000' })
  const mia = await office.seat('mia', '/', { atOnce: true })
  await open(mia, 'US-040')
  await mia.keyboard.press('a')
  await mia.keyboard.press('Enter')
  await expect.poll(() => statusOf(app, first)).toBe('APPLIED')

  const clara = await office.seat('clara', `/proposals/${first}`)
  await press(clara, 'Revert')
  await clara.keyboard.type('It was too early')
  await clara.keyboard.press('Enter')
  await shows(clara, 'Takes back an applied proposal')
  await press(clara, 'Submit for approval')
  await clara.keyboard.press('Enter')
  await shows(clara, 'Changes pending approval')

  const adam = await office.seat('adam', new URL(clara.url()).pathname)
  await adam.getByRole('button', { name: 'Reassign' }).click()
  await pick(adam, 'cora', 'Cora Novak')
  await press(adam, 'Reassign')
  await shows(clara, 'Waiting for Cora Novak')
  expect(await faults(adam)).toEqual([])
  await press(adam, 'Cancel run')
  await adam.keyboard.type('Wrong customer')
  await adam.keyboard.press('Enter')
  await shows(clara, 'Changes not submitted')
  expect(office.complaints).toEqual([])
})

test('who stands in finds the items of somebody who is away, and reads in whose place they sit', async () => {
  await saveWorkflow(app, 'While away', id('olga'), ['US-035'], [approval('Manager', { users: [id('mia')] })])
  await ask(app, 'clara', 'US-035', { creditLimit: '88000' })
  await setAbsence(app, id('mia'), id('tess'))
  const tess = await office.seat('tess')
  await line(tess, 'US-035').getByText('Standing in for Mia Lindgren').waitFor()
  await open(tess, 'US-035')
  await shows(tess, 'Mia Lindgren is away: you stand in')
  expect(await faults(tess)).toEqual([])
  expect(office.complaints).toEqual([])
})
