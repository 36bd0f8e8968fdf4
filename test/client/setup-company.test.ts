// The rules of a company in its administrator's hands: what they set holds for everybody at once, and others only read it.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openOffice, violations } from '../helpers/people.ts'
import { faults, stepsTo } from './looks.ts'

const office = await openOffice()
const { app } = office

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click()
const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).first().waitFor()
/** The administrator of two companies, in the one with a workflow. */
const seatAdam = async (path: string): Promise<Page> => {
  const adam = await office.seat('adam')
  await adam.getByRole('combobox', { name: 'Company' }).selectOption('USMF')
  await adam.goto(`${app.url}${path}`)
  return adam
}
const idOf = async (name: string): Promise<string> => {
  const query = 'query($search: String) { users(company: "USMF", search: $search) { edges { node { id } } } }'
  const { users } = await app.ask<{ users: { edges: { node: { id: string } }[] } }>('adam', query, { search: name })
  return users.edges[0]?.node.id ?? ''
}
const setMember = async (user: string, input: object): Promise<void> => {
  const { result } = await app.ask<{ result: { __typename: string } }>(
    user,
    'mutation($input: SetMemberInput!) { result: setMember(input: $input) { __typename } }',
    { input: { company: 'USMF', ...input } },
  )
  expect(result.__typename).toBe('UserSuccess')
}

test('a field that an administrator puts under approval is proposed at the next edit of somebody who has the customer open', async () => {
  const clara = await office.seat('clara', '/customers/USMF/US-022')
  await clara.getByRole('button', { name: /^Edit Website/ }).waitFor()
  const adam = await seatAdam('/setup/fields')
  await adam.getByRole('searchbox', { name: 'Search fields' }).fill('website')
  await adam.getByRole('switch', { name: 'Website' }).check()
  // Said before it is done, together with what it leaves alone.
  const bar = adam.getByRole('group', { name: 'Not saved yet' })
  await bar.getByText('Website will require approval.').waitFor()
  await bar.getByText(/open proposals stay as they are/).waitFor()
  await save(adam)
  await told(adam, 'Website requires approval now.')
  await adam.getByText(/since .*, Adam Wright/).waitFor()
  expect(await bar.count()).toBe(0)

  await clara.getByRole('button', { name: /^Edit Website/ }).click()
  await clara.getByRole('textbox', { name: 'Website' }).fill('https://approved.example')
  await save(clara)
  await clara.getByText('Changes not submitted').first().waitFor()
  await clara.getByText('https://approved.example').first().waitFor()
})

test('several fields, a whole record, and what a colleague switches meanwhile', async () => {
  const adam = await seatAdam('/setup/fields')
  await adam.getByRole('checkbox', { name: 'The whole record: Addresses' }).check()
  await adam.getByRole('checkbox', { name: /^Only those that require approval/ }).check()
  await adam.getByRole('switch', { name: 'Payment terms' }).uncheck()
  const bar = adam.getByRole('group', { name: 'Not saved yet' })
  await bar.getByText('Addresses will require approval.').waitFor()
  await bar.getByText('Payment terms will be written at once.').waitFor()
  // Gone and come back: what was switched is still there.
  await adam.getByRole('link', { name: 'Groups' }).click()
  await adam.getByRole('link', { name: 'treasury' }).waitFor()
  await adam.goBack()
  expect(await adam.getByRole('switch', { name: 'Payment terms' }).isChecked()).toBe(false)
  await app.ask('adam', 'mutation { setFieldApproval(input: { company: "USMF", enable: ["email"] }) { __typename } }')
  await save(adam)
  await told(adam, 'Payment terms is written at once now.')
  const { customerFields } = await app.ask<{ customerFields: { name: string; approvalEnabled: boolean }[] }>(
    'adam',
    '{ customerFields(company: "USMF") { name approvalEnabled } }',
  )
  const on = customerFields.filter(({ approvalEnabled }) => approvalEnabled).map(({ name }) => name)
  expect(on).toEqual(expect.arrayContaining(['addresses', 'addresses.street', 'email', 'creditLimit']))
  expect(on).not.toContain('paymentTerms')
})

