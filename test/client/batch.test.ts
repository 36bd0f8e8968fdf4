// What an import asks of an approver, decided as a whole: as it was looked at, or not at all.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { until } from '../helpers/app.ts'
import { openOffice } from '../helpers/people.ts'
import { recall } from './deeds.ts'
import { faults } from './looks.ts'

const office = await openOffice()
const { app } = office

const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
/** What is said of a decision once it stands. */
const came = (page: Page, text: string) =>
  page.getByRole('region', { name: 'What came of the decision' }).getByText(text).waitFor()
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).first().click()

type Asked = { approvalBatches: { items: number; import: { id: string } }[] }
/** Sends a file as clara and has it carried out; answers the import's id once so many of its items wait for mia. */
const imported = async (name: string, lines: readonly string[], items: number): Promise<string> => {
  const response = await fetch(`${app.url}/imports?company=USMF&name=${name}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await app.token('clara')}`,
      'content-type': 'text/csv',
      'import-options': '{"commit":true}',
    },
    body: lines.join('\n'),
  })
  const { id } = (await response.json()) as { id: string }
  await until(
    'the batch',
    async () => {
      const { approvalBatches } = await app.ask<Asked>('mia', '{ approvalBatches { items import { id } } }')
      return approvalBatches.some((batch) => batch.import.id === id && batch.items === items) || undefined
    },
    20_000,
  )
  return id
}
const proposalOf = async (importId: string, account: string): Promise<string> => {
  const { proposals } = await app.ask<{ proposals: { edges: { node: { id: string } }[] } }>(
    'clara',
    'query ($filter: ProposalFilter) { proposals(company: "USMF", filter: $filter) { edges { node { id } } } }',
    { filter: { importId, account } },
  )
  return proposals.edges[0]?.node.id ?? ''
}

test('an approver looks at what a batch holds, approves all of it, and its entry leaves the queue', async () => {
  const id = await imported(
    'spring.csv',
    ['account,creditLimit', ...[60, 61, 62, 63].map((n) => `US-0${n},90${n}000`)],
    4,
  )
  const mia = await office.seat('mia', `/batches/${id}`)
  await shows(mia, '4 changes')
  await mia.getByRole('link', { name: /^US-061/ }).waitFor()
  expect(await faults(mia)).toEqual([])
  const queue = await office.seat('mia')
  await shows(queue, 'spring.csv')

  await mia.keyboard.press('a')
  await mia.getByRole('dialog', { name: 'Approve 4 items?' }).waitFor()
  expect(await faults(mia)).toEqual([])
  await mia.getByRole('textbox', { name: 'Comment (optional)' }).fill('As agreed with sales')
  await mia.keyboard.press('Enter')
  await came(mia, '4 items approved.')
  expect(await faults(mia)).toEqual([])
  await queue.getByText('spring.csv').first().waitFor({ state: 'hidden' })
  expect(office.complaints).toEqual([])
})

test('a batch that has changed meanwhile says so, decides nothing, and is decided as it is now', async () => {
  const id = await imported('summer.csv', ['account,creditLimit', 'US-065,81000', 'US-066,82000'], 2)
  const mia = await office.seat('mia', `/batches/${id}`)
  await mia.getByRole('link', { name: /^US-066/ }).waitFor()
  await recall(app, 'clara', await proposalOf(id, 'US-066'), 'Not this one')
  await shows(mia, 'The batch has changed since you opened it.')
  await shows(mia, 'Now 1 approval, before 2.')
  expect(await faults(mia)).toEqual([])
  // What was looked at is what is decided on: nothing, since it is not there any more.
  await press(mia, 'Reject all 2')
  await mia.getByRole('textbox', { name: 'Reason, for who submitted them' }).fill('Too high')
  await mia.keyboard.press('Enter')
  await mia.getByRole('alert').getByText('Look at it again, then decide.').waitFor()
  await press(mia, 'Show it')
  await mia.getByRole('link', { name: /^US-066/ }).waitFor({ state: 'hidden' })
  await press(mia, 'Reject all 1')
  // Nothing typed was lost.
  expect(await mia.getByRole('textbox', { name: 'Reason, for who submitted them' }).inputValue()).toBe('Too high')
  await mia.getByRole('textbox', { name: 'Reason, for who submitted them' }).press('Enter')
  await came(mia, '1 item rejected.')
  expect(office.complaints).toEqual([])
})

test('a rejection without its reason is refused where it is asked, and who has nothing to decide reads that', async () => {
  const id = await imported('autumn.csv', ['account,creditLimit', 'US-067,81000'], 1)
  const mia = await office.seat('mia', `/batches/${id}`)
  await press(mia, 'Reject all 1')
  await mia.getByRole('dialog').getByRole('button', { name: 'Reject all 1' }).click()
  await mia.getByRole('dialog').getByRole('alert').waitFor()
  const reason = mia.getByRole('textbox', { name: 'Reason, for who submitted them' })
  expect(await reason.getAttribute('aria-invalid')).toBe('true')
  expect(await faults(mia)).toEqual([])
  // Where the import is looked at, what its rows have asked for is as it is by now.
  const place = await office.seat('mia', `/imports/${id}`)
  await shows(place, '1 approval of it waits for you')
  await place.getByText('Changes pending approval').waitFor()
  await recall(app, 'clara', await proposalOf(id, 'US-067'), 'Not yet')
  await place.getByText('Changes pending approval').waitFor({ state: 'detached' })
  await place.getByText('1 approval of it waits for you').waitFor({ state: 'detached' })
  const tess = await office.seat('tess', `/batches/${id}`)
  await shows(tess, 'Nothing of this import waits for you.')
  expect(await faults(tess)).toEqual([])
  expect(office.complaints).toEqual([])
})

test('more than five hundred are decided in the background, in sight also after the page is loaded anew', async () => {
  const accounts = Array.from({ length: 501 }, (_, n) => `MANY-${String(n).padStart(3, '0')}`)
  const response = await fetch(`${app.url}/imports?company=USMF&name=many.csv`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await app.token('clara')}`,
      'content-type': 'text/csv',
      'import-options': '{"commit":true}',
    },
    body: ['account,name', ...accounts.map((account) => `${account},Customer ${account}`)].join('\n'),
  })
  expect(response.status).toBe(202)
  await until(
    'the customers',
    async () => {
      const { customers } = await app.ask<{ customers: { totalCount: number } }>(
        'clara',
        '{ customers(company: "USMF", filter: { search: "MANY-" }) { totalCount } }',
      )
      return customers.totalCount === 501 || undefined
    },
    20_000,
  )
  const id = await imported('many-limits.csv', ['account,creditLimit', ...accounts.map((one) => `${one},45000`)], 501)
  const mia = await office.seat('mia', `/batches/${id}`)
  await press(mia, 'Approve all 501')
  await shows(mia, 'More than 500 are decided in the background')
  await mia.getByRole('textbox', { name: 'Comment (optional)' }).press('Enter')
  await mia.waitForURL(/decision=/)
  await mia.reload()
  await came(mia, '501 items approved.')
  expect(office.complaints).toEqual([])
})
