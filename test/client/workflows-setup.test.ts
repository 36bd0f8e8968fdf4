// Workflows in the set-up: an administrator designs one, is told what is wrong where it is wrong, and puts it into use; a clerk's
// changes then go the way that it says. What is edited is not lost, and what was saved can be read and taken up again.
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask, itemsOf } from './deeds.ts'
import { faults } from './looks.ts'
import { approval, people, saveWorkflow } from './workflows.ts'

const office = await openOffice()
const { app } = office
const person = await people(app)

/** At the workflows of USMF. */
const visit = async (user: string, path = '/setup/workflows'): Promise<Page> => {
  const page = await office.seat(user)
  await page.evaluate(() => localStorage.setItem('countersign.company', 'USMF'))
  await page.goto(`${app.url}${path}`)
  return page
}
const open = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { level: 2, name }).first().waitFor()
}
const tree = (page: Page): Locator => page.getByRole('navigation', { name: 'Elements' })
const row = (page: Page, name: string | RegExp): Locator => tree(page).getByRole('button', { name })
const add = async (page: Page, where: string, kind: string): Promise<void> => {
  await tree(page)
    .getByRole('button', { name: `Add an element: ${where}`, exact: true })
    .click()
  await page.getByRole('menuitem', { name: kind }).click()
}
const choose = async (page: Page, label: string, typed: string, option: RegExp): Promise<void> => {
  const field = page.getByRole('combobox', { name: label, exact: true })
  await field.fill(typed)
  await page.getByRole('option', { name: option }).first().click()
}
/** The names in the tree, in order. */
const namesIn = async (page: Page): Promise<string[]> =>
  (await tree(page).locator('[data-place] .name').allInnerTexts()).slice(1)

test('an administrator builds a workflow with two ways, mends what is wrong, activates it, and a clerk’s changes follow it', async () => {
  const adam = await visit('adam')
  await adam.getByRole('link', { name: 'New workflow' }).click()
  await adam.getByRole('textbox', { name: 'Name', exact: true }).fill('Two ways')
  await choose(adam, 'Owner', 'olga', /^Olga/)
  await adam.getByRole('textbox', { name: 'Applies when' }).fill('customer.account == "US-031"')

  await add(adam, 'the workflow', 'Condition')
  await adam.getByRole('textbox', { name: 'Name', exact: true }).fill('How much')
  await adam.getByRole('button', { name: /^1 Case 1/ }).click()
  await adam.getByRole('textbox', { name: 'Name', exact: true }).fill('Much')
  const when = adam.getByRole('textbox', { name: 'Taken when' })
  await when.fill('changes.creditLimit.delta > "much"')
  await adam.getByText('These do not go together: amount > text.').waitFor()
  expect(await when.getAttribute('aria-invalid')).toBe('true')
  await adam.getByText('at character 27').waitFor()
  await when.fill('changes.creditLimit.delta > 100000')
  await adam.getByText('The condition is well formed').waitFor()
  await adam.getByRole('button', { name: 'Try on a customer' }).click()
  await choose(adam, 'Customer', 'US-031', /US-031/)
  await adam.getByText(/^Does not hold for/).waitFor()
  await choose(adam, 'Add a change', 'credit limit', /^Credit limit/)
  await adam.getByRole('textbox', { name: 'Credit limit' }).fill('900000')
  await adam.getByText(/^Holds for/).waitFor()
  await adam.getByText(/→ 900,000.00/).waitFor()

  await add(adam, 'Much', 'Approval')
  await adam.getByRole('textbox', { name: 'Name', exact: true }).fill('Credit')
  await row(adam, /^How much/).click()
  await adam.getByRole('button', { name: 'Add “otherwise”' }).click()
  await add(adam, 'otherwise', 'Approval')
  await adam.getByRole('textbox', { name: 'Name', exact: true }).fill('Usual')
  await adam.getByRole('button', { name: 'Save', exact: true }).click()
  const summary = adam.getByRole('alert').filter({ hasText: 'It was not saved' })
  await summary.waitFor()
  // From the summary to the place, and there beside its field.
  await summary.getByRole('button').first().click()
  await adam.getByRole('combobox', { name: 'People', exact: true }).waitFor()
  await adam.getByText('This names nobody; add at least one person.').nth(1).waitFor()
  await adam.getByRole('combobox', { name: 'Ask' }).selectOption('A group')
  // Which one is asked, and not taken for granted.
  const group = adam.getByRole('combobox', { name: 'Group' })
  expect(await group.inputValue()).toBe('')
  await group.selectOption('credit')
  await row(adam, /^Usual/).click()
  await choose(adam, 'People', 'mia', /^Mia/)
  // A second step, whose name is typed at once.
  await adam.getByRole('button', { name: 'Add step' }).click()
  await adam.getByRole('heading', { name: 'Step 2' }).waitFor()
  await adam.keyboard.type('Second look')
  await row(adam, 'Second look').waitFor()
  await adam.getByRole('combobox', { name: 'Ask' }).selectOption('A group')
  await adam.getByRole('combobox', { name: 'Group' }).selectOption('treasury')
  await adam.getByRole('tab', { name: 'Picture' }).click()
  await adam.getByText('group credit (any one of them)').first().waitFor()
  await adam.getByRole('button', { name: 'Save and activate' }).click()
  const dialog = adam.getByRole('dialog')
  await dialog.getByText('New submits run on version 1 from now on.').waitFor()
  await dialog.getByRole('button', { name: 'Save and activate' }).click()
  await adam.getByText('Version 1 was saved and is active.').waitFor()
  await adam.getByText('Active, version 1').waitFor()

  const id = await ask(app, 'clara', 'US-031', { creditLimit: '1' })
  const [item] = await itemsOf(app, 'mia', 'US-031')
  expect(item?.step).toBe('Usual')
  const clara = await visit('clara', `/proposals/${id}`)
  await clara.getByText('Usual').first().waitFor()
  await clara.getByText('Two ways, version 1').first().waitFor()
})