test('parameters are explained, refused in the API’s words without losing what was typed, and saved', async () => {
  await setMember('adam', { userId: await idOf('Olga'), roles: ['READER', 'ADMINISTRATOR'] })
  const adam = await seatAdam('/setup')
  await adam.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor()
  await adam.getByRole('radio', { name: 'Write them over it' }).check()
  await adam.getByRole('checkbox', { name: 'Nobody decides on what they had a hand in' }).uncheck()
  const bar = adam.getByRole('group', { name: 'Not saved yet' })
  await bar.getByText('Approved changes are written over what has changed meanwhile.').waitFor()
  await bar.getByText('One person may propose a change and approve it.').waitFor()
  await bar.getByText(/what has been submitted keeps the parameters of its submit/).waitFor()

  await setMember('olga', { userId: await idOf('Adam'), roles: ['READER'] })
  await save(adam)
  await bar.getByRole('alert').waitFor()
  expect(await adam.getByRole('radio', { name: 'Write them over it' }).isChecked()).toBe(true)
  await setMember('olga', { userId: await idOf('Adam'), roles: ['ADMINISTRATOR'] })
  await save(adam)
  await told(adam, 'Saved. One person may propose a change and approve it.')
  await adam.getByText(/^Last changed by Adam Wright/).waitFor()
  const { company } = await app.ask<{ company: { approvalParameters: object } }>(
    'adam',
    '{ company(code: "USMF") { approvalParameters { enabled conflictPolicy authorsMayNotApprove } } }',
  )
  expect(company.approvalParameters).toEqual({
    enabled: true,
    conflictPolicy: 'OVERWRITE',
    authorsMayNotApprove: false,
  })
})

test('somebody who is invited with a role signs in and sees what they may', async () => {
  const adam = await seatAdam('/setup/people')
  await adam.getByRole('row', { name: /^Clara Keller .*Clerk/ }).waitFor()
  await adam.getByRole('row', { name: /^Partner service account, Adam Wright answers for it/ }).waitFor()
  await adam.getByRole('link', { name: 'Invite' }).click()
  await adam.getByRole('textbox', { name: 'E-mail' }).fill('dieter')
  await adam.getByRole('checkbox', { name: 'Administrator' }).check()
  await adam.getByRole('checkbox', { name: 'Clerk' }).check()
  const invite = adam.getByRole('button', { name: 'Invite' })
  await invite.click()
  const email = adam.getByRole('textbox', { name: 'E-mail' })
  await adam.getByText(/valid e-mail address/).waitFor()
  expect(await email.getAttribute('aria-invalid')).toBe('true')
  await email.fill('dieter@contoso.example')
  await adam.getByRole('textbox', { name: 'Name' }).fill('Dieter Braun')
  await invite.click()
  await adam.getByText(/ADMINISTRATOR cannot be held together with CLERK/).waitFor()
  await adam.getByRole('checkbox', { name: 'Administrator' }).uncheck()
  await adam.getByRole('checkbox', { name: 'Clerk' }).uncheck()
  await adam.getByRole('checkbox', { name: 'Reader' }).uncheck()
  await adam.getByRole('checkbox', { name: 'Auditor' }).check()
  await adam.getByRole('combobox', { name: 'Reports to' }).fill('olg')
  await adam.getByRole('option', { name: /Olga Petrova/ }).click()
  await invite.click()
  await told(adam, 'Dieter Braun is a member of USMF now: auditor.')
  await adam.getByRole('row', { name: /^Dieter Braun .*Auditor.*Olga Petrova/ }).waitFor()

  const dieter = await office.seat('dieter')
  await dieter.getByRole('combobox', { name: 'Company' }).selectOption('USMF')
  await dieter.goto(`${app.url}/setup/people`)
  await dieter.getByText('You read this as auditor of USMF. Its administrators change it.').waitFor()
  await dieter.getByRole('row', { name: /^Clara Keller .*Clerk/ }).waitFor()
  expect(await dieter.getByRole('link', { name: 'Invite' }).count()).toBe(0)
})

