// How files come in: dropped anywhere on the page, packed, as JSON lines; and an import that goes on while the server was away.
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Columns } from '../../client/src/lib/imports/columns.ts'
import type { ImportColumn, ImportField } from '../../client/src/lib/documents/imports.ts'
import { columnNamed } from '../../server/domain/column-names.ts'
import { until } from '../helpers/app.ts'
import { openOffice } from '../helpers/people.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const column = (page: Page, name: string) => page.getByRole('combobox', { name: `Field of the column ${name}` })
const choose = (page: Page, name: string, buffer: Buffer) =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })

/** Holds files over the page, then lets them go, as a person does who brings them from a folder. */
const drop = async (page: Page, files: Record<string, string>): Promise<void> => {
  const dataTransfer = await page.evaluateHandle((all) => {
    const held = new DataTransfer()
    for (const [name, text] of Object.entries(all)) held.items.add(new File([text], name))
    return held
  }, files)
  for (const type of ['dragover', 'drop']) await page.getByRole('main').dispatchEvent(type, { dataTransfer })
}
const say = async (page: Page, name: string, typed: string, option: RegExp): Promise<void> => {
  await column(page, name).fill(typed)
  await page.getByRole('option', { name: option }).click()
}

test('a file is dropped anywhere on the page; of several one is asked for, and of an empty one nothing is sent', async () => {
  const clara = await office.seat('clara', '/imports')
  await clara.getByRole('button', { name: 'Choose a file' }).waitFor()
  await drop(clara, { 'a.csv': 'account\nUS-001', 'b.csv': 'account\nUS-002' })
  await clara.getByRole('alert').getByText('One file at a time: choose which one.').waitFor()
  await drop(clara, { 'none.csv': '' })
  await clara.getByRole('alert').getByText('The file is empty.').waitFor()
  expect(await faults(clara)).toEqual([])
  await drop(clara, { 'dropped.csv': 'account,Rahmen\nUS-080,80000\n' })
  await shows(clara, 'dropped.csv')
  await say(clara, 'Rahmen', 'credit lim', /^Credit limit/)
  // Another takes its place, and what was said of it; a browser that is not kept from it would go there.
  await drop(clara, { 'again.csv': 'account,Rahmen\nUS-080,81000\n' })
  await shows(clara, 'again.csv')
  await shows(clara, 'As you chose for the last file with these columns.')
  expect(await column(clara, 'Rahmen').inputValue()).toBe('Credit limit')
  // Chosen once more it is written as it is called, not as it was typed.
  await say(clara, 'Rahmen', 'credit lim', /^Credit limit/)
  await column(clara, 'account').focus()
  expect(await column(clara, 'Rahmen').inputValue()).toBe('Credit limit')
  await press(clara, 'Upload and plan')
  await clara.getByRole('heading', { name: 'again.csv' }).waitFor()
  await shows(clara, 'Changes proposed for 1 customer.')
  expect(office.complaints).toEqual([])
})

