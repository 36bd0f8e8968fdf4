// Who takes work and when, set up in the browser: absences that hand over what is open, queues and calendars.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask } from './deeds.ts'
import { faults } from './looks.ts'
import { approval, people, saveWorkflow } from './workflows.ts'

const office = await openOffice()
const { app } = office

const line = (page: Page, account: string) => page.getByRole('listitem').filter({ hasText: account })
/** The administrator of two companies, in the one with a workflow. */
const seatAdam = async (path: string): Promise<Page> => {
  const adam = await office.seat('adam')
  await adam.getByRole('combobox', { name: 'Company' }).selectOption('USMF')
  await adam.goto(`${app.url}${path}`)
  return adam
}
const row = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text })
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).first().click()
const said = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor()
const refused = (page: Page, text: string | RegExp) => page.getByRole('alert').filter({ hasText: text }).waitFor()
/** Types part of a name and takes who is found. */
const pick = async (page: Page, label: string, typed: string, name: RegExp): Promise<void> => {
  await page.getByRole('combobox', { name: label }).fill(typed)
  await page.getByRole('option', { name }).click()
}
/** A day from now, as the control for it takes it. */
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16)

test('an absence hands what is open to the stand-in at once, and back when it is ended', async () => {
  const tess = await office.seat('tess')
  await tess.getByText('Nothing waits for you.').waitFor()
  const adam = await seatAdam('/setup/absences')
  await adam.getByText('Nobody else of USMF is away or will be.').waitFor()
  expect(await faults(adam)).toEqual([])

  await adam.getByRole('link', { name: 'Set an absence' }).click()
  await press(adam, 'Save absence')
  await refused(adam, 'Choose who stands in.')
  await refused(adam, 'Say until when.')
  expect(await faults(adam)).toEqual([])
  await pick(adam, 'Who is away', 'mia', /Mia Lindgren/)
  await pick(adam, 'Stand-in', 'tess', /Tess Moreau/)
  await adam.getByLabel('Until').fill(inDays(2))
  await press(adam, 'Save absence')
  await said(adam, 'Tess Moreau stands in.')
  await line(tess, 'US-010').first().getByText('Standing in for Mia Lindgren').waitFor()

  await row(adam, 'Mia Lindgren').getByRole('cell', { name: 'away now', exact: true }).waitFor()
  expect(await faults(adam)).toEqual([])
  await press(adam, /^End ?: Mia Lindgren/)
  await adam.getByRole('dialog').getByText('Mia Lindgren answers again from now on').waitFor()
  await press(adam, 'End absence')
  await said(adam, 'The absence of Mia Lindgren has ended')
  await adam.getByText('Nobody else of USMF is away or will be.').waitFor()
  await line(tess, 'US-010').first().getByText('Standing in for Mia Lindgren').waitFor({ state: 'detached' })
  expect(office.complaints).toEqual([])
})

test('a clerk sets an absence of their own and no other, and one that overlaps is refused beside its field', async () => {
  const clara = await office.seat('clara', '/setup/absences')
  await clara.getByText('You have no absence ahead.').waitFor()
  const set = async (from: number, until: number) => {
    await clara.getByRole('link', { name: 'Set an absence' }).click()
    await pick(clara, 'Stand-in', 'colin', /Colin Baker/)
    await clara.getByLabel('From').fill(inDays(from))
    await clara.getByLabel('Until').fill(inDays(until))
    await press(clara, 'Save absence')
  }
  await set(10, 20)
  await said(clara, 'Colin Baker stands in.')
  await row(clara, 'Colin Baker').getByRole('cell', { name: 'to come', exact: true }).waitFor()
  expect(await clara.getByText(/Others of USMF|Nobody else of USMF/).count()).toBe(0)
  await set(15, 25)
  await refused(clara, 'Clara Keller is away already from')
  expect(await clara.getByRole('combobox', { name: 'Who is away' }).count()).toBe(0)
  expect(await clara.getByLabel('From').getAttribute('aria-invalid')).toBe('true')

  // What was typed is there again for who comes back to it.
  const typed = await clara.getByLabel('Until').inputValue()
  await clara.getByRole('link', { name: 'Queue', exact: true }).click()
  await clara.getByLabel('Until').waitFor({ state: 'detached' })
  await clara.goBack()
  expect(await clara.getByLabel('Until').inputValue()).toBe(typed)
  await press(clara, 'Cancel')
  await press(clara, /^Take back/)
  await press(clara, 'Take absence back')
  await said(clara, 'Your absence was taken back.')
  await clara.getByText('You have no absence ahead.').waitFor()
  expect(office.complaints).toEqual([])
})

