// Signing in, and what becomes of one's work when a sign-in ends or the server is away meanwhile.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask, itemsOf } from './deeds.ts'
import { faults } from './looks.ts'

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

/** Approves by keyboard what is in hand once it is on the page. */
const approve = async (page: Page, account: string): Promise<void> => {
  await page.getByRole('article').getByText(account).first().waitFor()
  await page.keyboard.press('a')
  await page.getByRole('textbox', { name: 'Comment (optional)' }).waitFor()
  await page.keyboard.press('Enter')
}
const unsent = (page: Page) => page.getByRole('complementary', { name: 'Decisions on their way' })

test('a decision that waits when its sign-in ends is told of, and offered again to who gave it and to nobody else', async () => {
  await ask(app, 'clara', 'US-011', { creditLimit: '61000' })
  await ask(app, 'clara', 'US-012', { creditLimit: '110000' })
  const mia = await office.seat('mia', '/?search=US-011')
  await approve(mia, 'US-011')
  await mia.getByRole('button', { name: 'Take back' }).waitFor()
  await expire(mia, 'refused')
  await mia.getByRole('link', { name: 'Customers' }).click()
  await mia.getByText('1 decision was not sent. Sign in again as yourself to send it.').waitFor()
  // A page that is loaded anew has it still, and asks before it goes.
  mia.on('dialog', (dialog) => void dialog.accept())
  await mia.reload()
  await mia.unrouteAll()
  await signInAs(mia, 'Mia').click()
  await unsent(mia).getByText('Approving').waitFor()
  await unsent(mia).getByText('Not sent: your sign-in had ended.').waitFor()
  expect(await faults(mia)).toEqual([])
  expect(await itemsOf(app, 'mia', 'US-011')).toHaveLength(1)
  await unsent(mia).getByRole('button', { name: 'Try again' }).click()
  await unsent(mia).waitFor({ state: 'hidden' })
  await expect.poll(() => itemsOf(app, 'mia', 'US-011'), { timeout: 5_000 }).toHaveLength(0)

  await mia.goto(`${app.url}/?search=US-012`)
  await approve(mia, 'US-012')
  await expire(mia, 'refused')
  await mia.getByRole('link', { name: 'Customers' }).click()
  await signInAs(mia, 'Colin').waitFor()
  await mia.unrouteAll()
  await signInAs(mia, 'Colin').click()
  await mia.getByRole('link', { name: 'Customers' }).waitFor()
  expect(await unsent(mia).count()).toBe(0)
  expect(await itemsOf(app, 'mia', 'US-012')).toHaveLength(1)
})

test('what one could not send before one signed out is never sent in the name of whoever comes next', async () => {
  await ask(app, 'clara', 'US-013', { creditLimit: '75000' })
  const mia = await office.seat('mia', '/?search=US-013', { atOnce: true })
  const sent: (string | undefined)[] = []
  await mia.route('**/graphql', (route) => {
    const request = route.request()
    if (!request.postData()?.includes('mutation Approve')) return route.continue()
    sent.push(request.headers().authorization)
    return route.abort()
  })
  await approve(mia, 'US-013')
  await expect.poll(() => sent.length, { interval: 5 }).toBeGreaterThan(0)
  await mia.getByRole('button', { name: /settings and sign-out/ }).click()
  await mia.getByRole('menuitem', { name: 'Sign out' }).click()
  await mia.getByText('1 decision was not sent.').waitFor()
  await signInAs(mia, 'Colin').click()
  await mia.getByRole('link', { name: 'Customers' }).waitFor()
  expect(await unsent(mia).count()).toBe(0)
  expect(new Set(sent).size).toBe(1)
  expect(sent[0]).toMatch(/^Bearer /)
})

test('a token that the server does not take is said to be that, not a sign-in that has ended', async () => {
  const nobody = await office.visit()
  await nobody.route('**/demo/users', (route) => route.fulfill({ status: 404 }))
  await nobody.reload()
  await nobody.getByRole('textbox', { name: 'Bearer token' }).fill('nonsense')
  await nobody.getByRole('button', { name: 'Sign in' }).click()
  await nobody.getByText('The server does not accept this token.').waitFor()
  expect(await nobody.getByText('Your sign-in has ended').count()).toBe(0)
  expect(await faults(nobody)).toEqual([])
})

test('whoever signs out with something unsaved is asked first, and may stay', async () => {
  const clara = await typed('clara')
  const signOut = async () => {
    await clara.getByRole('button', { name: /settings and sign-out/ }).click()
    await clara.getByRole('menuitem', { name: 'Sign out' }).click()
  }
  const asked = clara.getByRole('dialog', { name: 'Something is not saved' })
  await signOut()
  await asked.waitFor()
  expect(await faults(clara)).toEqual([])
  await asked.getByRole('button', { name: 'Cancel' }).click()
  await asked.waitFor({ state: 'hidden' })
  expect(await limit(clara).inputValue()).toBe('61000')
  await signOut()
  await asked.getByRole('button', { name: 'Sign out' }).click()
  await signInAs(clara, 'Clara').waitFor()
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