test('a file that nobody could import says so before it is sent, and columns that nobody knows are left out at once', async () => {
  const clara = await office.seat('clara', '/imports')
  const send = clara.getByRole('button', { name: 'Upload and plan' })
  await choose(clara, 'customers.xlsx', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(500, 7)]))
  await clara.getByRole('alert').getByText('Save it as CSV (UTF-8) and choose that.').waitFor()
  const wide = Array.from({ length: 501 }, (_, n) => `column ${n}`)
  await choose(clara, 'wide.csv', Buffer.from(`${wide.join(',')}\n`))
  await clara.getByRole('alert').getByText('The file has 501 columns; 500 are the most.').waitFor()
  expect(await send.count()).toBe(0)
  await choose(clara, 'names.csv', Buffer.from('account,,Name,name,Remark\nUS-087,a,b,c,d\n'))
  await shows(clara, 'A column has no name in the header')
  expect(await clara.getByText('Another column has this name, too').count()).toBe(2)
  // What has no name of its own cannot be told.
  expect(await clara.getByRole('combobox', { name: /^Field of the column/ }).count()).toBe(2)
  expect(await faults(clara)).toEqual([])

  // Spreadsheets write delimiters behind the last name, too.
  await choose(clara, 'many.csv', Buffer.from('account,Phone,Remark,Fax,,\nUS-087,+13125550187,NULL,NULL,,\n'))
  await shows(clara, 'Say what 2 columns are, or that they are not imported.')
  await clara.getByRole('button', { name: 'Do not import these 2' }).click()
  expect(await column(clara, 'Remark').inputValue()).toBe('Do not import')
  expect(await send.evaluate((button) => button === document.activeElement)).toBe(true)
  await press(clara, 'Take NULL for nothing')
  expect(await clara.getByLabel('Texts that mean nothing').inputValue()).toBe('NULL')
  await say(clara, 'Fax', 'state', /^Addresses: State/)
  expect(await faults(clara)).toEqual([])
  await send.click()
  await shows(clara, '1 customer updated.')
  await shows(clara, 'Phone')
  expect(await clara.getByText('NULL').count()).toBe(0)
  // Beginning anew forgets all of it.
  await clara.getByRole('link', { name: 'Imports', exact: true }).first().click()
  await choose(clara, 'many.csv', Buffer.from('account,Phone,Remark,Fax\nUS-087,+13125550187,NULL,NULL\n'))
  await press(clara, 'Start over')
  await shows(clara, 'Say what 2 columns are')
  expect(await clara.getByLabel('Texts that mean nothing').inputValue()).toBe('')
  expect(office.complaints).toEqual([])
})

test('columns are taken for what the server takes them for by their names, which it tells', async () => {
  const { customerFields, importColumns } = await app.ask<{
    customerFields: ImportField[]
    importColumns: ImportColumn[]
  }>(
    'clara',
    `{ customerFields(company: "USMF") { name label record group order type d365Name requiresApproval }
      importColumns { field names } }`,
  )
  const known = new Columns(customerFields, importColumns)
  expect(importColumns.map(({ field }) => field)).toEqual(['account', ...known.fields.map(({ name }) => name)])
  const own = known.fields.flatMap(({ name, label, group, d365Name }) => {
    const [record, property] = name.split('.')
    // The code of a record is known by no label alone.
    const names = [name, property === 'code' ? name : label, `${group}: ${label}`, d365Name ?? name]
    return property === undefined
      ? names
      : [...names, `${record}[2].${property}`, `${record}.3.${label}`, `${group} 2: ${label}`]
  })
  const others = [
    'account',
    'Customer account',
    'ACCOUNT_NUMBER',
    'CreditMax',
    'PaymTermId',
    'addresses[51].city',
    'nothing',
  ]
  for (const name of [...own, ...others]) {
    for (const written of [name, name.toUpperCase().replaceAll(' ', '_')]) {
      expect([written, known.meant(written)]).toEqual([written, columnNamed(written)])
    }
  }
  expect(known.choices('creditmax', []).map(({ value }) => value)).toEqual(['creditLimit'])
})

test('a packed file is told like any other, and its rows are those that were packed', async () => {
  const clara = await office.seat('clara', '/imports')
  await choose(clara, 'packed.csv.gz', gzipSync('account;Telefon;Credit limit\nUS-081;+13125550181;82000\n'))
  await shows(clara, '+13125550181')
  expect(await clara.getByLabel('Delimiter').locator('option:checked').innerText()).toBe('Semicolon (found out)')
  await column(clara, 'Telefon').fill('phone')
  await clara.getByRole('option', { name: /^Phone/ }).click()
  await press(clara, 'Upload and plan')
  await clara.getByRole('heading', { name: 'packed.csv.gz' }).waitFor()
  const row = clara.getByRole('row').filter({ hasText: 'US-081' })
  // From what to what, and what of it others are asked for.
  await row.getByText('82,000.00').waitFor()
  const said = (await row.innerText()).replaceAll(/\s+/g, ' ')
  expect(said).toMatch(/Writes Phone was \+1\d+ becomes \+13125550181/)
  expect(said).toMatch(/Proposes Credit limit was [\d,]+\.00 becomes 82,000\.00 [+−]/)
  expect(office.complaints).toEqual([])
})