test('elements are moved by keyboard across branches, removed and brought back, and every step is taken back', async () => {
  await saveWorkflow(
    app,
    'Moving',
    person('olga'),
    ['US-032'],
    [
      approval('First', { group: 'credit' }),
      {
        parallel: {
          name: 'Both',
          branches: [
            { name: 'Left', elements: [approval('L', { group: 'credit' })] },
            { name: 'Right', elements: [approval('R', { group: 'treasury' })] },
          ],
        },
      },
    ],
  )
  const adam = await visit('adam')
  await open(adam, 'Moving')
  await row(adam, /^First/).waitFor()
  expect(await namesIn(adam)).toEqual(['First', 'Both', 'Left', 'L', 'Right', 'R'])
  await row(adam, /^First/).focus()
  await adam.keyboard.press('Alt+ArrowDown')
  expect(await namesIn(adam)).toEqual(['Both', 'Left', 'First', 'L', 'Right', 'R'])
  await adam.keyboard.press('Alt+ArrowDown')
  await adam.keyboard.press('Alt+ArrowDown')
  expect(await namesIn(adam)).toEqual(['Both', 'Left', 'L', 'Right', 'First', 'R'])
  await adam.keyboard.press('Delete')
  expect(await namesIn(adam)).toEqual(['Both', 'Left', 'L', 'Right', 'R'])
  await adam.getByRole('status').getByRole('button', { name: 'Undo' }).click()
  expect(await namesIn(adam)).toEqual(['Both', 'Left', 'L', 'Right', 'First', 'R'])
  const bar = adam.getByRole('group', { name: 'Editor' })
  for (let steps = 0; steps < 3; steps++) await bar.getByRole('button', { name: 'Undo' }).click()
  expect(await namesIn(adam)).toEqual(['First', 'Both', 'Left', 'L', 'Right', 'R'])
  await bar.getByText('Saved', { exact: true }).waitFor()
  await bar.getByRole('button', { name: 'Redo' }).click()
  // Anywhere at once, by keyboard alone: to its form, to the places, and back.
  await row(adam, /^First/).focus()
  await adam.keyboard.press('Enter')
  await adam.getByRole('region', { name: 'First' }).waitFor()
  expect(await adam.getByRole('region', { name: 'First' }).evaluate((form) => form === document.activeElement)).toBe(
    true,
  )
  await adam.keyboard.press('Escape')
  expect(await row(adam, /^First/).evaluate((line) => line === document.activeElement)).toBe(true)
  await adam.keyboard.press('m')
  const places = adam.getByRole('dialog', { name: 'Where should “First” stand?' })
  const here = places.getByRole('radio', { name: /Both: Left it stands here/ })
  expect(await here.evaluate((place) => place === document.activeElement)).toBe(true)
  expect(await faults(adam)).toEqual([])
  for (let places = 0; places < 3; places++) await adam.keyboard.press('ArrowDown')
  expect(await places.getByRole('radio', { name: /^After R/ }).isChecked()).toBe(true)
  await adam.keyboard.press('Enter')
  await places.waitFor({ state: 'detached' })
  expect(await namesIn(adam)).toEqual(['Both', 'Left', 'L', 'Right', 'R', 'First'])
  await adam.waitForFunction(() => document.activeElement?.textContent.includes('First'))
  await bar.getByRole('button', { name: 'Undo' }).click()
  // Leaving and loading anew keep what is not saved.
  await adam.getByRole('main').getByRole('link', { name: 'Workflows' }).last().click()
  await adam.getByRole('row', { name: /^Moving .*changes not saved/ }).waitFor()
  await open(adam, 'Moving')
  await row(adam, /^First/).waitFor()
  expect(await namesIn(adam)).toEqual(['Both', 'Left', 'First', 'L', 'Right', 'R'])
  adam.on('dialog', (asked) => void asked.accept())
  await adam.reload()
  await row(adam, /^First/).waitFor()
  expect(await namesIn(adam)).toEqual(['Both', 'Left', 'First', 'L', 'Right', 'R'])
})

