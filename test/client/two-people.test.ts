// The main job as people do it: one edits and submits, others see it arrive and approve, and the first sees it applied.
import { expect, test } from 'vitest'
import { openOffice, violations } from '../helpers/people.ts'
import type { Page } from 'playwright-core'

const office = await openOffice()

const approveFirst = async (page: Page): Promise<void> => {
  await page.getByRole('article').getByText('150,000.00').waitFor()
  await page.keyboard.press('a')
  await page.getByRole('textbox', { name: 'Comment (optional)' }).waitFor()
  await page.keyboard.press('Enter')
}

test('clara raises a credit limit, mia, cora and carl approve it live, and clara sees it applied by itself', async () => {
  const clara = await office.seat('clara', '/customers/USMF/US-001')
  const mia = await office.seat('mia')
  const watching = await office.seat('mia', '/customers/USMF/US-001')
  // Mia has an item of another customer already; nothing of US-001.
  await mia.getByText('US-010').first().waitFor()

  await clara.getByRole('button', { name: /^Edit Credit limit/ }).click()
  await clara.getByRole('textbox', { name: /^Credit limit/ }).fill('150000')
  await clara.getByRole('button', { name: 'Save' }).click()
  await clara.getByText('Changes not submitted').first().waitFor()
  // The field stays as it was, with what is proposed beside it.
  await clara.getByRole('button', { name: /Credit limit: 50,000\.00/ }).waitFor()
  expect(await clara.getByText('150,000.00').count()).toBeGreaterThan(0)
  expect(await violations(clara)).toEqual([])

  await clara.getByRole('button', { name: 'Submit for approval' }).first().click()
  await clara
    .getByRole('textbox', { name: /comment/i })
    .first()
    .fill('new framework contract')
  await clara.keyboard.press('Enter')
  const submitted = Date.now()
  await watching.getByText('Changes pending approval').first().waitFor()
  await mia.getByText('US-001').first().waitFor()
  const arrived = Date.now() - submitted
  // The promise is a second; a busy machine is given more. Nothing here polls: without the streams it would never arrive.
  expect(arrived).toBeLessThan(10_000)

  await mia.getByText('US-001').first().click()
  await approveFirst(mia)

  for (const user of ['cora', 'carl']) {
    const page = await office.seat(user, '/', { atOnce: true })
    await page.getByText('US-001').first().click()
    await approveFirst(page)
    await expect
      .poll(
        async () => {
          const { proposals } = await office.app.ask<{
            proposals: { edges: { node: { decisions: { actor: { name: string } | null }[] } }[] }
          }>(
            'clara',
            '{ proposals(company: "USMF", filter: { account: "US-001" }, first: 1) { edges { node { decisions { actor { name } } } } } }',
          )
          return proposals.edges[0]?.node.decisions.map(({ actor }) => actor?.name.split(' ')[0]?.toLowerCase())
        },
        { timeout: 15_000 },
      )
      .toContain(user)
  }
  await clara.getByRole('button', { name: /Credit limit: 150,000\.00/ }).waitFor()
  expect(office.complaints).toEqual([])
})
