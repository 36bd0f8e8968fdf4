// Every page of the demo world: nothing for axe to find, no sideways scrolling, and its main action within the keyboard's reach.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'
import { propose, submit } from './deeds.ts'
import { faults, stepsTo } from './looks.ts'

const office = await openOffice()
const { app } = office

/** Moves within the client, as a link does. */
const go = (page: Page, path: string) =>
  page.evaluate((href) => {
    const link = Object.assign(document.createElement('a'), { href })
    document.body.append(link)
    link.click()
    link.remove()
  }, path)
const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()

test('sign-in', async () => {
  const page = await office.visit()
  await page.getByRole('button', { name: /^Sign in as Clara/ }).waitFor()
  expect(await faults(page)).toEqual([])
  expect(await stepsTo(page, /^Sign in as/)).not.toBeNull()
})

test('the queue, with items and with none', async () => {
  const mia = await office.seat('mia')
  await mia.getByRole('heading', { name: 'Route' }).waitFor()
  expect(await faults(mia)).toEqual([])
  expect(await stepsTo(mia, /^Approve/)).not.toBeNull()
  await mia.keyboard.press('r')
  await mia.getByRole('textbox', { name: 'Reason' }).waitFor()
  expect(await faults(mia)).toEqual([])

  const tess = await office.seat('tess')
  await shows(tess, 'Nothing waits for you.')
  await shows(tess, 'US-015')
  await shows(tess, 'waiting for Clara Keller')
  expect(await faults(tess)).toEqual([])

  // What one has not submitted waits for nobody but oneself.
  const clara = await office.seat('clara')
  await shows(clara, 'waiting for you')
  expect(await clara.getByText('waiting for Clara').count()).toBe(0)
})

test('an item on a telephone', async () => {
  const mia = await office.seat('mia', '/', { width: 390, height: 844 })
  await mia.getByRole('link', { name: /^Tremblay/ }).click()
  await mia.getByRole('heading', { name: 'Route' }).waitFor()
  expect(await faults(mia)).toEqual([])
})

test('customers: the list, one search without a match, and a customer who is not there', async () => {
  const clara = await office.seat('clara', '/customers')
  await clara.getByRole('link', { name: 'Keeling - Herman' }).waitFor()
  expect(await faults(clara)).toEqual([])
  expect(await stepsTo(clara, /^Keeling/)).not.toBeNull()
  // Within the margin, which takes no scrolling to miss.
  await clara.setViewportSize({ width: 390, height: 844 })
  const button = await clara.getByRole('link', { name: 'New customer' }).boundingBox()
  expect((button?.x ?? 0) + (button?.width ?? 0)).toBeLessThanOrEqual(390 - 16)
  await clara.setViewportSize({ width: 1280, height: 900 })
  await go(clara, '/customers?search=nobody')
  await shows(clara, 'No customer matches.')
  expect(await faults(clara)).toEqual([])
  await go(clara, '/customers/USMF/US-999')
  await shows(clara, 'This customer is not there, or not yours to see.')
  await go(clara, '/nowhere')
  await shows(clara, 'There is no such page.')
  expect(await faults(clara)).toEqual([])
})

test('a customer without changes, being edited, with a draft, and its history', async () => {
  const clara = await office.seat('clara', '/customers/USMF/US-001')
  await shows(clara, 'Whole history')
  const banner = clara.getByRole('region', { name: 'Approval status' })
  const live = () => banner.evaluate((region) => region.closest('[aria-live]')?.getAttribute('aria-live'))
  expect(await live()).toBe('polite')
  expect(await faults(clara)).toEqual([])
  expect(await stepsTo(clara, /^Edit Credit limit/)).not.toBeNull()

  await clara.getByRole('button', { name: 'Edit Credit limit:' }).click()
  await clara.getByRole('textbox', { name: 'Credit limit' }).fill('-5')
  await clara.getByRole('button', { name: 'Save' }).click()
  await clara.getByRole('alert').first().waitFor()
  expect(await faults(clara)).toEqual([])
  await clara.getByRole('button', { name: 'Cancel', exact: true }).click()

  const heading = clara.getByRole('heading', { name: 'General' })
  const before = await heading.boundingBox()
  await propose(app, 'colin', 'US-001', { creditLimit: '50001' })
  await shows(clara, 'Changes not submitted')
  // The banner took the place that was kept for it.
  expect((await heading.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0)
  expect(await live()).toBe('polite')
  expect(await faults(clara)).toEqual([])
  expect(await stepsTo(clara, /^Submit for approval/)).not.toBeNull()

  await go(clara, '/customers/USMF/US-001/history')
  await shows(clara, 'proposed a change')
  expect(await faults(clara)).toEqual([])
})

test('on a telephone nothing moves for a banner that arrives, nor for what it says of the record', async () => {
  const mia = await office.seat('mia', '/customers/USMF/US-023', { width: 390, height: 844 })
  await shows(mia, 'No changes')
  const places = async () => {
    const fields = mia.getByRole('heading', { level: 2 }).or(mia.getByRole('tab'))
    await fields.nth(6).waitFor()
    return Promise.all((await fields.all()).map(async (one) => Math.round((await one.boundingBox())?.y ?? 0)))
  }
  const before = await places()
  const id = await propose(app, 'colin', 'US-023', { creditLimit: '50001' })
  await shows(mia, 'Changes not submitted')
  expect(await places()).toEqual(before)
  await submit(app, 'colin', id)
  await shows(mia, 'Changes pending approval')
  await mia.getByText('proposed', { exact: true }).first().waitFor()
  expect(await places()).toEqual(before)
  // Why nothing can be edited lies over the page.
  await mia.getByText('Locked', { exact: true }).click()
  await mia
    .getByText(/is pending approval and locked/)
    .first()
    .waitFor()
  expect(await places()).toEqual(before)
  expect(await faults(mia)).toEqual([])
})

test('a proposal, open and closed', async () => {
  const clara = await office.seat('clara', '/customers/USMF/US-015/proposal')
  await shows(clara, 'Known customer.')
  expect(await faults(clara)).toEqual([])
  const id = await propose(app, 'clara', 'US-022', { creditLimit: '50001' })
  await go(clara, `/proposals/${id}`)
  await clara.getByRole('button', { name: 'Discard all' }).click()
  await clara.getByRole('group').getByRole('button', { name: 'Discard all' }).click()
  await shows(clara, 'Nothing was written.')
  expect(await faults(clara)).toEqual([])
})

test('nothing went wrong in any of them', () => {
  expect(office.complaints).toEqual([])
})