test('versions are read, taken up again and activated; a workflow goes out of use and is deleted', async () => {
  await saveWorkflow(app, 'Short life', person('olga'), ['US-033'], [approval('Old', { group: 'credit' })])
  const adam = await visit('adam')
  await open(adam, 'Short life')
  await row(adam, /^Old/).click()
  await adam.getByRole('textbox', { name: 'Name', exact: true }).fill('New')
  await row(adam, /^Name and when/).click()
  await adam.getByRole('textbox', { name: 'Note on this version' }).fill('Renamed')
  await adam.keyboard.press('Control+s')
  await adam.getByText('Version 2 was saved. It is not active yet.').waitFor()
  await adam.getByRole('link', { name: /^Versions/ }).click()
  await adam.getByRole('row', { name: /Version 2 Renamed/ }).waitFor()
  // What it says otherwise than the one in use.
  await adam.getByRole('link', { name: 'Version 2', exact: true }).click()
  const changed = adam.getByRole('region', { name: 'What changed' })
  await changed.getByRole('deletion').first().waitFor()
  expect(await changed.getByRole('deletion').allTextContents()).toEqual(['Taken out: Old: approval.'])
  expect(await changed.getByRole('insertion').allTextContents()).toEqual(['Added: New: approval.'])
  expect(await changed.getByRole('listitem').count()).toBe(2)
  expect(await faults(adam)).toEqual([])
  // Whom it would ask, before it is put into use; what is edited and not saved is not in it.
  await adam.getByRole('link', { name: 'Preview version 2' }).click()
  await choose(adam, 'Customer', 'US-033', /US-033/)
  await choose(adam, 'Add a change', 'credit limit', /^Credit limit/)
  await adam.getByRole('textbox', { name: 'Credit limit' }).fill('900000')
  const route = adam.getByRole('region', { name: 'Route' })
  await route.getByText('It would run on “Short life”, version 2.').waitFor()
  await route.getByText(/This previews version 2, which is not active/).waitFor()
  await route.getByText('New', { exact: true }).first().waitFor()
  expect(await route.getByText(/not saved under Design/).count()).toBe(0)
  expect(await faults(adam)).toEqual([])
  await adam.getByRole('combobox', { name: 'Preview of' }).selectOption('Version 1, active')
  await route.getByText('It would run on “Short life”, version 1.').waitFor()
  await route.getByText('Old', { exact: true }).first().waitFor()
  await adam.getByRole('link', { name: 'Design' }).click()
  await row(adam, /^New/).click()
  await adam.getByRole('textbox', { name: 'Name', exact: true }).fill('Newer')
  // From the design one comes to the version that was saved last.
  await adam.getByRole('link', { name: 'Preview', exact: true }).click()
  await route.getByText(/not saved under Design is not in it: it is of version 2 as it was saved/).waitFor()
  await route.getByText('New', { exact: true }).first().waitFor()
  await adam.getByRole('link', { name: 'Design' }).click()
  await adam.getByRole('group', { name: 'Editor' }).getByRole('button', { name: 'Undo' }).click()
  await adam.getByRole('link', { name: /^Versions/ }).click()
  await adam.getByRole('link', { name: 'Version 1', exact: true }).click()
  await adam.getByRole('figure').getByText('Old').first().waitFor()
  expect(await faults(adam)).toEqual([])
  await adam.getByRole('button', { name: 'Edit from version 1' }).click()
  await row(adam, /^Old/).waitFor()
  await adam.getByRole('group', { name: 'Editor' }).getByRole('button', { name: 'Undo' }).click()
  await row(adam, /^New/).waitFor()

  await adam.getByRole('button', { name: 'Activate version 2' }).click()
  await adam.getByRole('dialog').getByRole('button', { name: 'Activate' }).click()
  await adam.getByText('Active, version 2').waitFor()
  await adam.getByRole('button', { name: 'More', exact: true }).click()
  await adam.getByRole('menuitem', { name: 'Deactivate' }).click()
  await adam.getByRole('dialog').getByText('No new submit runs on it.').waitFor()
  await adam.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click()
  await adam.getByText('Not in use').waitFor()
  await adam.getByRole('button', { name: 'More', exact: true }).click()
  await adam.getByRole('menuitem', { name: 'Delete' }).click()
  await adam.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await adam.getByRole('link', { name: 'Customer changes' }).waitFor()
  expect(await adam.getByRole('link', { name: 'Short life' }).count()).toBe(0)
})

