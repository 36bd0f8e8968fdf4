// Files as clerks send them: told column by column, looked at, committed, watched to their end; what is refused and what moves meanwhile.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice, violations } from '../helpers/people.ts'
import { propose } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const choose = (page: Page, name: string, lines: readonly string[]) =>
  page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(`${lines.join('\n')}\n`) })
/** Says what a column is, by typing part of it. */
const say = async (page: Page, column: string, typed: string, option: RegExp): Promise<void> => {
  await page.getByRole('combobox', { name: `Field of the column ${column}` }).fill(typed)
  await page.getByRole('option', { name: option }).click()
}

test('a clerk tells the columns of a file, looks at the plan, commits it, and takes the refused rows home', async () => {
  const clara = await office.seat('clara', '/imports')
  await shows(clara, 'No imports yet.')
  expect(await faults(clara)).toEqual([])
  const lines = [
    'Customer no;Credit limit;Phone;Remark',
    'US-050;81000.00;+1 555 0150;as agreed',
    'US-051;much;+1 555 0151;',
    'US-052;;+1 555 0152;"a; b"',
  ]
  await choose(clara, 'customers.csv', lines)
  await shows(clara, 'Say what 2 columns are, or that they are not imported.')
  await shows(clara, 'a; b')
  expect(await clara.getByLabel('Delimiter').locator('option:checked').innerText()).toBe('Semicolon (found out)')
  expect(await faults(clara)).toEqual([])
  await say(clara, 'Customer no', 'account', /^Account\b.*by which/)
  await say(clara, 'Remark', 'do not', /^Do not import/)
  await press(clara, 'Upload and plan')

  await shows(clara, '1 customer updated and changes proposed for 1 customer. 1 row cannot be used.')
  const filter = clara.getByRole('navigation', { name: 'Rows by outcome' })
  expect(await faults(clara)).toEqual([])
  await filter.getByRole('link', { name: 'Invalid' }).click()
  await shows(clara, 'Credit limit must be a decimal number')
  await clara.getByRole('cell', { name: 'US-050' }).waitFor({ state: 'hidden' })
  expect(new URL(clara.url()).searchParams.get('outcome')).toBe('INVALID')
  await clara.goBack()
  await clara.getByRole('cell', { name: 'US-050' }).waitFor()

  await press(clara, 'Commit 2 rows')
  const dialog = clara.getByRole('dialog', { name: 'Commit customers.csv?' })
  await dialog.getByText(/1 customer updated.*What is written is in force at once\. Changes are proposed/).waitFor()
  expect(await faults(clara)).toEqual([])
  await press(clara, 'Commit')
  await shows(clara, 'This is what the import did:')
  await shows(clara, '81,000.00')
  expect(await faults(clara)).toEqual([])
  const saved = clara.waitForEvent('download')
  await press(clara, 'Download refused rows')
  const file = await saved
  expect(file.suggestedFilename()).toBe('customers-refused.csv')
  const refused: Buffer[] = []
  for await (const chunk of await file.createReadStream()) refused.push(chunk as Buffer)
  expect(Buffer.concat(refused).toString()).toMatch(/US-051;much/)

  await clara.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Imports' }).click()
  await clara.getByRole('row', { name: /customers\.csv.*Done/ }).waitFor()
  // What is there already is nothing to be carried out.
  await choose(clara, 'same.csv', ['account;Phone', 'US-052;+1 555 0152'])
  await press(clara, 'Upload and plan')
  await shows(clara, 'Nothing would be written: no row changes anything.')
  expect(await clara.getByRole('button', { name: 'Commit', exact: true }).getAttribute('class')).not.toContain(
    'primary',
  )
  expect(await faults(clara)).toEqual([])
  await clara.getByRole('link', { name: 'Imports', exact: true }).first().click()
  // Nothing was said of it.
  await choose(clara, 'same.csv', ['account;Phone', 'US-052;+1 555 0152'])
  await clara.getByRole('button', { name: 'Upload and plan', disabled: false }).waitFor()
  expect(await clara.getByText('As you chose for the last file').count()).toBe(0)
  // The same header again: what was said of it is known.
  await choose(clara, 'next.csv', lines)
  await shows(clara, 'As you chose for the last file with these columns.')
  expect(await clara.getByRole('combobox', { name: 'Field of the column Customer no' }).inputValue()).toBe('Account')
  await clara.getByRole('button', { name: 'Upload and plan', disabled: false }).waitFor()
  expect(office.complaints).toEqual([])
})

