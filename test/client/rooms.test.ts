// Rooms that come when somebody goes there: what is shown when they do not come, and what stays when one leaves them.
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask, recall } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

test('a room whose file is gone comes by reloading, and says so where that does not help', async () => {
  const clara = await office.seat('clara')
  let loads = 0
  clara.on('load', () => (loads += 1))
  await clara.route('**/assets/CustomersPage-*.js', (route) => route.fulfill({ status: 404 }))
  await clara.getByRole('link', { name: 'Customers' }).click()
  await clara.getByRole('alert').filter({ hasText: 'The server may run a newer version' }).waitFor()
  expect(await clara.getByRole('heading', { level: 1 }).innerText()).toBe('Customers')
  expect(loads).toBe(1)
  expect(await faults(clara)).toEqual([])
  await clara.unroute('**/assets/CustomersPage-*.js')
  await clara.getByRole('button', { name: 'Reload the page' }).click()
  await clara.getByRole('link', { name: 'Keeling - Herman' }).waitFor()
})

test('a room that is wanted while the server is away says so, and comes by itself when it is back', async () => {
  const clara = await office.seat('clara')
  await clara.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await app.stop()
  await clara.getByText('reconnecting…').waitFor()
  await clara.getByRole('link', { name: 'Customers' }).click()
  const said = clara.getByRole('alert').filter({ hasText: 'the server cannot be reached' })
  await said.waitFor()
  await clara.getByRole('button', { name: 'Try again' }).click()
  await said.waitFor()
  await app.startAgain()
  await clara.getByRole('link', { name: 'Keeling - Herman' }).waitFor()
})

test('nothing that was typed goes with a room whose file is gone', async () => {
  const clara = await office.seat('clara', '/customers/USMF/US-024')
  await clara.getByRole('button', { name: 'Edit Credit limit:' }).click()
  await clara.getByRole('textbox', { name: 'Credit limit' }).fill('61000')
  let loads = 0
  clara.on('load', () => (loads += 1))
  await clara.route('**/assets/CustomersPage-*.js', (route) => route.fulfill({ status: 404 }))
  await clara.getByRole('link', { name: 'Customers' }).first().click()
  await clara.getByRole('alert').filter({ hasText: 'The server may run a newer version' }).waitFor()
  // Not even for a moment: what cannot be written down would be lost.
  expect(loads).toBe(0)
  await clara.goBack()
  expect(await clara.getByRole('textbox', { name: 'Credit limit' }).inputValue()).toBe('61000')
})

test('the window asks before typed text goes with it, and asks nothing when there is none', async () => {
  const clara = await office.seat('clara', '/customers/USMF/US-024')
  let asked = 0
  clara.on('dialog', (dialog) => {
    asked += 1
    void dialog.accept()
  })
  await clara.getByRole('button', { name: 'Edit Credit limit:' }).waitFor()
  await clara.reload()
  expect(asked).toBe(0)
  await clara.getByRole('button', { name: 'Edit Credit limit:' }).click()
  await clara.getByRole('textbox', { name: 'Credit limit' }).fill('61000')
  // Also on another page: it is found again when one comes back, and would be lost here.
  await clara.getByRole('link', { name: 'Queue' }).click()
  await clara.getByRole('heading', { level: 1 }).filter({ hasNotText: 'US-024' }).waitFor()
  await clara.goBack()
  expect(await clara.getByRole('textbox', { name: 'Credit limit' }).inputValue()).toBe('61000')
  await clara.getByRole('link', { name: 'Queue' }).click()
  await clara.reload()
  expect(asked).toBe(1)
})

test('what was typed for what can be done no more keeps nobody from leaving', async () => {
  const id = await ask(app, 'clara', 'US-011', { creditLimit: '61000' })
  const clara = await office.seat('clara', '/customers/USMF/US-011')
  let asked = 0
  clara.on('dialog', (dialog) => {
    asked += 1
    void dialog.accept()
  })
  await clara.getByRole('button', { name: 'Recall' }).click()
  await clara.getByRole('textbox', { name: 'Why do you recall it?' }).fill('Wrong')
  await recall(app, 'clara', id, 'Somewhere else')
  await clara.getByText('Changes not submitted').first().waitFor()
  await clara.reload()
  await clara.getByText('Changes not submitted').first().waitFor()
  expect(asked).toBe(0)
})

test('every place has a link in the head, also on a telephone, and an address that is none of them says so', async () => {
  const adam = await office.seat('adam', '/', { width: 390, height: 844 })
  const nav = adam.getByRole('navigation', { name: 'Main' })
  for (const name of [/^Queue/, 'Customers', 'Imports', 'Setup']) {
    const link = nav.getByRole('link', { name })
    await link.click()
    await adam.waitForFunction(
      (text) => document.querySelector('nav [aria-current]')?.textContent?.includes(text),
      `${await link.innerText()}`,
    )
    const box = await link.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(390)
  }
  for (const path of ['/%E0%A4%A', '/setup/nothing', '/customers/USMF', '/batches']) {
    await adam.goto(`${app.url}${path}`)
    await adam.getByRole('heading', { name: 'There is no such page.' }).waitFor()
  }
})

test('the client is there for a browser whose language Intl does not know', async () => {
  const clara = await office.visit()
  await clara.addInitScript(() => {
    Object.defineProperty(navigator, 'language', { get: () => 'C' })
    Object.defineProperty(navigator, 'languages', { get: () => ['C', 'en-US@posix'] })
  })
  await clara.reload()
  await clara.getByRole('button', { name: /^Sign in as Clara/ }).click()
  await clara.getByRole('link', { name: 'Customers' }).click()
  await clara.getByText('50,000.00').first().waitFor()
})
