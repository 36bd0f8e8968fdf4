// What a caller sends, field by field: the canonical value, or why not (DOMAIN section 2).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountProblem, decideCreate } from '../../server/domain/create.ts'
import { catalogue, customerFields, findField, type FieldDef } from '../../server/domain/fields.ts'
import { approvalEnabled, isGoverned, switchedFields } from '../../server/domain/governance.ts'
import { parseField, parsePatch } from '../../server/domain/input.ts'
import { nameFault } from '../../server/domain/names.ts'
import { readText } from '../../server/domain/text.ts'
import { iban, World } from './world.ts'

const def = (name: string): FieldDef => {
  const found = findField(name)?.def
  if (found === null || found === undefined) throw new Error(`${name} is not in the catalogue`)
  return found
}
const parse = (name: string, raw: unknown): unknown => {
  const parsed = parseField(raw, def(name))
  return parsed.ok ? parsed.value : new Error(parsed.message)
}
const refused = expect.any(Error) as unknown

describe('a decimal', () => {
  it.each<[unknown, unknown]>([
    ['50000', '50000.00'],
    ['50000.5', '50000.50'],
    [' +7.10 ', '7.10'],
    ['-0', '0.00'],
    ['007', '7.00'],
    [20.5, '20.50'],
    ['999999999999999999.99', '999999999999999999.99'],
    ['9007199254740993', '9007199254740993.00'],
  ])('%j is %s, exactly', (raw, value) => {
    expect(parse('creditLimit', raw)).toBe(value)
  })
  it.each([
    'abc',
    '1,000',
    '1e5',
    '0x10',
    '1.',
    '.5',
    '--1',
    'NaN',
    '١٢',
    '1.005',
    '9999999999999999999',
    '9'.repeat(60),
    Number.NaN,
    1e21,
    0.1 + 0.2,
    true,
    {},
    [],
  ])('%j is refused', (raw) => {
    expect(parse('creditLimit', raw)).toEqual(refused)
  })
  it('below zero is refused, with the bound', () => {
    expect(parse('creditLimit', '-0.01')).toEqual(new Error('Credit limit must not be below 0.'))
  })
  it('comes back as it is, however it was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 19n }), (cents) => {
        const text = cents.toString().padStart(3, '0')
        const value = `${text.slice(0, -2)}.${text.slice(-2)}`
        expect(parse('creditLimit', `000${value}`)).toBe(value)
        expect(parse('creditLimit', value)).toBe(value)
      }),
    )
  })
})

describe('other kinds', () => {
  it.each<[string, unknown, unknown]>([
    ['cashDiscountBaseDays', '30', 30],
    ['cashDiscountBaseDays', 0, 0],
    ['cashDiscountBaseDays', '1.5', refused],
    ['cashDiscountBaseDays', -1, refused],
    ['cashDiscountBaseDays', 3_000_000_000, refused],
    ['mandatoryCreditLimit', 'Yes', true],
    ['mandatoryCreditLimit', 'false', false],
    ['mandatoryCreditLimit', 1, refused],
    ['bankAccounts.iban', 'de02 1203 0000 0000 2020 51', iban.first],
    ['bankAccounts.iban', 'DE02120300000000202052', refused],
    ['bankAccounts.iban', 'XX00', refused],
    ['bankAccounts.bic', 'deutdeff', 'DEUTDEFF'],
    ['bankAccounts.bic', 'DEUT', refused],
    ['currency', 'usd', 'USD'],
    ['currency', 'ZZZ', refused],
    ['addresses.country', 'de', 'DE'],
    ['addresses.country', 'ZZ', refused],
    ['language', 'EN-us', 'en-US'],
    ['language', 'no language', refused],
    ['email', 'a@example.com', 'a@example.com'],
    ['email', 'a@', refused],
    ['website', 'https://example.com', 'https://example.com'],
    ['website', 'javascript:alert(1)', refused],
    ['phone', '+49 (30) 123-45', '+49 (30) 123-45'],
    ['phone', 'call me', refused],
    ['holdStatus', 'ALL', 'ALL'],
    ['holdStatus', 'SOMETIMES', refused],
    ['name', 42, refused],
  ])('%s: %j → %s', (name, raw, value) => {
    expect(parse(name, raw)).toEqual(value)
  })
})