test('JSON lines are told by their keys, or taken as the API takes them', async () => {
  const clara = await office.seat('clara', '/imports')
  await choose(
    clara,
    'flat.jsonl',
    Buffer.from('{"account":"US-082","Kreditrahmen":"83000"}\n{"account":"US-083","Kreditrahmen":"84000"}\n'),
  )
  await shows(clara, 'Say what 1 column is, or that it is not imported.')
  expect(await clara.getByLabel('Delimiter').count()).toBe(0)
  await column(clara, 'Kreditrahmen').fill('credit lim')
  await clara.getByRole('option', { name: /^Credit limit/ }).click()
  await press(clara, 'Upload and plan')
  await shows(clara, 'Changes proposed for 2 customers.')

  await clara.getByRole('link', { name: 'Imports', exact: true }).first().click()
  const lines =
    '{"account":"US-084","set":{"phone":"+13125550184"},"contacts":[{"code":"C1","title":"Head of sales"}]}\n'
  await choose(clara, 'nested.ndjson', Buffer.from(lines))
  await shows(clara, 'The lines are as the API takes them')
  await press(clara, 'Upload and plan')
  await clara.getByRole('heading', { name: 'nested.ndjson' }).waitFor()
  await shows(clara, '1 customer updated.')
  await shows(clara, 'Contacts C1: Title')
  expect(await faults(clara)).toEqual([])
  expect(office.complaints).toEqual([])
})

type Job = { node: { status: string; planDigest: string | null } }
const jobOf = async (id: string) =>
  (await app.ask<Job>('clara', 'query($id: ID!) { node(id: $id) { ... on ImportJob { status planDigest } } }', { id }))
    .node

test('an import page waits out a server that is away, and shows by itself what was committed and came of it meanwhile', async () => {
  const clara = await office.seat('clara', '/imports')
  // Another's is there by itself.
  const list = await office.seat('colin', '/imports')
  await list.getByRole('row').nth(1).waitFor()
  await choose(clara, 'meanwhile.csv', Buffer.from('account,creditLimit,phone\nUS-085,85000,+13125550185\n'))
  await press(clara, 'Upload and plan')
  await shows(clara, 'Changes proposed for 1 customer.')
  const id = decodeURIComponent(new URL(clara.url()).pathname.split('/').at(-1) ?? '')
  await list.getByRole('row', { name: /meanwhile\.csv.*Ready to commit/ }).waitFor()
  for (const page of [clara, list]) await page.getByRole('status').filter({ hasText: 'live' }).first().waitFor()

  await app.stop()
  for (const page of [clara, list]) await page.getByText('reconnecting…').waitFor()
  await shows(clara, 'Changes proposed for 1 customer.')
  // A commit that does not get through says so, and is there to be tried again.
  await press(clara, 'Commit 1 row')
  await press(clara, 'Commit')
  await clara.getByRole('dialog').getByRole('alert').getByText('The server cannot be reached.').waitFor()
  await press(clara, 'Cancel')

  // Another process, of which the pages know nothing, goes on.
  await app.startAgain({ elsewhere: true })
  const { planDigest } = await jobOf(id)
  const commit = 'mutation($input: CommitImportInput!) { result: commitImport(input: $input) { __typename } }'
  await app.ask('clara', commit, { input: { importId: id, planDigest } })
  await until('the end of the import', async () => (await jobOf(id)).status === 'DONE' || undefined)
  await app.stop()
  await app.startAgain()

  await shows(clara, 'This is what the import did:')
  await clara.getByText('Changes pending approval').waitFor()
  expect(await clara.getByRole('button', { name: /^Commit/ }).count()).toBe(0)
  await list.getByRole('row', { name: /meanwhile\.csv.*Done/ }).waitFor()
  const unreachable = /WebSocket connection|ERR_CONNECTION|Failed to load resource/
  expect(office.complaints.filter((complaint) => !unreachable.test(complaint))).toEqual([])
})
