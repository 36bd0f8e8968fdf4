// Pages with much more and much less on them than usual.
import { expect, test } from 'vitest'
import { demoIssuer } from '../../server/auth/demo.ts'
import { connect } from '../../server/db/connect.ts'
import { setUpCompany } from '../../server/services/first-company.ts'
import { openOffice } from '../helpers/people.ts'
import { edit, govern, submit } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

// A company of its own needs no server, and is there before anybody looks.
await app.stop()
const pool = connect(app.databaseUrl)
const administrator = { issuer: demoIssuer, subject: 'adam', email: 'adam@contoso.example', name: 'Adam Wright' }
const empty = { code: 'NEWF', name: 'Newly founded', currency: 'EUR', administrator }
await setUpCompany(pool.db, () => new Date(), empty)
await pool.close()
await app.startAgain()
const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'

test('names as long as they may be, without a place to break', async () => {
  const name = `${long} AG & Co. KG`
  const values = { name, customerGroup: '10', currency: 'EUR', website: `https://${'lang'.repeat(30)}.example` }
  const create = 'mutation($input: CreateCustomerInput!) { result: createCustomer(input: $input) { __typename } }'
  const input = { company: 'DEMF', account: 'DE-901', set: values }
  expect(await app.ask('dieter', create, { input })).toEqual({ result: { __typename: 'CreateCustomerSuccess' } })
  const dieter = await office.seat('dieter', '/customers?search=Donau')
  await dieter.getByRole('link', { name }).waitFor()
  expect(await faults(dieter)).toEqual([])
  await dieter.getByRole('link', { name }).click()
  await dieter.getByText('Whole history').waitFor()
  expect(await faults(dieter)).toEqual([])

  const american = { company: 'USMF', account: 'US-901', set: { name, customerGroup: '10', currency: 'USD' } }
  expect(await app.ask('clara', create, { input: american })).toEqual({
    result: { __typename: 'CreateCustomerSuccess' },
  })
  const proposal = await edit(app, 'clara', 'US-901', { set: { name: `${long} Nordamerika KG` }, reason: long })
  await submit(app, 'clara', proposal ?? '', long)
  const mia = await office.seat('mia', '/', { width: 390, height: 844 })
  await mia.getByRole('link', { name: /Nordamerika/ }).waitFor()
  expect(await faults(mia)).toEqual([])
  await mia.getByRole('link', { name: /Nordamerika/ }).click()
  await mia.getByRole('article').getByText('Nordamerika').first().waitFor()
  expect(await faults(mia)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('thirty changes in one proposal: all of them, and the answer always in view, below what is on its way', async () => {
  const rest = 'email phone website currency language deliveryTerms deliveryMode creditRating taxGroup customerGroup'
  await govern(app, {
    enable: [...rest.split(' '), 'mandatoryCreditLimit', 'holdStatus', 'cashDiscountBaseDays', 'addresses', 'contacts'],
  })
  const { customer } = await app.ask<{ customer: Record<'bankAccounts' | 'addresses' | 'contacts', { id: string }[]> }>(
    'clara',
    '{ customer(company: "USMF", account: "US-030") { bankAccounts { id } addresses { id } contacts { id } } }',
  )
  const change = (records: { id: string }[], set: object) => ({ change: [{ id: records[0]?.id, set }] })
  const proposal = await edit(app, 'clara', 'US-030', {
    set: {
      ...{ name: 'Bradtke', creditLimit: '99000', paymentTerms: 'Net60', methodOfPayment: 'WIRE' },
      ...{ taxExemptNumber: '12-3456789', email: 'new@bradtke.example', phone: '+13125550100', language: 'de-DE' },
      ...{ website: 'https://bradtke.example', currency: 'EUR', deliveryTerms: 'EXW', deliveryMode: 'TRUCK' },
      ...{ creditRating: 'A', taxGroup: 'EXEMPT', customerGroup: '10', mandatoryCreditLimit: false },
      ...{ holdStatus: 'ALL', cashDiscountBaseDays: 5 },
    },
    bankAccounts: change(customer.bankAccounts, {
      name: 'Other',
      holder: 'Other',
      bic: 'COBADEFFXXX',
      currency: 'EUR',
    }),
    addresses: change(customer.addresses, { street: '1 Way', city: 'Town', state: 'State', postalCode: '12345' }),
    contacts: change(customer.contacts, { name: 'Other', title: 'Other', email: 'o@x.example', phone: '+13125550101' }),
    reason: 'Merger',
  })
  await submit(app, 'clara', proposal ?? '')
  const mia = await office.seat('mia', '/', { height: 700 })
  await mia.getByRole('link', { name: /28 more/ }).click()
  const rows = mia.getByRole('article').getByRole('region').or(mia.locator('article section.changes')).first()
  await rows.getByText('Bank name').waitFor()
  expect(await mia.locator('article del').count()).toBe(30)
  const approve = await mia.getByRole('button', { name: 'Approve', exact: true }).boundingBox()
  expect(approve?.y ?? Number.POSITIVE_INFINITY).toBeLessThan(700 - (approve?.height ?? 0))
  // One reason for all of them is said once.
  expect(await mia.getByRole('article').getByText('Merger').count()).toBe(1)
  expect(await faults(mia)).toEqual([])
  // A decision that can still be taken back covers nothing of the next answer.
  const tray = mia.getByRole('complementary', { name: 'Decisions on their way' })
  const answer = mia.getByRole('button', { name: 'Approve', exact: true })
  const overlap = async () => {
    const [over, under] = [await tray.boundingBox(), await answer.boundingBox()]
    return (over?.y ?? 0) + (over?.height ?? 0) - (under?.y ?? 0)
  }
  await mia.setViewportSize({ width: 390, height: 844 })
  const next = new URL(mia.url()).pathname
  await mia.goto(`${app.url}/?search=US-010`)
  await mia.getByRole('listitem').filter({ hasText: 'US-010' }).getByRole('link').click()
  await answer.click()
  await mia.getByRole('textbox', { name: 'Comment (optional)' }).press('Enter')
  await mia.evaluate((path) => {
    history.pushState(null, '', path)
    dispatchEvent(new PopStateEvent('popstate'))
  }, next)
  await tray.getByText('Approving').waitFor()
  await rows.getByText('Bank name').waitFor()
  await expect.poll(overlap).toBeLessThanOrEqual(0)
  await tray.getByRole('button', { name: 'Take back' }).click()
  expect(office.complaints).toEqual([])
})

test('a company without a single customer', async () => {
  const adam = await office.seat('adam', '/customers')
  await adam.getByRole('combobox', { name: 'Company' }).selectOption('NEWF')
  await adam.getByText('No customers yet. They arrive with an import or over the API.').waitFor()
  expect(await faults(adam)).toEqual([])
  await adam.getByRole('link', { name: /^Queue/ }).click()
  await adam.getByText('No changes are under way.').waitFor()
  expect(await faults(adam)).toEqual([])
  expect(office.complaints).toEqual([])
})
