// Bank accounts, addresses and contacts: added, changed and removed, governed or not.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'

const app = await startTestApp()
const { run, update, customerOf, read, footprint } = operationsOf(app)

describe('child records', () => {
  type Bank = { id: string; code: string; iban: string | null; name: string | null }
  const banks = async (account: string) =>
    (await customerOf('clara', account, 'bankAccounts { id code iban name }')).bankAccounts as Bank[]

  test('a proposed new bank account has its id from the start, is edited by it and taken back by it', async () => {
    const added = await update('clara', 'US-030', {
      bankAccounts: { add: [{ code: 'NEW', iban: 'DE89 3704 0044 0532 0130 00' }] },
    })
    expect(added).toMatchObject({ proposed: ['bankAccounts'], written: [] })
    const [change] = added.proposal?.changes ?? []
    expect(change).toMatchObject({
      operation: 'ADD',
      recordCode: 'NEW',
      original: null,
      proposed: { raw: { code: 'NEW', iban: 'DE89370400440532013000', bic: null } },
    })
    const edited = await update('clara', 'US-030', {
      bankAccounts: { change: [{ id: change?.recordId, set: { bic: 'COBADEFFXXX' } }] },
    })
    expect(edited.proposal?.changes).toMatchObject([
      {
        id: change?.id,
        operation: 'ADD',
        proposed: { raw: { code: 'NEW', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' } },
      },
    ])
    expect((await banks('US-030')).map((b) => b.code)).not.toContain('NEW')
    const gone = await update('clara', 'US-030', { bankAccounts: { remove: [change?.recordId] } })
    expect(gone.proposal).toMatchObject({ status: 'DISCARDED', changes: [] })
  })

  test('a removal takes the place of changes to the same record, and can be taken back', async () => {
    const [main] = await banks('US-031')
    const renamed = await update('clara', 'US-031', {
      bankAccounts: { change: [{ id: main?.id, set: { name: 'Other bank' } }] },
    })
    expect(renamed.proposal?.changes).toMatchObject([{ recordCode: main?.code }])
    const bare = await update('clara', 'US-031', { bankAccounts: { remove: [main?.id] } })
    expect(bare).toMatchObject({ code: 'INVALID_VALUE', path: ['input', 'set', 'defaultBankAccount'] })
    const removed = await update('clara', 'US-031', {
      set: { defaultBankAccount: null },
      bankAccounts: { remove: [main?.id] },
    })
    expect(removed.proposal?.changes.map((c) => [c.field.name, c.operation])).toEqual(
      expect.arrayContaining([
        ['defaultBankAccount', 'SET'],
        ['bankAccounts', 'REMOVE'],
      ]),
    )
    expect(removed.proposal?.changes).toHaveLength(2)
    const change = removed.proposal?.changes.find((c) => c.operation === 'REMOVE')
    expect(change?.recordCode).toBe(main?.code)
    expect(removed.proposal?.changes.find((c) => c.operation === 'SET')?.recordCode).toBeNull()
    expect(
      await update('clara', 'US-031', { bankAccounts: { change: [{ id: main?.id, set: { name: 'X' } }] } }),
    ).toMatchObject({ code: 'INVALID_VALUE', path: ['input', 'bankAccounts', 'change', '0', 'id'] })
    const kept = await run('clara', 'discardChanges', { proposalId: removed.proposal?.id, changeIds: [change?.id] })
    expect(kept.proposal?.changes.map((c) => c.field.name)).toEqual(['defaultBankAccount'])
  })

  test('addresses and contacts, which are not governed here, are written at once', async () => {
    const done = await update('clara', 'US-032', {
      addresses: { add: [{ code: 'LAGER', purpose: 'DELIVERY', city: 'Köln', country: 'DE' }] },
      contacts: { add: [{ code: 'C9', name: 'Zoë 🦊 ابن' }] },
    })
    expect(done).toMatchObject({ written: ['addresses', 'contacts'], proposed: [], proposal: null })
    const { addresses, contacts } = (await customerOf(
      'cora',
      'US-032',
      'addresses { id code city primary } contacts { id code name email }',
    )) as Record<string, { id: string; code: string }[]>
    expect(addresses).toContainEqual(expect.objectContaining({ code: 'LAGER', city: 'Köln', primary: false }))
    const contact = contacts?.find((c) => c.code === 'C9')
    expect(contact).toMatchObject({ name: 'Zoë 🦊 ابن', email: null })
    await update('clara', 'US-032', { contacts: { remove: [contact?.id] } })
    expect(await read('cora', 'query ($id: ID!) { node(id: $id) { id } }', { id: contact?.id })).toEqual({ node: null })
  })

  test('a code that is there already, and a code that is changed, are refused', async () => {
    const [main] = await banks('US-033')
    const before = await footprint()
    expect(
      await update('clara', 'US-033', {
        bankAccounts: { add: [{ code: main?.code, iban: 'DE89370400440532013000' }] },
      }),
    ).toMatchObject({ code: 'INVALID_VALUE' })
    expect(
      await update('clara', 'US-033', { bankAccounts: { change: [{ id: main?.id, set: { code: 'Z' } }] } }),
    ).toMatchObject({ code: 'INVALID_VALUE', path: ['input', 'bankAccounts', 'change', '0', 'set', 'code'] })
    expect(await footprint()).toEqual(before)
  })
})
