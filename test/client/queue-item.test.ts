// One item in hand: what its route says of time, what is typed for others, and its decision while one looks elsewhere.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { ask, itemsOf, statusOf } from './deeds.ts'

const office = await openOffice()
const { app } = office

const line = (page: Page, account: string) => page.getByRole('listitem').filter({ hasText: account }).first()
const inHand = (page: Page, account: string) =>
  page.getByRole('article').getByRole('heading', { level: 1 }).getByText(account).waitFor()

test('the route of an item says who submitted, since when somebody is asked and until when', async () => {
  const [item] = await itemsOf(app, 'mia', 'US-010')
  type Times = { createdAt: string; dueAt: string; proposal: { submittedAt: string } }
  const { node } = await app.ask<{ node: Times }>(
    'mia',
    'query($id: ID!) { node(id: $id) { ... on WorkItem { createdAt dueAt proposal { submittedAt } } } }',
    { id: item?.id },
  )
  const mia = await office.seat('mia')
  const route = mia.getByRole('article').locator('section', { has: mia.getByRole('heading', { name: 'Route' }) })
  await route.getByText('Submitted by Clara Keller').waitFor()
  await route.getByText('Written to the record when all have approved').waitFor()
  const moments = (text: string) =>
    route
      .locator('p, li')
      .filter({ hasText: text })
      .last()
      .locator('time')
      .evaluateAll((times) => times.map((time) => Date.parse(time.getAttribute('datetime') ?? '')))
  expect(await moments('Submitted by')).toEqual([Date.parse(node.proposal.submittedAt)])
  expect(await moments('Mia Lindgren')).toEqual([node.createdAt, node.dueAt].map((at) => Date.parse(at)))
  await route.getByText(/^due/).waitFor()
  expect(office.complaints).toEqual([])
})

test('what somebody should know to whom an item is handed on is there when one comes back, until it is left', async () => {
  await ask(app, 'clara', 'US-041', { creditLimit: '81000' })
  const mia = await office.seat('mia')
  await line(mia, 'US-010').getByRole('link').click()
  await inHand(mia, 'US-010')
  await mia.getByRole('button', { name: 'Delegate' }).click()
  const note = mia.getByRole('textbox', { name: 'What to tell them (optional)' })
  await note.fill('They have paid late twice')
  await line(mia, 'US-041').getByRole('link').click()
  await inHand(mia, 'US-041')
  await mia.getByRole('button', { name: 'Delegate' }).click()
  expect(await note.inputValue()).toBe('')
  await line(mia, 'US-010').getByRole('link').click()
  await inHand(mia, 'US-010')
  await mia.getByRole('button', { name: 'Delegate' }).click()
  expect(await note.inputValue()).toBe('They have paid late twice')
  mia.on('dialog', (dialog) => void dialog.accept())
  await mia.reload()
  await mia.getByRole('button', { name: 'Delegate' }).click()
  expect(await note.inputValue()).toBe('They have paid late twice')
  await note.press('Escape')
  await mia.getByRole('button', { name: 'Delegate' }).click()
  expect(await note.inputValue()).toBe('')
  expect(office.complaints).toEqual([])
})

test('a decision on its way is shown once, and taken back by its key wherever one is', async () => {
  const id = await ask(app, 'clara', 'US-011', { creditLimit: '61000' })
  // The last of a list stays in hand: what becomes of it is said there and nowhere else.
  const mia = await office.seat('mia', '/?search=US-011')
  await inHand(mia, 'US-011')
  await mia.keyboard.press('a')
  await mia.getByRole('textbox', { name: 'Comment (optional)' }).press('Enter')
  await mia.getByRole('article').getByRole('button', { name: 'Take back' }).waitFor()
  expect(await mia.getByRole('button', { name: 'Take back' }).count()).toBe(1)
  await mia.getByRole('link', { name: 'Customers' }).click()
  await mia.getByRole('complementary', { name: 'Decisions on their way' }).getByText('Approving').waitFor()
  await mia.keyboard.press('u')
  await mia.getByText('Taken back. Nothing was sent.').waitFor({ state: 'attached' })
  await mia.getByRole('complementary', { name: 'Decisions on their way' }).waitFor({ state: 'hidden' })
  expect(await statusOf(app, id)).toBe('PENDING')
  expect(office.complaints).toEqual([])
})

test('a page that stays open over midnight says of today’s that it is yesterday’s', async () => {
  await ask(app, 'clara', 'US-012', { creditLimit: '110000' })
  const mia = await office.seat('mia')
  await mia.clock.install()
  await mia.reload()
  const asked = line(mia, 'US-012').locator('time').last()
  expect(await asked.innerText()).toMatch(/^\d/)
  await mia.clock.setSystemTime(Date.now() + 86_400_000)
  await mia.clock.runFor(31_000)
  await expect.poll(() => asked.innerText()).toMatch(/^[A-Z][a-z]{2} \d/)
})
