// What other systems come with and are told at, set up in the browser: API keys and webhooks.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { afterAll, expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { edit } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice({ webhooksAllowPrivate: true })
const { app } = office

type Heard = { headers: Record<string, string>; text: string }
const heard: Heard[] = []
let status = 204
const receiver = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    heard.push({ headers: request.headers as Record<string, string>, text: Buffer.concat(parts).toString() })
    response.writeHead(status).end()
  })
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
})

/** The administrator of two companies, in the one with a workflow. */
const seatAdam = async (path: string): Promise<Page> => {
  const adam = await office.seat('adam')
  await adam.getByRole('combobox', { name: 'Company' }).selectOption('USMF')
  await adam.goto(`${app.url}${path}`)
  return adam
}
const row = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text })
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).first().click()
const said = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).first().waitFor()
const refused = (page: Page, text: string) => page.getByRole('alert').filter({ hasText: text }).first().waitFor()
/** What is shown this once, after somebody has tried to leave it and then said that they have it. */
const takeSecret = async (page: Page, name: RegExp): Promise<string> => {
  const dialog = page.getByRole('dialog', { name })
  const secret = await dialog.getByRole('textbox').inputValue()
  // What is typed is written down when a page goes; a secret never is.
  const written = await page.evaluate(() => {
    dispatchEvent(new Event('pagehide'))
    return JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage)])
  })
  expect(written).not.toContain(secret)
  await page.keyboard.press('Escape')
  await dialog.getByText('it cannot be shown again').waitFor()
  await dialog.getByRole('checkbox', { name: 'I have kept it in a safe place' }).check()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.waitFor({ state: 'detached' })
  return secret
}
/** What a program that comes with the key is answered: the code of the refusal, or null. */
const refusalOf = async (key: string): Promise<string | null> => {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query: '{ customers(company: "USMF", first: 1) { totalCount } }' }),
  })
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
  return errors?.[0]?.extensions.code ?? null
}

test('a key is made, shown once, used, and refused once it is revoked', async () => {
  const adam = await seatAdam('/setup/keys')
  await row(adam, 'Partner').first().getByRole('cell', { name: 'in force', exact: true }).waitFor()
  // The buttons of the rows do not make it a part that scrolls, which would be a stop on the keyboard's way.
  expect(await adam.getByRole('main').getByRole('region').count()).toBe(0)
  await adam.getByRole('link', { name: 'New key' }).click()
  await press(adam, 'Create key')
  await refused(adam, 'The name of a key')
  await refused(adam, 'Name a person who answers for it')
  expect(await faults(adam)).toEqual([])
  await adam.getByLabel('Name of the key').fill('ERP, production')
  await adam.getByLabel('Name of the account').fill('Übergreifendes Warenwirtschaftssystem Nord')
  await adam.getByRole('checkbox', { name: /^Reader/ }).check()
  await adam.getByRole('combobox', { name: 'Responsible' }).fill('adam')
  await adam.getByRole('option', { name: /Adam Wright/ }).click()
  await press(adam, 'Create key')
  const dialog = adam.getByRole('dialog', { name: 'The key “ERP, production”' })
  await dialog.waitFor()
  expect(await faults(adam)).toEqual([])
  const key = await takeSecret(adam, /^The key/)
  expect(key).toMatch(/^csk_[0-9A-Za-z]{49}$/)
  await row(adam, 'ERP, production')
    .getByText(`ends with ${key.slice(-4)}`)
    .waitFor()
  await row(adam, 'ERP, production').getByRole('cell', { name: 'Reader, Integration', exact: true }).waitFor()

  expect(await refusalOf(key)).toBeNull()
  await press(adam, /^More ?: ERP, production/)
  await adam.getByRole('menuitem', { name: 'Revoke' }).click()
  await adam.getByRole('dialog').getByText('has no other key: it cannot sign in any more').waitFor()
  await press(adam, 'Revoke key')
  await said(adam, 'The key “ERP, production” is revoked')
  expect(await refusalOf(key)).toBe('UNAUTHENTICATED')
  await row(adam, 'ERP, production').waitFor({ state: 'detached' })
  await adam.getByRole('combobox', { name: 'Shown' }).selectOption('all')
  await row(adam, 'ERP, production')
    .getByRole('cell', { name: /^revoked/ })
    .waitFor()
  expect(await faults(adam)).toEqual([])

  const clara = await office.seat('clara', '/setup/keys')
  await clara.getByText('Only administrators of USMF see this. You are clerk.').waitFor()
  expect(office.complaints).toEqual([])
})

