import { expect, it } from 'vitest'
import { fillPlaceholders, unknownPlaceholders } from '../../../server/domain/workflow/placeholders.ts'
import { inStep, withStep } from './definitions.ts'
import { customer } from './fixtures.ts'
import { problemsOf, toDo } from './problems.ts'

const filled = {
  customer: customer({ mandatoryCreditLimit: true }),
  proposed: customer({ creditLimit: '150000.00' }),
  submitter: { name: 'Clara' },
  comment: null,
}

it('fills in fields, the submitter and the last comment', () => {
  const text =
    '{{submitter.name}}: {{customer.account}} {{customer.creditLimit}} → {{ proposed.creditLimit }} ({{lastComment}}, {{dueAt}})'
  expect(fillPlaceholders(text, filled)).toBe('Clara: US-001 50000.00 → 150000.00 (–, –)')
  expect(fillPlaceholders('{{lastComment}}', { ...filled, comment: 'As agreed' })).toBe('As agreed')
})

it('shows choices by their label, yes and no, and what is empty as a dash', () => {
  const text = '{{customer.holdStatus}}, {{customer.mandatoryCreditLimit}}, {{customer.creditRating}}'
  expect(fillPlaceholders(text, filled)).toBe('Not on hold, yes, –')
})

it('never fills in a sensitive value in clear, nor says whether there is one', () => {
  expect(fillPlaceholders('{{customer.taxExemptNumber}}', filled)).toBe('•••')
  expect(
    fillPlaceholders('{{proposed.taxExemptNumber}}', { ...filled, proposed: customer({ taxExemptNumber: null }) }),
  ).toBe('•••')
})

it('does not fill in what a value says', () => {
  const over = { ...filled, submitter: { name: '{{customer.creditLimit}} $& $1' } }
  expect(fillPlaceholders('{{submitter.name}}', over)).toBe('{{customer.creditLimit}} $& $1')
})

it('names each unknown placeholder once and leaves it as it is written', () => {
  const text =
    '{{customer.creditLimt}} {{ customer.creditLimt }} {{customer.bankAccounts}} {{}} {{constructor}} {{dueAt}}'
  expect(unknownPlaceholders(text)).toEqual(['customer.creditLimt', 'customer.bankAccounts', '', 'constructor'])
  expect(fillPlaceholders('{{customer.creditLimt}}', filled)).toBe('{{customer.creditLimt}}')
})

it('reads a text full of braces in no time', () => {
  const text = '{{'.repeat(50_000) + ' '.repeat(50_000)
  const begun = performance.now()
  expect(unknownPlaceholders(text)).toEqual([])
  expect(performance.now() - begun).toBeLessThan(1000)
})

it.each<[string, string]>([
  ['proposed.bankAccounts', 'have none. Use a field of the customer itself'],
  ['customer.contacts.email', 'have none. Use a field of the customer itself'],
  ['proposed.creditLimt', 'did you mean "proposed.creditLimit"'],
  ['propsed.name', 'did you mean "proposed.name"'],
  ['sumbitter.name', 'did you mean "submitter.name"'],
  ['submitterName', 'did you mean "submitter.name"'],
  ['lastcomment', 'did you mean "lastComment"'],
  ['proposed.riskClass', 'use e.g. {{proposed.creditLimit}}'],
  ['proposed.owner', 'use e.g. {{proposed.creditLimit}}'],
])('of {{%s}} validation says what is near, and nothing that is not', (placeholder, part) => {
  const problems = problemsOf(withStep({ instructions: `See {{${placeholder}}}` }))
  expect(problems).toEqual([
    { path: `${inStep}.instructions`, severity: 'ERROR', message: expect.stringContaining(part) as string },
  ])
  expect(problems[0]?.message).toMatch(toDo)
})