describe('a text', () => {
  it('is trimmed and composed', () => {
    expect(parse('name', '  Mu\u0308ller ')).toBe('Müller')
  })
  it('that is blank clears the field, unless it is required', () => {
    expect(parse('phone', '  ')).toBeNull()
    expect(parse('phone', null)).toBeNull()
    expect(parse('name', '')).toEqual(refused)
    expect(parse('creditLimit', null)).toEqual(refused)
  })
  it.each(['a\u0000b', 'a\u0007b', 'a\u007fb', 'a\u0085b', 'a\ud800b'])('with %j is refused', (raw) => {
    expect(parse('name', raw)).toEqual(refused)
  })
  it('has as many characters as its field takes, counted as a person counts', () => {
    expect(parse('name', '😀'.repeat(100))).toBe('😀'.repeat(100))
    expect(parse('name', 'x'.repeat(101))).toEqual(refused)
    expect(parse('paymentTerms', 'x'.repeat(100_000))).toEqual(refused)
  })
  it('of any kind never throws and parses again to itself', () => {
    const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.double(), fc.anything())
    fc.assert(
      fc.property(fc.constantFrom(...catalogue.filter((f) => f.def !== null)), anything, (field, raw) => {
        const first = parse(field.name, raw)
        if (!(first instanceof Error)) expect(parse(field.name, first)).toBe(first)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a patch', () => {
  it('leaves out what is absent and names what it does not know', () => {
    const { patch, problems } = parsePatch({ name: undefined, creditlimit: '1', phone: null }, customerFields, ['set'])
    expect(patch).toEqual({ phone: null })
    expect(problems).toMatchObject([{ code: 'UNKNOWN_FIELD', at: ['set', 'creditlimit'] }])
  })
  it.each(['__proto__', 'constructor', 'toString'])('knows no field %s', (name) => {
    const raw = JSON.parse(`{"${name}":"x"}`) as Record<string, unknown>
    expect(parsePatch(raw, customerFields, []).problems).toMatchObject([{ code: 'UNKNOWN_FIELD' }])
  })
})

describe('a new customer', () => {
  const create = (raw: Parameters<typeof decideCreate>[0]) => decideCreate(raw, 'PERSON', new World().as('clara'))
  it('has the initial values of what is not named', () => {
    const created = create({ account: 'US-002', set: { name: 'New' }, bankAccounts: [{ code: 'MAIN' }] })
    if (!created.ok) throw created.error
    expect(created.value.customer.values).toMatchObject({ creditLimit: '0.00', holdStatus: 'NO', email: null })
    expect(created.value.customer.children.bankAccounts).toMatchObject([{ values: { code: 'MAIN', iban: null } }])
  })
  it.each(['', ' US', 'US ', 'U\u0000S', 'U\nS', 'x'.repeat(21), '\ud800'])('is not called %j', (account) => {
    expect(accountProblem(account)).toMatchObject({ code: 'INVALID_VALUE', at: ['account'] })
  })
  it.each(['1', 'US-001', 'Ä 1', 'x'.repeat(20)])('may be called %j', (account) => {
    expect(accountProblem(account)).toBeNull()
  })
  it('names what is missing beside an account that cannot be one', () => {
    const created = create({ account: '', contacts: [{ code: 'C1' }] })
    expect(created.ok ? [] : created.error.detail.problems?.map((p) => p.at)).toEqual([
      ['account'],
      ['set', 'name'],
      ['contacts', 'C1', 'name'],
    ])
  })
  it('names everything that is wrong with its place', () => {
    const created = create({ account: 'US 2', set: { creditLimit: 'x' }, bankAccounts: [{ code: 'A' }, { iban: 'x' }] })
    expect(created.ok ? [] : created.error.detail.problems?.map((p) => p.at)).toEqual([
      ['set', 'creditLimit'],
      ['bankAccounts', '1', 'iban'],
    ])
    const missing = create({ account: 'US 2', set: { paymentTerms: 'N31' } })
    expect(missing.ok ? [] : missing.error.detail.problems?.map((p) => p.at)).toEqual([
      ['set', 'name'],
      ['set', 'paymentTerms'],
    ])
  })
})

describe('governed fields', () => {
  const { company } = new World({ governed: ['creditLimit', 'bankAccounts.iban'] })
  it('are those with the switch on, and a record as soon as one of its fields is', () => {
    const governed = catalogue.map((f) => f.name).filter((name) => isGoverned(company, name))
    expect(governed).toEqual(['creditLimit', 'bankAccounts', 'bankAccounts.iban'])
  })
  it('are none when approvals are off, with the switches as they were', () => {
    const off = { ...company, parameters: { ...company.parameters, enabled: false } }
    expect(isGoverned(off, 'creditLimit')).toBe(false)
    expect(approvalEnabled(off, 'creditLimit')).toBe(true)
  })
  it('are switched by a record’s name all at once, less what cannot be governed', () => {
    expect(switchedFields('contacts')).toEqual(['contacts.name', 'contacts.title', 'contacts.email', 'contacts.phone'])
    expect(switchedFields('contacts.code')).toEqual([])
    expect(switchedFields('nothing')).toEqual([])
  })
})

describe('what nobody can see', () => {
  const turning = [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069]
  const characters = (codes: readonly number[]) => codes.map((code) => String.fromCodePoint(code))
  it.each(characters([...turning, 0x200b, 0x2060, 0xfeff]))('is refused in values and names: %j', (character) => {
    expect(parse('name', `Con${character}toso`)).toEqual(new Error('Name holds invisible characters; remove them.'))
    expect(nameFault(`Con${character}toso`, 100, 'A name')).toBe('A name holds invisible characters; remove them.')
  })
  it.each(characters(turning))('and turns text around is refused in comments and reasons: %j', (character) => {
    expect(readText(`fine${character}`, 'comment')).toMatchObject({ error: { code: 'INVALID_VALUE', at: ['comment'] } })
  })
  it('but joins letters stays, as some scripts need it', () => {
    for (const text of ['می\u200cخواهم', 'क्\u200dष', '👩\u200d💻']) {
      expect(parse('name', text)).toBe(text)
      expect([nameFault(text, 100, 'A name'), readText(text, 'comment').ok]).toEqual([null, true])
    }
  })
})
