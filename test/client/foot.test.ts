// What lies over what: the corner of the window stands above the bars at its foot. And which place is marked in a reader's own colours.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice } from '../helpers/people.ts'

const office = await openOffice()

const box = async (page: Page, selector: string) => (await page.locator(selector).boundingBox())!

test('what is said in the corner of the window covers no bar of the set-up', async () => {
  const adam = await office.seat('adam', '/setup/queues/new')
  const name = adam.getByLabel('Name', { exact: true })
  await name.fill('Desk')
  await adam.getByRole('button', { name: 'Create queue' }).click()
  await adam.getByRole('status').filter({ hasText: 'The queue Desk is saved' }).waitFor()
  await adam.getByRole('link', { name: 'Desk' }).click()
  // On a telephone a form's bar is as wide as the window, and stands at its foot.
  await adam.setViewportSize({ width: 390, height: 480 })
  await name.fill('Another desk')
  const bar = '.bar.floating'
  await adam.locator(bar).waitFor()
  // It stays while it is pointed at.
  await adam.locator('.corner').getByRole('status').hover()
  await expect
    .poll(async () => {
      const [corner, foot] = [await box(adam, '.corner'), await box(adam, bar)]
      return corner.y + corner.height <= foot.y
    })
    .toBe(true)
})

test('every bar at the foot of the window is marked as one, for as long as it stands there', async () => {
  const adam = await office.seat('adam', '/setup/queues/new')
  const bar = adam.getByRole('group', { name: 'Not saved yet' })
  await bar.waitFor()
  expect(await bar.getAttribute('data-foot')).toBeNull()
  const clara = await office.seat('clara', '/customers?new')
  await clara.getByRole('button', { name: 'Create customer' }).waitFor()
  for (const sticky of await clara.locator('form .floating').all())
    expect(await sticky.getAttribute('data-foot')).toBe('')
})

test('in a reader’s own colours a line stands under the place where one is, and by no other', async () => {
  const clara = await office.seat('clara', '/customers')
  await clara.emulateMedia({ forcedColors: 'active' })
  const places = clara.getByRole('navigation', { name: 'Main' }).getByRole('link')
  await places.first().waitFor()
  const lines = await places.evaluateAll((links) =>
    links.map((link) => {
      const { borderTopColor, borderBottomColor } = getComputedStyle(link)
      const ground = getComputedStyle(link.closest('header')!).backgroundColor
      return [borderTopColor !== ground, borderBottomColor !== ground]
    }),
  )
  const current = await places.evaluateAll((links) => links.map((link) => link.hasAttribute('aria-current')))
  expect(current.filter(Boolean)).toHaveLength(1)
  expect(lines).toEqual(current.map((here) => [false, here]))
})