test('the list and the forms: nothing for axe to find', async () => {
  const adam = await visit('adam')
  await adam.getByRole('link', { name: 'Customer changes' }).waitFor()
  expect(await faults(adam)).toEqual([])
  await open(adam, 'Customer changes')
  await row(adam, 'Credit, large').click()
  await adam.getByRole('button', { name: 'Variables' }).click()
  await adam.getByRole('searchbox', { name: 'Search variables' }).fill('credit limit')
  await adam.getByText('The condition is well formed').first().waitFor()
  expect(await faults(adam)).toEqual([])
})

test('the picture and the trial of a design: nothing for axe to find', async () => {
  const adam = await visit('adam')
  await open(adam, 'Customer changes')
  await adam.getByRole('tab', { name: 'Picture' }).click()
  await adam.getByText('As text').click()
  expect(await faults(adam)).toEqual([])
  await adam.getByRole('tab', { name: 'Try' }).click()
  await choose(adam, 'Customer', 'US-034', /US-034/)
  await adam
    .getByText(/Does not hold for/)
    .first()
    .waitFor()
  expect(await faults(adam)).toEqual([])
})

test('a clerk reads a workflow, and sees beforehand who would be asked', async () => {
  const clara = await visit('clara')
  await open(clara, 'Customer changes')
  await clara.getByRole('figure').getByText('Specialists').first().waitFor()
  expect(await clara.getByRole('button', { name: 'Save' }).count()).toBe(0)
  await clara.getByRole('link', { name: 'Preview' }).click()
  await choose(clara, 'Customer', 'US-034', /US-034/)
  await choose(clara, 'Add a change', 'credit limit', /^Credit limit/)
  await clara.getByRole('textbox', { name: 'Credit limit' }).fill('900000')
  await clara.getByText(/It would run on “Customer changes”/).waitFor()
  await clara.getByText('Credit, large').first().waitFor()
  expect(await faults(clara)).toEqual([])
})

