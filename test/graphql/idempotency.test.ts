// Idempotency: the same key and input is one command, however often it is sent, and by whomever else it is used.
import { buildClientSchema, getIntrospectionQuery, isInputObjectType, type IntrospectionQuery } from 'graphql'
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, selections } from './operations.ts'

const app = await startTestApp()
const { sql, run, runWhole, update, submitted, answer, itemOf, read, footprint, customerOf, userId } = operationsOf(app)
const company = 'USMF'

test('every mutation takes a key', async () => {
  const schema = buildClientSchema(await read<IntrospectionQuery>('clara', getIntrospectionQuery()))
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {})
  expect(fields.map((f) => f.name).sort()).toEqual(Object.keys(selections).sort())
  for (const field of fields) {
    const input = schema.getType(String(field.args[0]?.type).replace('!', ''))
    expect([field.name, isInputObjectType(input) && String(input.getFields().idempotencyKey?.type)]).toEqual([
      field.name,
      'String',
    ])
  }
})

describe('a key sent again', () => {
  test('with the same input is answered without being done again, and says so', async () => {
    const input = {
      company,
      account: 'US-020',
      set: { creditLimit: '2000', website: 'https://k.example' },
      idempotencyKey: 'a',
    }
    const first = await runWhole('clara', 'updateCustomer', input)
    const before = await footprint()
    const second = await runWhole('clara', 'updateCustomer', {
      ...input,
      set: { website: 'https://k.example', creditLimit: '2000' },
    })
    expect(second).toEqual({ data: first.data, extensions: { replayed: true } })
    expect(first.extensions).toBeUndefined()
    expect(await footprint()).toEqual(before)
  })

  test('with another input, or for another command, is refused', async () => {
    const input = { company, account: 'US-021', set: { website: 'https://k.example' }, idempotencyKey: 'b' }
    await run('clara', 'updateCustomer', input)
    const before = await footprint()
    const reused = { __typename: 'IdempotencyError', code: 'IDEMPOTENCY_KEY_REUSED', path: ['input', 'idempotencyKey'] }
    for (const other of [
      { set: { website: null } },
      { set: {} },
      { account: 'US-022' },
      { expectedVersion: 2 },
      { reason: 'x' },
    ])
      expect([other, await run('clara', 'updateCustomer', { ...input, ...other })]).toMatchObject([other, reused])
    expect(
      await run('clara', 'createCustomer', { company, account: 'K', set: { name: 'K' }, idempotencyKey: 'b' }),
    ).toMatchObject(reused)
    expect(await footprint()).toEqual(before)
  })

  test('is not the same key for somebody else, nor with a letter more', async () => {
    const make = (user: string, account: string, idempotencyKey = 'c') =>
      run(user, 'createCustomer', { company, account, set: { name: user }, idempotencyKey })
    for (const [user, account] of [
      ['clara', 'K-1'],
      ['colin', 'K-2'],
      ['partner', 'K-3'],
    ] as const)
      expect(await make(user, account)).toMatchObject({ __typename: 'CreateCustomerSuccess', customer: { name: user } })
    for (const [n, key] of ['C', 'c ', ' c', 'ć', 'c'.repeat(255)].entries())
      expect(await make('clara', `K-4${n}`, key)).toMatchObject({ __typename: 'CreateCustomerSuccess' })
  })

  test('at the same moment waits and is answered alike: one command, however many callers', async () => {
    const make = () =>
      runWhole('clara', 'createCustomer', { company, account: 'K-5', set: { name: 'Once' }, idempotencyKey: 'd' })
    const answers = await Promise.all(Array.from({ length: 6 }, make))
    expect(new Set(answers.map((a) => JSON.stringify(a.data))).size).toBe(1)
    expect(answers.filter((a) => a.extensions?.replayed === true)).toHaveLength(5)
    expect(await sql`select 1 from events where type = 'CustomerCreated' and data ->> 'account' = 'K-5'`).toHaveLength(
      1,
    )
  })

  test('after a refusal is a first call: what was corrected elsewhere works', async () => {
    const input = { company, account: 'US-023', set: { paymentTerms: 'Fresh' }, idempotencyKey: 'e' }
    expect(await run('clara', 'updateCustomer', input)).toMatchObject({ code: 'INVALID_VALUE' })
    expect(await run('clara', 'updateCustomer', { ...input, expectedVersion: 9 })).toMatchObject({
      code: 'STALE_VERSION',
    })
    expect(await sql`select 1 from idempotency_keys where key = 'e'`).toHaveLength(0)
    await run('adam', 'setReferenceValues', {
      company,
      kind: 'PAYMENT_TERMS',
      upsert: [{ code: 'Fresh', name: 'Fresh' }],
    })
    const third = await runWhole('clara', 'updateCustomer', input)
    expect(third).toMatchObject({ data: { updateCustomer: { proposed: ['paymentTerms'] } } })
    expect(third.extensions).toBeUndefined()
  })

  test('shows its objects as they are by then, with whatever is selected', async () => {
    const edit = { company, account: 'US-024', set: { creditLimit: '2400000' }, idempotencyKey: 'f' }
    const first = await run('clara', 'updateCustomer', edit)
    const submit = { proposalId: first.proposal?.id, idempotencyKey: 'g' }
    expect(await run('clara', 'submitProposal', submit)).toMatchObject({ proposal: { status: 'PENDING' } })
    const item = await itemOf('mia', 'US-024')
    const approve = { workItemId: item.id, revision: item.proposal.revision, idempotencyKey: 'h' }
    await run('mia', 'approve', approve)
    await answer('cora', 'US-024', 'reject', { comment: 'no' })
    const before = await footprint()
    for (const [user, mutation, input] of [
      ['clara', 'updateCustomer', edit],
      ['clara', 'submitProposal', submit],
      ['mia', 'approve', approve],
    ] as const)
      expect([mutation, await runWhole(user, mutation, input)]).toMatchObject([
        mutation,
        { data: { [mutation]: { proposal: { status: 'REJECTED' } } }, extensions: { replayed: true } },
      ])
    expect(await footprint()).toEqual(before)
    expect(
      await read(
        'clara',
        'mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { ... on UpdateCustomerSuccess { customer { account } written } } }',
        { input: edit },
      ),
    ).toEqual({ updateCustomer: { customer: { account: 'US-024' }, written: [] } })
  })

  test('of any other command is done once as well', async () => {
    const week = [null, null, '09:00-17:00', null, null, null, null]
    const away = (year: number) => ({ from: `${year}-01-01T00:00:00Z`, until: `${year}-02-01T00:00:00Z` })
    const absenceOf = async (user: string) => {
      await run(user, 'setAbsence', { standInId: await userId('olga'), ...away(2098) })
      type Own = { viewer: { user: { absences: { id: string }[] } } }
      return (await read<Own>(user, '{ viewer { user { absences { id } } } }')).viewer.user.absences[0]?.id
    }
    const { id } = await submitted('clara', 'US-025', { set: { creditLimit: '2500000' } })
    const definition = {
      elements: [{ approval: { name: 'A', steps: [{ name: 'S', assign: [{ to: { group: 'credit' } }] }] } }],
    }
    const { workflow } = await run('adam', 'saveWorkflow', {
      company,
      name: 'Another',
      definition,
      idempotencyKey: 'w',
    })
    const hook = { company, name: 'Hook', url: 'https://partner.example/', types: [] }
    const { id: webhookId } = (await run('adam', 'saveWebhook', hook)).webhook
    const rows = [{ account: 'US-026', set: { creditLimit: '2600000', website: 'https://i.example' } }]
    const commands = [
      ['clara', 'addComment', { proposalId: id, text: 'hello' }],
      ['clara', 'recallProposal', { proposalId: id, comment: 'x' }],
      ['clara', 'discardProposal', { proposalId: id }],
      ['clara', 'importCustomers', { company, rows }],
      ['adam', 'setApprovalParameters', { company, autoSubmit: false }],
      ['adam', 'setFieldApproval', { company, enable: ['website'] }],
      ['adam', 'setReferenceValues', { company, kind: 'PAYMENT_TERMS', upsert: [{ code: 'I', name: 'I' }] }],
      ['adam', 'setMember', { company, email: 'invited@example.com', name: 'Invited', roles: ['READER'] }],
      ['adam', 'saveGroup', { company, name: 'fresh', memberIds: [await userId('cora')] }],
      ['adam', 'saveQueue', { company, name: 'fresh', memberIds: [await userId('cora')] }],
      ['adam', 'setCalendar', { company, name: 'fresh', zone: 'UTC', week, holidays: ['2026-12-25'], isDefault: true }],
      ['cora', 'setAbsence', { standInId: await userId('olga'), ...away(2099) }],
      ['mia', 'endAbsence', { absenceId: await absenceOf('mia') }],
      ['adam', 'saveWorkflow', { company, workflowId: workflow.id, name: 'Another', definition, note: 'second' }],
      ['adam', 'activateWorkflow', { workflowId: workflow.id, version: 1 }],
      ['adam', 'deactivateWorkflow', { workflowId: workflow.id }],
      ['adam', 'deleteWorkflow', { workflowId: workflow.id }],
      ['adam', 'saveWebhook', { ...hook, id: webhookId, name: 'Renamed' }],
      ['adam', 'replayWebhook', { webhookId, fromPosition: '1' }],
      ['adam', 'deleteWebhook', { webhookId }],
    ] as const
    for (const [user, mutation, input] of commands) {
      const first = await runWhole(user, mutation, { ...input, idempotencyKey: `i-${mutation}` })
      expect([mutation, JSON.stringify(first)]).toEqual([mutation, expect.not.stringContaining('"code":"')])
      const before = await footprint()
      expect([mutation, await runWhole(user, mutation, { ...input, idempotencyKey: `i-${mutation}` })]).toEqual([
        mutation,
        { ...first, extensions: { replayed: true } },
      ])
      expect([mutation, await footprint()]).toEqual([mutation, before])
    }
  })

  test('in one document with itself is done once', async () => {
    const one =
      'updateCustomer(input: { company: "USMF", account: "US-027", set: { phone: "+1 555 27" }, idempotencyKey: "j" }) { ... on UpdateCustomerSuccess { customer { version } written } }'
    expect(await app.send('clara', `mutation { a: ${one} b: ${one} }`)).toEqual({
      data: {
        a: { customer: { version: 2 }, written: ['phone'] },
        b: { customer: { version: 2 }, written: ['phone'] },
      },
      extensions: { replayed: true },
    })
  })
})

test('a dry run keeps no key', async () => {
  const rows = [{ account: 'US-028', set: { phone: '+1 555 28' } }]
  for (const dryRun of [true, true, false]) {
    const { data, extensions } = await runWhole('clara', 'importCustomers', {
      company,
      rows,
      dryRun,
      idempotencyKey: 'dry',
    })
    expect([dryRun, data.importCustomers?.rows[0]?.outcome, extensions]).toEqual([dryRun, 'UPDATED', undefined])
  }
  expect(await customerOf('clara', 'US-028', 'phone')).toEqual({ phone: '+1 555 28' })
  expect((await update('clara', 'US-028', { set: { phone: null }, idempotencyKey: 'dry' })).code).toBe(
    'IDEMPOTENCY_KEY_REUSED',
  )
})