test('a queue is made of people and of a group, says what waits in it, and keeps the name by which it is asked', async () => {
  const adam = await seatAdam('/setup/queues')
  await adam.getByText('No queues yet.').waitFor()
  await adam.getByRole('link', { name: 'New queue' }).click()
  await press(adam, 'Create queue')
  await refused(adam, "A queue's name")
  await adam.getByLabel('Name', { exact: true }).fill('Back office')
  await pick(adam, 'Members', 'tess', /Tess Moreau/)
  await adam.getByRole('combobox', { name: 'Add everybody of a group' }).selectOption({ label: 'credit (2)' })
  expect(await faults(adam)).toEqual([])
  await press(adam, 'Create queue')
  await said(adam, 'The queue Back office is saved: 3 people can claim from it.')
  await row(adam, 'Back office').getByText('Cora Novak, Carl Okafor and Tess Moreau').waitFor()

  const id = await people(app)
  await saveWorkflow(app, 'By queue', id('olga'), ['US-041'], [approval('Office', { queue: 'Back office' })])
  await ask(app, 'clara', 'US-041', { creditLimit: '88000' })
  await adam.reload()
  await row(adam, 'Back office').getByRole('cell', { name: '1', exact: true }).waitFor()
  await row(adam, 'Back office').getByRole('link', { name: 'By queue' }).waitFor()
  expect(await faults(adam)).toEqual([])

  await adam.getByRole('link', { name: 'Back office' }).click()
  await adam.getByText('1 waiting to be claimed, 0 claimed').waitFor()
  await press(adam, 'Remove Cora Novak')
  await adam.getByLabel('Name', { exact: true }).fill('Desk')
  await press(adam, 'Save')
  await refused(adam, 'An active workflow asks the queue "Back office" by this name')
  await adam.getByLabel('Name', { exact: true }).fill('Back office')
  await adam.getByText('Cora Novak finds its items no longer.').waitFor()
  await press(adam, 'Save')
  await said(adam, '2 people can claim from it.')

  const audrey = await office.seat('audrey', '/setup/queues')
  await audrey.getByText('You read this as auditor of USMF.').waitFor()
  await row(audrey, 'Back office').getByText('Carl Okafor and Tess Moreau').waitFor()
  await row(audrey, 'Back office').getByRole('cell', { name: '1', exact: true }).waitFor()
  expect(await audrey.getByRole('link', { name: 'New queue' }).count()).toBe(0)
  expect(office.complaints).toEqual([])
})

test('a calendar is made with its zone, hours and holidays; what cannot be is refused beside its day', async () => {
  const adam = await seatAdam('/setup/calendars')
  await row(adam, 'Contoso USA').getByText('Mon–Fri 9:00 AM – 5:00 PM').waitFor()
  expect(await faults(adam)).toEqual([])
  await adam.getByRole('link', { name: 'New calendar' }).click()
  await adam.getByLabel('Name').fill('Contoso USA')
  await refused(adam, 'There is a calendar Contoso USA already')
  await adam.getByLabel('Name').fill('Werk Nord')
  await pick(adam, 'Time zone', 'berlin', /Europe\/Berlin/)
  await adam.getByLabel('Friday, closes at').fill('08:00')
  await adam.getByLabel('Day', { exact: true }).fill('2027-12-24')
  await press(adam, 'Add day')
  await press(adam, 'Create calendar')
  await refused(adam, 'Opening hours of Friday')
  expect(await adam.getByLabel('Friday, closes at').getAttribute('aria-invalid')).toBe('true')
  expect(await faults(adam)).toEqual([])
  await adam.getByLabel('Friday, closes at').fill('15:00')
  await adam.getByText('38 hours a week').waitFor()
  await press(adam, 'Create calendar')
  await said(adam, 'The calendar Werk Nord is saved.')
  await row(adam, 'Werk Nord').getByText('Mon–Thu 9:00 AM – 5:00 PM, Fri 9:00 AM – 3:00 PM').waitFor()

  await adam.getByRole('link', { name: 'Werk Nord' }).click()
  await adam.getByLabel('Saturday is open').check()
  await adam.getByLabel('Saturday, closes at').fill('00:00')
  await adam.getByText('It is open 53 hours a week.').waitFor()
  await press(adam, 'Save')
  await said(adam, 'The calendar Werk Nord is saved.')

  const audrey = await office.seat('audrey', '/setup/calendars/Werk%20Nord')
  await audrey.getByText('9:00 AM – 12:00 AM').waitFor()
  await audrey.getByText('Fri, Dec 24').waitFor()
  expect(await audrey.getByRole('button', { name: 'Save' }).count()).toBe(0)
  expect(await faults(audrey)).toEqual([])
  expect(office.complaints).toEqual([])
})
