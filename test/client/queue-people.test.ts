// The queue between people: decided by keyboard alone, while others decide, while one looks elsewhere, and when one leaves.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { approve, ask, statusOf } from './deeds.ts'
import { faults } from './looks.ts'
import { approval, people, saveWorkflow } from './workflows.ts'

const office = await openOffice()
const { app } = office
const id = await people(app)
await saveWorkflow(
  app,
  'By one',
  id('olga'),
  ['US-027', 'US-028', 'US-041', 'US-042', 'US-043', 'US-044', 'US-045', 'US-046', 'US-047'],
  [approval('Manager', { users: [id('mia')] })],
)
await saveWorkflow(
  app,
  'By any',
  id('olga'),
  ['US-048', 'US-049'],
  [approval('Any', { users: [id('carl'), id('cora')] })],
)

const line = (page: Page, account: string) => page.getByRole('listitem').filter({ hasText: account }).first()
const inHand = (page: Page, account: string) =>
  page.getByRole('article').getByRole('heading', { level: 1 }).getByText(account).waitFor()
const status = async (proposal: string, wanted: string) => expect.poll(() => statusOf(app, proposal)).toBe(wanted)
const said = (page: Page, how: 'polite' | 'assertive', text: string | RegExp) =>
  page.locator(`[aria-live=${how}]`).getByText(text).waitFor({ state: 'attached' })

test('one item is approved, one rejected and one delegated without a pointer', async () => {
  const first = await ask(app, 'clara', 'US-041', { creditLimit: '81000' })
  const second = await ask(app, 'clara', 'US-042', { creditLimit: '81000' })
  await ask(app, 'clara', 'US-043', { creditLimit: '81000' })
  const mia = await office.seat('mia', '/?search=US-04', { atOnce: true })
  await inHand(mia, 'US-041')
  await mia.keyboard.press('a')
  await mia.getByRole('textbox', { name: 'Comment (optional)' }).waitFor()
  await mia.keyboard.press('Enter')
  await status(first, 'APPLIED')
  await inHand(mia, 'US-042')
  await mia.keyboard.press('r')
  await mia.getByRole('textbox', { name: 'Reason' }).waitFor()
  await mia.keyboard.type('no order in sight: ajkdrux?/')
  await mia.keyboard.press('Enter')
  await status(second, 'REJECTED')
  await inHand(mia, 'US-043')
  await mia.keyboard.press('d')
  await mia.getByRole('form', { name: 'Delegate to somebody else' }).waitFor()
  await mia.keyboard.type('olga')
  await mia.getByRole('option', { name: 'Olga Petrova' }).waitFor()
  await expect.poll(() => mia.getByRole('option').count()).toBe(1)
  await mia.keyboard.press('ArrowDown')
  await mia.keyboard.press('Enter')
  await expect.poll(() => mia.getByRole('combobox', { name: 'To whom' }).inputValue()).toBe('Olga Petrova')
  await mia.keyboard.press('Tab')
  await mia.keyboard.type('You know them')
  await mia.keyboard.press('Enter')
  await said(mia, 'polite', /Delegated/)
  const olga = await office.seat('olga')
  await line(olga, 'US-043').waitFor()
  expect(office.complaints).toEqual([])
})

