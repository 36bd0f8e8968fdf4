// An approver's day: the queue by keyboard alone, and what others do to it meanwhile.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { approve, ask, recall, statusOf, itemsOf } from './deeds.ts'

const office = await openOffice()
const { app } = office

/** A busy machine is given more than the second that is usual. */
const eventually = <T>(look: () => Promise<T>) => expect.poll(look)
const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const line = (page: Page, account: string) => page.getByRole('listitem').filter({ hasText: account }).first()
/** The account of the item in hand. */
const inHand = async (page: Page): Promise<string | undefined> =>
  /US-\d+/.exec(await page.getByRole('article').getByRole('heading', { level: 1 }).innerText())?.[0]
/** Opens the item of a customer by keyboard: searched for, then in hand. */
const find = async (page: Page, account: string): Promise<void> => {
  await line(page, account).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type(account)
  await page.keyboard.press('Enter')
  await page.getByRole('article').getByText(account).first().waitFor()
}

test('the queue is worked by keyboard alone', async () => {
  await ask(app, 'clara', 'US-011', { creditLimit: '61000' })
  await ask(app, 'clara', 'US-012', { creditLimit: '110000' })
  const mia = await office.seat('mia')
  await line(mia, 'US-012').waitFor()
  expect(await mia.title()).toBe('(3) Queue · Countersign')
  // What changes and by how much is read without opening anything.
  expect(await line(mia, 'US-012').innerText()).toMatch(/100,000\.00\s*becomes\s*110,000\.00\s*\+10%/)

  await eventually(() => inHand(mia)).toBe('US-010')
  await mia.keyboard.press('j')
  await eventually(() => inHand(mia)).toBe('US-011')
  await mia.keyboard.press('j')
  await eventually(() => inHand(mia)).toBe('US-012')
  await mia.keyboard.press('k')
  await eventually(() => inHand(mia)).toBe('US-011')

  await mia.keyboard.press('?')
  await mia.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await mia.keyboard.press('Escape')
  await mia.getByRole('dialog').waitFor({ state: 'hidden' })

  const form = mia.getByRole('article').getByRole('textbox')
  const focused = () => mia.evaluate(() => document.activeElement?.closest('form')?.innerText ?? '')
  await mia.getByRole('article').getByText('US-011').first().waitFor()
  for (const [key, verb] of [
    ['a', 'Approve'],
    ['r', 'Reject'],
    ['c', 'Request change'],
  ] as const) {
    await mia.keyboard.press(key)
    await eventually(focused).toContain(verb)
    // A reason is required where the answer is against: Enter alone sends nothing.
    if (key !== 'a') {
      await mia.keyboard.press('Enter')
      expect(await focused()).toContain(verb)
    }
    await mia.keyboard.press('Escape')
    await mia.getByRole('button', { name: 'Approve', exact: true }).waitFor()
  }
  expect(await form.count()).toBe(1)

  await find(mia, 'US-012')
  await eventually(() => inHand(mia)).toBe('US-012')
  expect(office.complaints).toEqual([])
})

test('a rejection is on the author’s page at once, with its reason, and comes back as an item', async () => {
  await ask(app, 'clara', 'US-013', { creditLimit: '75000' })
  const clara = await office.seat('clara', '/customers/USMF/US-013')
  await shows(clara, 'Changes pending approval')
  const mia = await office.seat('mia', '/', { atOnce: true })
  await find(mia, 'US-013')
  await mia.keyboard.press('r')
  await mia.keyboard.type('no order in sight')
  await mia.keyboard.press('Enter')
  await shows(clara, 'Changes rejected')
  await shows(clara, 'no order in sight')
  await expect.poll(() => clara.title()).toMatch(/^\(1\) /)
  await clara.getByRole('link', { name: /^Queue/ }).click()
  await line(clara, 'US-013').waitFor()
  await clara.getByRole('button', { name: 'Submit again' }).waitFor()
  expect(office.complaints).toEqual([])
})

test('a change that is requested is on the author’s page at once, with what is wanted', async () => {
  await ask(app, 'colin', 'US-014', { paymentTerms: 'Net60' })
  const colin = await office.seat('colin', '/customers/USMF/US-014')
  const mia = await office.seat('mia', '/', { atOnce: true })
  await find(mia, 'US-014')
  await mia.keyboard.press('c')
  await mia.keyboard.type('Net45 would do')
  await mia.keyboard.press('Enter')
  await shows(colin, 'Changes requested')
  await shows(colin, 'Net45 would do')
  expect(office.complaints).toEqual([])
})

test('a decision can be taken back for five seconds, and nothing was sent', async () => {
  const id = await ask(app, 'clara', 'US-016', { creditLimit: '9000' })
  const mia = await office.seat('mia')
  await find(mia, 'US-016')
  await mia.keyboard.press('a')
  await mia.keyboard.press('Enter')
  await shows(mia, /sent in \d s/)
  await mia.keyboard.press('u')
  await mia.getByText('Taken back. Nothing was sent.').waitFor({ state: 'attached' })
  expect(await statusOf(app, id)).toBe('PENDING')
  expect(await itemsOf(app, 'mia', 'US-016')).toHaveLength(1)
  expect(await mia.getByText(/sent in \d s/).count()).toBe(0)
  expect(office.complaints).toEqual([])
})

test('what a colleague decided stays, greyed and with their name, until one moves on', async () => {
  await ask(app, 'clara', 'US-017', { creditLimit: '99000' })
  await approve(app, 'mia', 'US-017')
  const carl = await office.seat('carl')
  await find(carl, 'US-017')
  await carl.keyboard.press('Escape')
  const answer = carl.getByRole('button', { name: 'Approve', exact: true })
  await answer.waitFor()
  const before = await carl.getByRole('heading', { name: 'Route' }).boundingBox()
  await approve(app, 'cora', 'US-017')
  await shows(carl, 'approved by Cora Novak')
  await answer.waitFor({ state: 'hidden' })
  expect(await inHand(carl)).toBe('US-017')
  // The answer's place is taken by what became of it: what is read below has not moved.
  expect((await carl.getByRole('heading', { name: 'Route' }).boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0)
  await expect.poll(() => carl.title()).toBe('(1) Queue · Countersign')
  await carl.getByRole('searchbox').fill('')
  await carl.keyboard.press('Escape')
  await carl.keyboard.press('k')
  await carl.getByText('US-017').first().waitFor({ state: 'hidden' })
  expect(office.complaints).toEqual([])
})

test('what is recalled leaves the queue, and the item in hand says so', async () => {
  const id = await ask(app, 'clara', 'US-018', { creditLimit: '33000' })
  const mia = await office.seat('mia')
  await find(mia, 'US-018')
  await recall(app, 'clara', id, 'Wrong customer')
  await shows(mia, /^withdrawn/i)
  await mia.getByRole('button', { name: 'Approve', exact: true }).waitFor({ state: 'hidden' })
  expect(office.complaints).toEqual([])
})