test('a member’s roles are changed and told, and who leaves is told of before', async () => {
  const adam = await seatAdam('/setup/people')
  await adam.getByRole('searchbox', { name: 'Search people' }).fill('colin')
  await adam.getByRole('link', { name: 'Colin Baker' }).click()
  await adam.getByText('Became a member: clerk').waitFor()
  await adam.getByRole('checkbox', { name: 'Auditor' }).check()
  await adam.getByText('Colin Baker will be clerk and auditor.').waitFor()
  await save(adam)
  await told(adam, 'Colin Baker is now clerk and auditor.')
  await adam.getByText('Clerk and auditor, before clerk').waitFor()
  expect(await adam.getByRole('group', { name: 'Not saved yet' }).count()).toBe(0)

  await adam.getByRole('button', { name: 'Take out of the company' }).click()
  const asked = adam.getByRole('dialog', { name: 'Take Colin Baker out of the company?' })
  await asked.getByText(/Nothing waits for them now\./).waitFor()
  await asked.getByRole('button', { name: 'Take out of the company' }).click()
  await told(adam, 'Colin Baker is no longer a member of USMF.')
  await adam.getByText('Was taken out').waitFor()
  await adam.getByRole('button', { name: 'Make a member again' }).waitFor()

  await adam.goto(`${app.url}/setup/people/${encodeURIComponent(await idOf('Mia'))}`)
  await adam.getByRole('button', { name: 'Take out of the company' }).click()
  await adam
    .getByRole('dialog')
    .getByText(/open items? waits? for them: their seats close/)
    .waitFor()
  await adam.keyboard.press('Escape')
  // Nobody takes administration from themself: the server says so.
  await adam.goto(`${app.url}/setup/people/${encodeURIComponent(await idOf('Adam'))}`)
  await adam.getByRole('checkbox', { name: 'Administrator' }).uncheck()
  await adam.getByRole('checkbox', { name: 'Reader' }).check()
  await save(adam)
  await adam.getByText('You cannot take administration from yourself; another administrator can.').waitFor()
})

test('a group is made, refused by a name that is taken, and says who asks it', async () => {
  const adam = await seatAdam('/setup/groups')
  await adam.getByRole('row', { name: /^credit .*Cora Novak.*Customer changes/ }).waitFor()
  await adam.getByRole('link', { name: 'New group' }).click()
  await adam.getByRole('textbox', { name: 'Name' }).fill('credit')
  await adam.getByRole('combobox', { name: 'Members' }).fill('tess')
  await adam.getByRole('option', { name: /Tess Moreau/ }).click()
  await adam.getByText('Tess Moreau will be in it.').waitFor()
  // The list hides nothing of the page now, and comes back for the next one.
  expect(await adam.getByRole('listbox').count()).toBe(0)
  await adam.keyboard.press('ArrowDown')
  await adam.getByRole('option', { name: /Mia Lindgren/ }).waitFor()
  await adam.keyboard.press('Escape')
  const make = adam.getByRole('button', { name: 'Create group' })
  await make.click()
  await adam.getByRole('alert').waitFor()
  await adam.getByRole('textbox', { name: 'Name' }).fill('Risikosteuerung')
  await make.click()
  await told(adam, 'The group “Risikosteuerung” has 1 member now.')
  await adam.getByRole('row', { name: /^Risikosteuerung .*no workflow in use/ }).waitFor()

  await adam.getByRole('link', { name: 'credit', exact: true }).click()
  await adam.getByRole('textbox', { name: 'Name' }).fill('credit control')
  await save(adam)
  await adam.getByText(/An active workflow asks the group "credit" by this name/).waitFor()
  expect(await adam.getByRole('textbox', { name: 'Name' }).getAttribute('aria-invalid')).toBe('true')
})

