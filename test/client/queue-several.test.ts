// Several items at once: selected by keyboard and pointer, answered together, with a result for each.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { crowd } from './crowd.ts'
import { ask, edit, itemsOf, statusOf, submit } from './deeds.ts'
import { faults } from './looks.ts'
import { approval, people, saveWorkflow } from './workflows.ts'

const office = await openOffice()
const { app } = office
const id = await people(app)

const line = (page: Page, account: string) => page.getByRole('listitem').filter({ hasText: account }).first()
const several = (page: Page) => page.getByRole('region', { name: 'Decide on several' })
const toast = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()

test('several are approved together by keyboard; the one that is refused says why, and stays selected', async () => {
  const mine = approval('Manager', { users: [id('mia')] })
  const both = {
    approval: {
      ...{ name: 'Both', partial: true },
      steps: [{ name: 'Both', assign: [{ to: { users: [id('mia'), id('cora')] }, policy: 'ALL' }] }],
    },
  }
  await saveWorkflow(app, 'Both', id('olga'), ['US-036'], [both])
  await saveWorkflow(app, 'Mine', id('olga'), ['US-037', 'US-038'], [mine])
  const step = { name: 'Risk', assign: [{ to: { users: [id('mia')] } }] }
  const outcomes = ['Low', 'High'].map((name) => ({ name, elements: [] }))
  await saveWorkflow(app, 'Risk', id('olga'), ['US-029'], [{ decision: { name: 'Risk', step, outcomes } }, mine])
  await ask(app, 'clara', 'US-029', { creditLimit: '88000' })
  const shared = await edit(app, 'clara', 'US-036', { set: { creditLimit: '120000', paymentTerms: 'Net60' } })
  await submit(app, 'clara', shared ?? '')
  const others = [
    await ask(app, 'clara', 'US-037', { creditLimit: '88000' }),
    await ask(app, 'clara', 'US-038', { creditLimit: '88000' }),
  ]
  const mia = await office.seat('mia', '/?search=US-03')
  await line(mia, 'US-036').waitFor()
  await mia.getByRole('article').getByText('US-036').first().waitFor()
  await mia.keyboard.press('x')
  await several(mia).getByText('1 selected').waitFor()
  await mia.keyboard.press('j')
  await mia.keyboard.press('j')
  await mia.keyboard.press('X')
  await several(mia).getByText('3 selected').waitFor()
  await several(mia).getByRole('button', { name: 'Approve 3' }).waitFor()
  // The answer is for all of them: the one in hand is not answered beside.
  expect(await mia.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
  expect(await faults(mia)).toEqual([])
  await mia.keyboard.press('a')
  const comment = several(mia).getByRole('textbox', { name: 'Comment (optional)' })
  await comment.fill('As agreed')
  // A window that is made narrow, or a telephone that is turned, asks on.
  for (const width of [390, 1280]) {
    await mia.setViewportSize({ width, height: 900 })
    await mia.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
    expect(await comment.inputValue()).toBe('As agreed')
  }
  await comment.press('Enter')
  await toast(mia, 'Approving 3 items')
  // While they can still be taken back a colleague leaves a change of one of them out: mia has not seen it as it is now.
  const [item] = await itemsOf(app, 'cora', 'US-036')
  const found = await app.ask<{ node: { changes: { id: string; field: { name: string } }[] } }>(
    'cora',
    'query($id: ID!) { node(id: $id) { ... on WorkItem { changes { id field { name } } } } }',
    { id: item?.id },
  )
  const refuse = found.node.changes
    .filter(({ field }) => field.name === 'paymentTerms')
    .map((change) => ({ changeId: change.id, reason: 'Too long' }))
  const input = { workItemId: item?.id, revision: item?.proposal.revision, refuse }
  await app.ask('cora', 'mutation($i: ApproveInput!) { approve(input: $i) { __typename } }', { i: input })

  await toast(mia, /^2 approved, 1 refused: .*changed.* \(Yundt Inc\)$/)
  for (const proposal of others) await expect.poll(() => statusOf(app, proposal)).toBe('APPLIED')
  expect(await statusOf(app, shared ?? '')).toBe('PENDING')
  await several(mia).getByText('1 selected').waitFor()
  await line(mia, 'US-036')
    .getByText(/changed/)
    .waitFor()
  // As it is now, without what the colleague left out, it can be approved.
  await line(mia, 'US-036').getByText('Payment terms').waitFor({ state: 'hidden' })
  await mia.keyboard.press('a')
  await several(mia).getByRole('textbox').waitFor()
  await mia.keyboard.press('Enter')
  await expect.poll(() => statusOf(app, shared ?? '')).toBe('APPLIED')
  await several(mia).waitFor({ state: 'hidden' })
  // Between the outcomes of a decision one chooses for each item by itself.
  await mia.goto(`${app.url}/?search=US-029`)
  await mia.getByRole('article').getByText('US-029').first().waitFor()
  await mia.keyboard.press('x')
  await several(mia).getByText('1 cannot be decided together with others. Open it to answer it.').waitFor()
  expect(office.complaints).toEqual([])
})

test('what is decided on several can be taken back together, and is rejected with one reason', async () => {
  const accounts = await crowd(app, 'tess', 'BACK', 3)
  const tess = await office.seat('tess')
  await line(tess, 'BACK-').hover()
  const boxes = tess.getByRole('checkbox', { name: /^Select/ })
  await boxes.nth(0).check()
  await boxes.nth(2).click({ modifiers: ['Shift'] })
  await several(tess).getByText('3 selected').waitFor()
  await tess.keyboard.press('a')
  await several(tess).getByRole('textbox').waitFor()
  await tess.keyboard.press('Enter')
  await toast(tess, 'Approving 3 items')
  await tess.keyboard.press('u')
  await tess.getByText('Taken back. Nothing was sent.').waitFor({ state: 'attached' })
  for (const account of accounts) expect(await itemsOf(app, 'tess', account)).toHaveLength(1)
  await several(tess).getByRole('button', { name: 'Reject 3' }).click()
  await tess.keyboard.press('Enter')
  await several(tess).getByRole('textbox', { name: 'Reason' }).fill('Not before the audit')
  await tess.keyboard.press('Enter')
  await toast(tess, '3 rejected')
  await expect.poll(() => tess.title()).toBe('Queue · Countersign')
  for (const account of accounts) expect(await itemsOf(app, 'tess', account)).toHaveLength(0)
  expect(office.complaints).toEqual([])
})

test('more than one call takes are sent in turns, and selecting all of them is one step', async () => {
  await crowd(app, 'tess', 'TURN', 205)
  const tess = await office.seat('tess', '/?search=TURN', { atOnce: true })
  let calls = 0
  tess.on('request', (request) => {
    if (request.postData()?.includes('mutation DecideMany')) calls += 1
  })
  await tess.getByRole('article').getByText('TURN-').first().waitFor()
  await tess.keyboard.press('x')
  await several(tess).getByRole('button', { name: 'Select all 205' }).click()
  await several(tess).getByRole('button', { name: 'Approve 205' }).waitFor()
  await tess.keyboard.press('a')
  await several(tess).getByRole('textbox').waitFor()
  await tess.keyboard.press('Enter')
  await tess.getByText('205 approved').first().waitFor()
  expect(calls).toBe(2)
  await expect.poll(() => tess.title()).toBe('Queue · Countersign')
  expect(office.complaints).toEqual([])
})

test('on a telephone the bar lies over the list', async () => {
  await crowd(app, 'tess', 'TELE', 12)
  const tess = await office.seat('tess', '/?search=TELE', { width: 390, height: 844 })
  await tess
    .getByRole('checkbox', { name: /^Select/ })
    .nth(0)
    .check()
  await tess
    .getByRole('checkbox', { name: /^Select/ })
    .nth(1)
    .check()
  const bar = await several(tess).boundingBox()
  expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual(844)
  expect(await faults(tess)).toEqual([])
  expect(office.complaints).toEqual([])
})