test('a file that is refused says why in the server’s words, where it was sent, and stands in the list', async () => {
  const clara = await office.seat('clara', '/imports')
  await choose(clara, 'broken.csv', ['account;Phone', 'US-001;"+1 555'])
  await press(clara, 'Upload and plan')
  await clara.getByRole('alert').getByText('opens a quote that is never closed').waitFor()
  const again = clara.getByRole('button', { name: 'Send again' })
  expect(await again.evaluate((button) => button === document.activeElement)).toBe(true)
  await clara.getByRole('row', { name: /broken\.csv.*Failed/ }).waitFor()
  expect(await faults(clara)).toEqual([])
  await clara.getByRole('link', { name: 'broken.csv' }).click()
  await shows(clara, 'Nothing was written.')
  await shows(clara, 'opens a quote that is never closed')
  expect(office.complaints.filter((one) => !one.includes('422'))).toEqual([])
  office.complaints.length = 0
})

test('an upload says how far it is, goes on while one is elsewhere, and ends when it is cancelled', async () => {
  const clara = await office.seat('clara', '/imports')
  const line = await clara.context().newCDPSession(clara)
  await line.send('Network.enable')
  await choose(clara, 'large.csv', [
    'account;Phone',
    ...Array.from({ length: 200_000 }, (_, n) => `BIG-${n};+1 555 ${n}`),
  ])
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 }
  await line.send('Network.emulateNetworkConditions', slow)
  await press(clara, 'Upload and plan')
  const bar = clara.getByRole('progressbar', { name: 'Sending large.csv' })
  await bar.waitFor()
  const done = async () => Number(await bar.getAttribute('aria-valuenow'))
  await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(2)
  await clara.getByRole('link', { name: 'Customers', exact: true }).click()
  await clara.getByRole('heading', { name: 'Customers' }).waitFor()
  await clara.getByRole('link', { name: 'Imports', exact: true }).click()
  const before = await done()
  await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(before)
  expect(await violations(clara)).toEqual([])
  await press(clara, 'Cancel upload')
  // What was said of its columns is still there.
  await clara.getByRole('button', { name: 'Upload and plan' }).waitFor()
  await clara.getByRole('row', { name: /large\.csv.*Failed.*broke off/ }).waitFor()
  expect(office.complaints).toEqual([])
})

test('an upload that waits for an earlier one of the same file to end can be cancelled, too', async () => {
  const clara = await office.seat('clara', '/imports')
  await clara.route('**/imports?*', (route) =>
    route.fulfill({ status: 409, headers: { 'retry-after': '60' }, json: { message: 'It is still on its way.' } }),
  )
  await choose(clara, 'twice.csv', ['account;Phone', 'US-001;+1 555 0101'])
  const answered = clara.waitForResponse(/imports\?/)
  await press(clara, 'Upload and plan')
  await answered
  await press(clara, 'Cancel upload')
  await clara.getByRole('button', { name: 'Upload and plan' }).waitFor()
  expect(office.complaints.filter((one) => !one.includes('409'))).toEqual([])
  office.complaints.length = 0
})

test('a plan that would come to something else by now is refused, and the new one is there to be committed', async () => {
  const clara = await office.seat('clara', '/imports')
  await choose(clara, 'terms.csv', ['account,creditLimit', 'US-070,91000', 'US-071,92000'])
  await press(clara, 'Upload and plan')
  await shows(clara, 'Changes proposed for 2 customers.')
  await propose(app, 'colin', 'US-070', { creditLimit: '60001' })
  await press(clara, 'Commit 2 rows')
  await press(clara, 'Commit')
  await shows(clara, 'The plan has changed since you looked at it.')
  await shows(clara, 'Before: Changes proposed for 2 customers.')
  await shows(clara, 'Changes proposed for 1 customer. 1 row is refused.')
  await clara.getByRole('link', { name: 'The open proposal' }).waitFor()
  expect(await faults(clara)).toEqual([])
  const colin = await office.seat('colin', new URL(clara.url()).pathname)
  await shows(colin, 'Clara Keller has sent the file and commits it: its changes are proposed in their name.')
  expect(await colin.getByText('in your name').count()).toBe(0)
  await press(clara, 'Commit 1 row')
  await press(clara, 'Commit')
  await shows(clara, 'Changes proposed for 1 customer. 1 row was refused.')
  expect(office.complaints).toEqual([])
})

test('who may not send files sees why, and the imports of others', async () => {
  const cora = await office.seat('cora', '/imports')
  await shows(cora, 'Sending a file takes the role Clerk')
  expect(await cora.locator('input[type=file]').count()).toBe(0)
  expect(await faults(cora)).toEqual([])
  expect(office.complaints).toEqual([])
})
