// Signing in, and what becomes of one's work when a sign-in ends or the server is away meanwhile.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'

const office = await openOffice()
const { app } = office

const limit = (page: Page) => page.getByRole('textbox', { name: 'Credit limit' })
const typed = async (user: string): Promise<Page> => {
  const page = await office.seat(user, '/customers/USMF/US-024')
  await page.getByRole('button', { name: 'Edit Credit limit:' }).click()
  await limit(page).fill('61000')
  return page
}
/** From now on the server takes the page's token no more; `token`: what becomes of a wish for another one. */
const expire = async (page: Page, token: 'refused' | 'unreachable'): Promise<void> => {
  const errors = [{ message: 'Sign in.', extensions: { code: 'UNAUTHENTICATED' } }]
  await page.route('**/graphql', (route) => route.fulfill({ status: 401, json: { errors } }))
  await page.route('**/demo/token', (route) => (token === 'refused' ? route.fulfill({ status: 403 }) : route.abort()))
}
const signInAs = (page: Page, name: string) => page.getByRole('button', { name: `Sign in as ${name}` })

test('a sign-in that ends takes nothing with it that its person has typed, and shows it to nobody else', async () => {
  const clara = await typed('clara')
  await expire(clara, 'refused')
  await clara.getByRole('button', { name: 'Save' }).click()
  await clara.getByText('Your sign-in has ended. Sign in again to go on.').waitFor()
  await clara.unrouteAll()
  await signInAs(clara, 'Clara').click()
  expect(await limit(clara).inputValue()).toBe('61000')

  await expire(clara, 'refused')
  await clara.getByRole('button', { name: 'Save' }).click()
  await signInAs(clara, 'Colin').waitFor()
  await clara.unrouteAll()
  await signInAs(clara, 'Colin').click()
  await clara.getByRole('button', { name: 'Edit Credit limit:' }).waitFor()
  expect(await limit(clara).count()).toBe(0)
})

test('nobody is signed out because the server is away when a new token is asked for', async () => {
  const clara = await typed('clara')
  await expire(clara, 'unreachable')
  await clara.getByRole('button', { name: 'Save' }).click()
  await clara.getByRole('alert').first().waitFor()
  expect(await limit(clara).inputValue()).toBe('61000')
  await clara.unrouteAll()
  await clara.getByRole('button', { name: 'Save' }).click()
  await clara.getByText('Proposed for approval: Credit limit.').first().waitFor()
})

test('the sign-in page says that the server is away, and offers who one can be as soon as it is back', async () => {
  const clara = await office.seat('clara')
  await clara.getByRole('button', { name: /settings and sign-out/ }).click()
  await clara.getByRole('menuitem', { name: 'Sign out' }).waitFor()
  await app.stop()
  await clara.getByRole('menuitem', { name: 'Sign out' }).click()
  await clara.getByRole('alert').filter({ hasText: 'The server cannot be reached.' }).waitFor()
  expect(await clara.getByRole('textbox').count()).toBe(0)
  await app.startAgain()
  await signInAs(clara, 'Clara').click()
  await clara.getByRole('link', { name: 'Customers' }).waitFor()
})