test('an administrator, who may not submit, looks ahead as well, and as if a certain member submitted', async () => {
  const adam = await visit('adam')
  await open(adam, 'Customer changes')
  await adam.getByRole('link', { name: 'Preview' }).click()
  await choose(adam, 'Customer', 'US-034', /US-034/)
  await choose(adam, 'Add a change', 'credit limit', /^Credit limit/)
  await adam.getByRole('textbox', { name: 'Credit limit' }).fill('900000')
  await adam.getByText(/It would run on “Customer changes”/).waitFor()
  const route = adam.getByRole('region', { name: 'Route' })
  await choose(adam, 'As if this person submitted', 'clara', /^Clara/)
  await route.getByText('Mia Lindgren').first().waitFor()
  // Whose manager is somebody else.
  await choose(adam, 'As if this person submitted', 'mia', /^Mia/)
  await route.getByText('Mia Lindgren').waitFor({ state: 'detached' })
  await route.getByText('Olga Petrova').first().waitFor()
  expect(await faults(adam)).toEqual([])
})

test('what is wrong is said beside its element while one edits, without a save and without moving what one types in', async () => {
  await saveWorkflow(app, 'Checked', person('olga'), ['US-035'], [approval('Only', { group: 'credit' })])
  const adam = await visit('adam')
  await open(adam, 'Checked')
  await row(adam, /^Only/).click()
  const ask = adam.getByRole('combobox', { name: 'Ask' })
  const top = (await ask.boundingBox())?.y
  await ask.selectOption('People by name')
  await adam.getByText('This names nobody; add at least one person.').first().waitFor()
  await row(adam, /^Only .*has an error/).waitFor()
  const bar = adam.getByRole('group', { name: 'Editor' })
  await bar.getByRole('button', { name: '1 error' }).waitFor()
  expect((await ask.boundingBox())?.y).toBe(top)
  expect(await faults(adam)).toEqual([])
  // From anywhere else one comes to it by its count.
  await row(adam, /^Name and when/).click()
  await bar.getByRole('button', { name: '1 error' }).click()
  await choose(adam, 'People', 'cora', /^Cora/)
  await bar.getByRole('button', { name: '1 error' }).waitFor({ state: 'detached' })
  const { workflows } = await app.ask<{ workflows: { id: string; name: string; versions: object[] }[] }>(
    'adam',
    '{ workflows(company: "USMF") { id name versions { id } } }',
  )
  const checked = workflows.find(({ name }) => name === 'Checked')
  expect(checked?.versions.length).toBe(1)

  // Somebody else saves meanwhile: it is said as soon as one goes on, and neither's work goes without a word.
  const theirs = [approval('Only', { group: 'treasury' })]
  await saveWorkflow(app, 'Checked', person('olga'), ['US-035'], theirs, { workflowId: checked?.id })
  await row(adam, /^Only/).click()
  await adam.getByRole('textbox', { name: 'Name', exact: true }).fill('Mine')
  await bar.getByText('Adam Wright has saved version 2 meanwhile.').waitFor()
  expect(await bar.getByRole('button', { name: 'Save', exact: true }).isEnabled()).toBe(false)
  expect(await faults(adam)).toEqual([])
  await bar.getByRole('button', { name: 'Show it' }).click()
  await adam.getByText('Asks group treasury (any one of them)').first().waitFor()
  await adam.getByRole('link', { name: 'Design' }).click()
  await bar.getByRole('button', { name: 'Save mine as the next version' }).click()
  await adam.getByText('Version 3 was saved. It is not active yet.').waitFor()
})

test('nothing went wrong in any of them', () => {
  expect(office.complaints).toEqual([])
})