test('a reason that was begun is there when one comes back to the item', async () => {
  await ask(app, 'clara', 'US-044', { creditLimit: '81000' })
  await ask(app, 'clara', 'US-045', { creditLimit: '81000' })
  const mia = await office.seat('mia', '/?search=US-04')
  await line(mia, 'US-044').getByRole('link').click()
  await inHand(mia, 'US-044')
  await mia.keyboard.press('r')
  await mia.getByRole('textbox', { name: 'Reason' }).fill('Not while the audit')
  await line(mia, 'US-045').getByRole('link').click()
  await inHand(mia, 'US-045')
  await line(mia, 'US-044').getByRole('link').click()
  await inHand(mia, 'US-044')
  await mia.keyboard.press('r')
  expect(await mia.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('Not while the audit')
  expect(office.complaints).toEqual([])
})

test('what a colleague decides is said: at once of the item in hand, else when there is time', async () => {
  await ask(app, 'clara', 'US-048', { creditLimit: '81000' })
  await ask(app, 'clara', 'US-049', { creditLimit: '81000' })
  const carl = await office.seat('carl', '/?search=US-04')
  await inHand(carl, 'US-048')
  await approve(app, 'cora', 'US-049')
  await said(carl, 'polite', /approved by Cora Novak/i)
  await approve(app, 'cora', 'US-048')
  await said(carl, 'assertive', /approved by Cora Novak/i)
  await carl.getByRole('list', { name: 'Your queue' }).getByText('approved by Cora Novak').first().waitFor()
  expect(office.complaints).toEqual([])
})

test('a decision goes out when its page is left before its five seconds are over', async () => {
  const proposal = await ask(app, 'clara', 'US-046', { creditLimit: '81000' })
  const mia = await office.seat('mia', '/?search=US-046')
  await inHand(mia, 'US-046')
  await mia.keyboard.press('a')
  await mia.keyboard.press('Enter')
  await mia
    .getByText(/sent in \d s/)
    .first()
    .waitFor()
  // Another place of the client changes nothing of it; leaving the client sends it.
  await mia.getByRole('link', { name: 'Customers' }).click()
  await mia.getByRole('complementary', { name: 'Decisions on their way' }).getByText('Approving').waitFor()
  expect(await statusOf(app, proposal)).toBe('PENDING')
  await mia.goto('about:blank')
  await status(proposal, 'APPLIED')
})

test('the browser tells of what arrives while the tab is hidden, if that is wished for, and leads there', async () => {
  type Told = { title: string; options: { tag: string }; onclick: () => void }
  type Window = typeof globalThis & { told: Told[]; hide: (hidden: boolean) => void }
  const mia = await office.seat('mia')
  await mia.context().grantPermissions(['notifications'])
  await mia.addInitScript(() => {
    const told: unknown[] = []
    let hidden = false
    class Notification {
      static permission = 'granted'
      static requestPermission = () => Promise.resolve('granted')
      onclick = () => undefined
      title: string
      options: object
      constructor(title: string, options: object) {
        this.title = title
        this.options = options
        told.push(this)
      }
      close() {
        return undefined
      }
    }
    Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') })
    const hide = (now: boolean) => {
      hidden = now
      document.dispatchEvent(new Event('visibilitychange'))
    }
    Object.assign(window, { told, hide, Notification })
  })
  await mia.reload()
  const told = () => mia.evaluate(() => (window as unknown as Window).told.map(({ title }) => title))
  await line(mia, 'US-010').waitFor()
  await mia.getByRole('button', { name: /settings and sign-out/ }).click()
  const choice = mia.getByRole('menuitemcheckbox', { name: 'While this tab is hidden' })
  expect(await choice.getAttribute('aria-checked')).toBe('false')
  await choice.click()
  await expect.poll(() => choice.getAttribute('aria-checked')).toBe('true')
  expect(await faults(mia)).toEqual([])
  await mia.keyboard.press('Escape')

  // Nothing is told of what one can see arrive.
  await ask(app, 'clara', 'US-047', { creditLimit: '81000' })
  await line(mia, 'US-047').waitFor()
  expect(await told()).toEqual([])
  await mia.evaluate(() => (window as unknown as Window).hide(true))
  await ask(app, 'clara', 'US-027', { creditLimit: '81000' })
  await expect.poll(told).toHaveLength(1)
  expect((await told())[0]).toMatch(/^New in your queue: /)
  await ask(app, 'clara', 'US-028', { creditLimit: '81000' })
  await expect.poll(told).toHaveLength(2)
  // The second takes the place of the first.
  expect(await told()).toContain('2 new items in your queue')
  const tags = await mia.evaluate(
    () => new Set((window as unknown as Window).told.map(({ options }) => options.tag)).size,
  )
  expect(tags).toBe(1)
  await mia.evaluate(() => (window as unknown as Window).told[0]?.onclick())
  await expect.poll(() => new URL(mia.url()).pathname).toMatch(/^\/queue\//)
  await inHand(mia, 'US-027')
  expect(office.complaints).toEqual([])
})