test('a webhook is made, tested with the secret that was shown, and told what happens', async () => {
  const adam = await seatAdam('/setup/webhooks')
  await adam.getByText('No webhooks yet.').waitFor()
  await adam.getByRole('link', { name: 'New webhook' }).click()
  await adam.getByLabel('URL').fill('nowhere')
  await press(adam, 'Create webhook')
  await refused(adam, 'The URL is no URL')
  await refused(adam, "A webhook's name")
  expect(await faults(adam)).toEqual([])
  await adam.getByLabel('Name').fill('ERP')
  await adam.getByLabel('URL').fill(url)
  await press(adam, 'Create webhook')
  await adam.getByRole('dialog', { name: 'The secret of “ERP”' }).waitFor()
  const secret = await takeSecret(adam, /^The secret/)

  await press(adam, 'Send a test')
  await said(adam, 'answered 204')
  const [first] = heard
  expect(new Webhook(secret).verify(first?.text ?? '', first?.headers ?? {})).toMatchObject({ type: 'TEST' })

  await edit(app, 'clara', 'US-021', { set: { email: 'office@fabrikam.example' } })
  await row(adam, 'Customer changed').getByText('Taken').waitFor()
  await row(adam, 'Customer changed').getByRole('link', { name: 'US-021' }).waitFor()
  expect(await faults(adam)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('a webhook that fails says why, and is told again what happened since a moment', async () => {
  const adam = await seatAdam('/setup/webhooks')
  await adam.getByRole('link', { name: 'ERP' }).click()
  status = 503
  await edit(app, 'clara', 'US-022', { set: { email: 'office@wingtip.example' } })
  await row(adam, 'US-022').getByText('The endpoint answered with status 503.').waitFor()
  await adam.getByText('1 failure in a row').waitFor()
  await adam.getByRole('link', { name: 'Requests' }).click()
  await row(adam, '503')
    .first()
    .getByText(/^Delivery of no\./)
    .waitFor()
  await row(adam, 'Test').getByText('204').waitFor()
  expect(await faults(adam)).toEqual([])

  status = 204
  const before = heard.length
  await press(adam, 'Replay')
  await adam.getByRole('radio', { name: 'Everything it wants, since a moment' }).check()
  await adam.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
  await adam.getByRole('dialog').getByRole('alert').filter({ hasText: 'Say since when.' }).waitFor()
  const sinceAnHour = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16)
  await adam.getByLabel('Since', { exact: true }).fill(sinceAnHour)
  expect(await faults(adam)).toEqual([])
  await adam.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
  await said(adam, '“ERP” is told again everything it wants from no.')
  await adam.getByRole('link', { name: 'Deliveries' }).click()
  await row(adam, 'US-022').getByText('Taken').waitFor()
  const again = heard.slice(before).map(({ headers }) => headers['webhook-id'])
  expect(again).toContain(heard[1]?.headers['webhook-id'])
  expect(office.complaints).toEqual([])
})

test('a webhook has two secrets while one takes the place of the other, is switched off and on, and deleted', async () => {
  const adam = await seatAdam('/setup/webhooks')
  await adam.getByRole('link', { name: 'ERP' }).click()
  await adam.getByRole('link', { name: 'Settings' }).click()
  expect(await faults(adam)).toEqual([])
  await press(adam, 'New secret')
  await press(adam, 'Make new secret')
  await takeSecret(adam, /^The secret/)
  await adam.getByText(/^ends/).waitFor()
  await adam.getByRole('checkbox', { name: 'Rejected', exact: true }).check()
  await adam.getByText('It is told of 1 type of events more').waitFor()
  await press(adam, 'Save')
  await said(adam, 'The webhook “ERP” is saved.')

  await press(adam, 'Switch off')
  await adam.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
  await said(adam, 'is switched off')
  await press(adam, 'Switch on')
  await adam.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click()
  await said(adam, 'is switched on')

  await press(adam, 'More')
  await adam.getByRole('menuitem', { name: 'Delete' }).click()
  await press(adam, 'Delete webhook')
  await said(adam, '“ERP” is deleted.')
  await adam.getByText('No webhooks yet.').waitFor()
  await adam.getByRole('combobox', { name: 'Shown' }).selectOption('all')
  await row(adam, 'ERP').getByRole('cell', { name: 'deleted', exact: true }).waitFor()
  expect(office.complaints).toEqual([])
})