test('what is typed and not saved is there again when the page is loaded anew, over what the server has by then', async () => {
  const adam = await seatAdam('/setup/groups')
  await adam.getByRole('link', { name: 'directors', exact: true }).click()
  await adam.getByRole('textbox', { name: 'Name' }).fill('Geschäftsführung')
  await adam.getByText('“directors” will be called “Geschäftsführung”.').waitFor()
  const { groups } = await app.ask<{ groups: { id: string; name: string }[] }>(
    'adam',
    '{ groups(company: "USMF") { id name } }',
  )
  const directors = groups.find(({ name }) => name === 'directors')?.id
  await app.ask('adam', 'mutation($input: SaveGroupInput!) { saveGroup(input: $input) { __typename } }', {
    input: { company: 'USMF', id: directors, name: 'directors', memberIds: [await idOf('Olga'), await idOf('Carl')] },
  })
  adam.on('dialog', (asked) => void asked.accept())
  await adam.reload()
  await adam.getByText('“directors” will be called “Geschäftsführung”.').waitFor()
  expect(await adam.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Geschäftsführung')
  // Who somebody else has added meanwhile is not taken out by it.
  await adam.getByRole('button', { name: 'Remove Carl Okafor' }).waitFor()
  await save(adam)
  await told(adam, 'The group “Geschäftsführung” has 2 members now.')
  await adam.reload()
  await adam.getByRole('heading', { level: 2, name: 'Geschäftsführung' }).waitFor()
  expect(await adam.getByRole('group', { name: 'Not saved yet' }).count()).toBe(0)
})

test('of two administrators at one group each keeps whom they add, and who would write over the other’s name is told before', async () => {
  const adam = await seatAdam('/setup/groups')
  await adam.getByRole('link', { name: 'treasury', exact: true }).click()
  await adam.getByRole('combobox', { name: 'Members' }).fill('mia')
  await adam.getByRole('option', { name: /Mia Lindgren/ }).click()
  const { groups } = await app.ask<{ groups: { id: string; name: string }[] }>(
    'adam',
    '{ groups(company: "USMF") { id name } }',
  )
  const [treasury, directors] = ['treasury', 'Geschäftsführung'].map((name) => groups.find((one) => one.name === name))
  const meanwhile = (id: string | undefined, name: string, memberIds: string[]) =>
    app.ask('adam', 'mutation($input: SaveGroupInput!) { saveGroup(input: $input) { __typename } }', {
      input: { company: 'USMF', id, name, memberIds },
    })
  await meanwhile(treasury?.id, 'treasury', [await idOf('Cora')])
  await save(adam)
  await told(adam, 'The group “treasury” has 2 members now.')
  await adam.getByRole('button', { name: 'Remove Cora Novak' }).waitFor()

  // By its button, as there is no room for all sections beside each other.
  await adam.setViewportSize({ width: 390, height: 844 })
  const sections = adam.getByRole('button', { name: 'Setup Groups' })
  await sections.click()
  await adam.getByRole('navigation', { name: 'Parts of the set-up' }).getByRole('link', { name: 'Groups' }).click()
  await adam.getByRole('link', { name: 'Workflows' }).waitFor({ state: 'hidden' })
  expect(await sections.evaluate((button) => button === document.activeElement)).toBe(true)
  await adam.getByRole('link', { name: 'Geschäftsführung' }).click()
  await adam.getByRole('textbox', { name: 'Name' }).fill('Leitung')
  await meanwhile(directors?.id, 'Vorstand', [await idOf('Olga')])
  await save(adam)
  await told(adam, 'Somebody else has changed the same meanwhile.')
  await adam.getByText('“Vorstand” will be called “Leitung”.').waitFor()
  expect(await violations(adam)).toEqual([])
  await save(adam)
  await told(adam, 'The group “Leitung” has 1 member now.')
})

test('a code is added, renamed, retired and taken into use again', async () => {
  const adam = await seatAdam('/setup/values/CUSTOMER_GROUP')
  await adam.getByRole('button', { name: 'Add code' }).click()
  const dialog = adam.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Code' }).fill('PART')
  await dialog.getByRole('button', { name: 'Add code' }).click()
  await dialog.getByText(/name/i).first().waitFor()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Partners')
  await dialog.getByRole('button', { name: 'Add code' }).click()
  await told(adam, 'PART is “Partners” now, and can be chosen.')
  await adam.getByRole('row', { name: /^PART Partners Adam Wright/ }).waitFor()

  await adam.getByRole('button', { name: 'Rename: PART' }).click()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Partner companies')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await adam.getByRole('row', { name: /^PART Partner companies/ }).waitFor()

  await adam.getByRole('button', { name: 'Retire: PART' }).click()
  const asked = adam.getByRole('dialog', { name: 'Retire PART “Partner companies”?' })
  await asked.getByText(/^No customer has it/).waitFor()
  await asked.getByRole('button', { name: 'Retire' }).click()
  await told(adam, 'PART is retired')
  const retired = adam.getByRole('table', { name: /^Retired/ })
  await retired.getByRole('row', { name: /^PART Partner companies/ }).waitFor()

  await adam.getByRole('button', { name: 'Add code' }).click()
  await dialog.getByRole('textbox', { name: 'Code' }).fill('PART')
  await dialog.getByText(/^PART is retired: it would be taken into use again/).waitFor()
  expect(await violations(adam)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await retired.getByRole('button', { name: 'Use again: PART' }).click()
  await dialog.getByRole('button', { name: 'Use again' }).click()
  await told(adam, 'PART is “Partner companies” now')
  await retired.waitFor({ state: 'detached' })
})

test('an auditor reads all of it and changes none; a clerk finds what is governed and is told why there is no more', async () => {
  const audrey = await office.seat('audrey', '/setup')
  for (const [section, text] of [
    ['Approvals', 'Approved changes are'],
    ['Fields', 'Credit limit'],
    ['Reference values', 'Can be chosen'],
    ['People', 'Clara Keller'],
    ['Groups', 'treasury'],
  ] as const) {
    await audrey.getByRole('navigation', { name: 'Parts of the set-up' }).getByRole('link', { name: section }).click()
    await audrey.getByRole('heading', { level: 1, name: section }).waitFor()
    await audrey.getByText(text).first().waitFor()
    await audrey.getByText('You read this as auditor of USMF.').waitFor()
    const main = audrey.getByRole('main')
    expect(await main.getByRole('button').count()).toBe(0)
    expect(await main.getByRole('switch').count()).toBe(0)
    expect(await main.getByRole('radio').count()).toBe(0)
    expect(await violations(audrey)).toEqual([])
  }
  const clara = await office.seat('clara', '/setup')
  await clara.getByRole('heading', { level: 1, name: 'Fields' }).waitFor()
  await clara.getByText('Credit limit').first().waitFor()
  await clara.goto(`${app.url}/setup/people`)
  await clara.getByText('Administrators of USMF set this up, and auditors read it. You are clerk.').waitFor()
})

const pages: readonly (readonly [string, string, RegExp])[] = [
  ['company', 'Changes of governed fields need approval', /^Approvals|^Changes/],
  ['fields', 'Credit limit', /^Approvals/],
  ['values/PAYMENT_TERMS', 'Net 30', /^Add code/],
  ['people', 'Clara Keller', /^Invite/],
  ['people/new', 'The address that they sign in with.', /^Approvals/],
  ['groups', 'treasury', /^New group/],
  ['groups/new', 'What workflows ask it by.', /^Approvals/],
]
for (const [path, text, action] of pages) {
  test(`${path} is without fault in its looks, and its action within the keyboard’s reach`, async () => {
    const adam = await seatAdam(`/setup/${path}`)
    await adam.getByText(text).first().waitFor()
    await adam.getByRole('status').filter({ hasText: 'live' }).waitFor()
    expect(await faults(adam)).toEqual([])
    expect(await stepsTo(adam, action)).not.toBeNull()
  })
}

test('one member, with changes that are not saved', async () => {
  const adam = await seatAdam(`/setup/people/${encodeURIComponent(await idOf('Clara'))}`)
  await adam.getByRole('checkbox', { name: 'Reader' }).check()
  await adam.getByText('Clara Keller will be reader and clerk.').waitFor()
  expect(await faults(adam)).toEqual([])
})

test('nothing went wrong in any of them', () => {
  expect(office.complaints).toEqual([])
})
