// Columns of a file and what they are: by name, label, D365 name or the request, and rows as the planner takes them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnNamed, knownColumns, normalName, placeOf } from '../../server/domain/column-names.ts'
import { compileAccount, compileLayout, type Content } from '../../server/domain/columns.ts'
import { catalogue, labelOf } from '../../server/domain/fields.ts'
import { escapeFormula, unescapeFormula } from '../../server/domain/formulas.ts'
import { noOptions, readImportOptions, type ImportOptions } from '../../server/domain/import-options.ts'
import { jsonLayout, layoutOf } from '../../server/domain/layout.ts'

const optionsOf = (options: object): ImportOptions => {
  const read = readImportOptions(JSON.stringify(options))
  if (!read.ok) throw read.error
  return read.value
}
const layout = (header: readonly string[], options: object = {}) => {
  const read = layoutOf(header, optionsOf(options))
  if (!read.ok) throw read.error
  return read.value
}
const fieldsOf = (header: readonly string[], options: object = {}) =>
  layout(header, options).columns.map(({ field }) => field)
const refusal = (header: readonly string[], options: object = {}): string => {
  const read = layoutOf(header, optionsOf(options))
  return read.ok ? 'taken' : `${read.error.code} at ${(read.error.at ?? []).join('.')}: ${read.error.message}`
}
const row = (header: readonly string[], cells: readonly string[], options: object = {}) =>
  compileLayout(layout(header, options))(cells)
const line = (content: Content, options: object = {}) => {
  const read = jsonLayout(optionsOf(options))
  if (!read.ok) throw read.error
  return compileLayout(read.value)(content)
}

describe('a column', () => {
  test('is known by its name, its label and its D365 name, however it is written', () => {
    expect(
      fieldsOf([' ACCOUNT ', 'Credit limit', 'credit_rating', 'IBAN', 'Postal code', 'Addresses: Street']),
    ).toEqual([
      'account',
      'creditLimit',
      'creditRating',
      'bankAccounts.iban',
      'addresses.postalCode',
      'addresses.street',
    ])
    expect(fieldsOf(['CustomerAccount', 'OrganizationName', 'AddressCity', 'E-mail', 'Currency'])).toEqual([
      'account',
      'name',
      'addresses.city',
      'email',
      'currency',
    ])
    expect(fieldsOf(['Customer account', 'addresses[2].city', 'Addresses.3.City', 'Addresses 4: City'])).toEqual([
      'account',
      'addresses[2].city',
      'addresses[3].city',
      'addresses[4].city',
    ])
    const ofTable = ['AccountNum', 'CreditMax', 'PaymTermId', 'CashDisc', 'BankAccount', 'CustExcludeInterestCharges']
    expect(fieldsOf(ofTable)).toEqual([
      'account',
      'creditLimit',
      'paymentTerms',
      'cashDiscount',
      'defaultBankAccount',
      'excludeInterestCharges',
    ])
  })

  test('is what the request says, whatever it is called', () => {
    const columns = { 'customer ID': 'account', name: 'contacts.name', address: 'addresses.street', fax: null }
    expect(fieldsOf(['CustomerID', 'Name', 'Address', 'Fax'], { columns })).toEqual([
      'account',
      'contacts.name',
      'addresses.street',
      null,
    ])
  })

  test('that nobody knows is refused together with the others, and with the ways out', () => {
    expect(refusal(['account', 'colour', 'name', 'size'])).toMatch(
      /^UNKNOWN_FIELD at columns\.colour: The columns "colour" and "size" are not known\..*customerFields.*"colour":null/,
    )
    expect(refusal(['account', ...Array.from({ length: 30 }, (_, n) => `x${n}`)])).toMatch(/"x19" and 10 more are not/)
    expect(refusal(['account', 'address'])).toMatch(/^UNKNOWN_FIELD/)
  })

  test.each([
    [['account', 'Account number'], {}, /can be Account or Bank accounts: Account number/],
    [
      ['account', 'name', 'OrganizationName'],
      {},
      /^INVALID_VALUE at columns\.name: Name has more than one column: "name" and "Organ/,
    ],
    [['account', 'name', ' name'], {}, /names "name" more than once/],
    [['account', '', 'name', ' '], {}, /no name for columns 2, 4/],
    [['name', 'city'], {}, /^INVALID_VALUE at columns\.account: No column is the account/],
    [['account', 'x'.repeat(300)], {}, /name of 300 characters, "x{60}…"/],
    [['account', 'na\u0000me'], {}, /NUL bytes.*utf-16le/],
    [Array.from({ length: 501 }, (_, n) => `c${n}`), {}, /^LIMIT_EXCEEDED at columns: The file has 501 columns/],
    [
      ['account'],
      { columns: { city: 'addresses.city' } },
      /^UNKNOWN_FIELD at options\.columns\.city: .*maps "city".*has "account"/,
    ],
    [['account', 'x'], { columns: { x: 'nonsense' } }, /^UNKNOWN_FIELD at options\.columns\.x/],
    [['account', 'x'], { columns: { x: 'Account number' } }, /"account" or "bankAccounts\.accountNumber"; say which/],
    [['account', 'x'], { columns: { x: null, X: 'name' } }, /maps "X" twice/],
    [['account', 'name'], { constants: { name: 'x' } }, /has a column and a constant/],
    [['account'], { constants: { account: 'x' } }, /cannot be a constant/],
    [
      ['account', 'name', 'addresses[2].city'],
      { constants: { 'addresses.city': 'Berlin' } },
      /^INVALID_VALUE at options\.constants\.addresses\.city: There is no column for this address,/,
    ],
    [
      ['account', 'IBAN', 'City'],
      { columns: { IBAN: null }, constants: { 'bankAccounts.code': 'B', 'addresses.code': 'HQ' } },
      /^INVALID_VALUE at options\.constants\.bankAccounts\.code: There is no column for this bank account,/,
    ],
    [['account'], { constants: { currency: 'Taler' } }, /^INVALID_VALUE at options\.constants\.currency: .*ISO 4217/],
    [['account'], { constants: { currency: 'EUR', Currency: 'USD' } }, /two constants for Currency/],
  ])('%j with %j is refused', (header, options, expected) => {
    expect(refusal(header, options)).toMatch(expected)
  })

  test('found by any of its names, in any order, is the same', () => {
    const known = catalogue.filter(({ property }) => property !== null).map(({ name }) => name)
    fc.assert(
      fc.property(fc.shuffledSubarray(known), fc.array(fc.nat(3), { minLength: 1 }), (names, ways) => {
        const header = names.map((name, i) => {
          const way = ways[i % ways.length]
          return way === 0
            ? labelOf(name)
            : way === 1
              ? ` ${name.toUpperCase()} `
              : way === 2
                ? name
                : name.replace('.', '[1].')
        })
        expect(fieldsOf(['account', ...header])).toEqual(['account', ...names])
      }),
    )
  })
})

describe('options', () => {
  test.each([
    ['{"colums":{}}', /colums/],
    ['{"delimiter":":"}', /delimiter/],
    ['{"columns":{"a":5}}', /columns\.a/],
    ['{"null":"NULL"}', /null/],
    [`{"null":${JSON.stringify(Array(21).fill('x'))}}`, /null/],
    ['{"empty":"leave"}', /empty/],
    ['{"commit":"yes"}', /commit/],
    ['[]', /Import-Options/],
    ['{"columns":{"__proto__":"account"}}', /columns\.__proto__/],
    ['{"constants":{"__proto__":"x"}}', /constants\.__proto__/],
    ['{"__proto__":{"commit":true}}', /__proto__/],
    ['{"columns":{"a":"account","a":null}}', /"a" twice/],
    ['{', /not JSON/],
  ])('%s are refused', (text, expected) => {
    const read = readImportOptions(text)
    expect(read.ok ? 'taken' : `${read.error.code} ${read.error.message}`).toMatch(/^INVALID_VALUE/)
    expect(read.ok ? '' : read.error.message).toMatch(expected)
  })
  test('that are not there are the defaults', () => {
    expect(readImportOptions(null)).toEqual({ ok: true, value: noOptions })
    expect(readImportOptions(' ')).toEqual({ ok: true, value: noOptions })
  })
})

describe('a row of cells', () => {
  test('has texts as the rules take them', () => {
    const header = [
      'account',
      'name',
      'creditLimit',
      'mandatoryCreditLimit',
      'holdStatus',
      'country',
      'primary',
      'cashDiscountBaseDays',
    ]
    expect(row(header, [' A-1 ', ' Café ', '1.234,50', '1', 'Not on hold', 'germany', 'Yes', '30'])).toEqual({
      row: {
        account: 'A-1',
        set: {
          name: 'Café',
          creditLimit: '1.234,50',
          mandatoryCreditLimit: true,
          holdStatus: 'NO',
          cashDiscountBaseDays: '30',
        },
        addresses: [{ code: 'MAIN', country: 'DE', primary: true }],
      },
    })
    expect(
      row(['account', 'mandatoryCreditLimit', 'holdStatus', 'country'], ['A', 'maybe', 'all', 'GBR']),
    ).toMatchObject({
      row: { set: { mandatoryCreditLimit: 'maybe', holdStatus: 'ALL' }, addresses: [{ country: 'GB' }] },
    })
  })

  test('leaves alone what is empty, or clears it where the request says so', () => {
    const header = ['account', 'name', 'phone', 'addresses.city', 'addresses.state', 'contacts.name']
    const cells = ['A', '', 'NULL', 'Berlin', ' ', '']
    expect(row(header, cells, { null: ['NULL'] })).toEqual({
      row: { account: 'A', set: {}, addresses: [{ code: 'MAIN', city: 'Berlin' }] },
    })
    expect(row(header, cells, { null: ['NULL'], empty: 'CLEAR' })).toEqual({
      row: {
        account: 'A',
        set: { name: null, phone: null },
        addresses: [{ code: 'MAIN', city: 'Berlin', state: null }],
      },
    })
  })

  test('has several children, by their own codes or by standard ones, with what the request adds', () => {
    const header = ['account', 'addresses.city', 'addresses[2].city', 'Bank account', 'IBAN', 'bankAccounts.code']
    const mapped = { columns: { 'Bank account': null } }
    expect(row(header, ['A', '', 'Paris', 'x', 'DE1', 'B1'], mapped)).toEqual({
      row: {
        account: 'A',
        set: {},
        addresses: [{ code: 'MAIN2', city: 'Paris' }],
        bankAccounts: [{ code: 'B1', iban: 'DE1' }],
      },
    })
    const constants = { 'addresses.code': 'HQ', 'addresses.purpose': 'Invoice', currency: 'EUR' }
    expect(row(['account', 'city'], ['A', 'Berlin'], { constants })).toEqual({
      row: { account: 'A', set: { currency: 'EUR' }, addresses: [{ code: 'HQ', purpose: 'INVOICE', city: 'Berlin' }] },
    })
    expect(row(['account', 'city'], ['A', ''], { constants })).toEqual({
      row: { account: 'A', set: { currency: 'EUR' } },
    })
  })

  test('without an account is a problem', () => {
    expect(row(['name', 'account'], ['x', ' '])).toMatchObject({ problem: { code: 'INVALID_VALUE', at: ['account'] } })
    expect(compileAccount(layout(['name', 'account']))(['x', ' A '])).toBe('A')
  })

  test('that was refused, fetched and sent again is what it was', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^'{0,2}[ \t]?[=+@-][a-z0-9.]{0,4}$/)).map((text) => text.trim()),
        (text) => {
          expect(unescapeFormula(escapeFormula(text))).toBe(text)
          const header = ['account', 'name', 'row', 'outcome', 'why']
          const read = row(header, ['A', escapeFormula(text), '1', 'INVALID', 'x'])
          expect(read).toEqual({ row: { account: 'A', set: text === '' ? {} : { name: text } } })
        },
      ),
    )
    for (const text of ['=1', '+1', '-1+1', '@x', '\t=1', '\rx', ' =1', '＝1', '　＋1', "'=1"])
      expect(escapeFormula(text)).toBe(`'${text}`)
    for (const text of ['-12.50', '-1', 'a=1', "it's", '']) expect(escapeFormula(text)).toBe(text)
  })
})

test('a row that is written under its columns reads back', () => {
  const texts = catalogue.filter(({ def }) => def?.type === 'TEXT' || def?.type === 'DECIMAL').map(({ name }) => name)
  const word = fc.stringMatching(/^[a-z0-9]{1,6}$/)
  fc.assert(
    fc.property(
      fc.shuffledSubarray(texts),
      fc.array(word, { minLength: texts.length, maxLength: texts.length }),
      (names, words) => {
        const read = row(['account', ...names], ['A', ...words])
        if ('problem' in read) throw new Error(read.problem.message)
        for (const [i, name] of names.entries()) {
          const [first = '', ...rest] = placeOf(name)
          let value: unknown = read.row[first as 'set']
          for (const key of rest) value = (value as Record<string, unknown>)[key]
          expect(value).toBe(words[i])
        }
      },
    ),
  )
})

describe('a line of JSON', () => {
  test('has the shape of the API, or keys like columns', () => {
    const nested = { account: 'A', set: { name: 'x', phone: null }, addresses: [{ code: 'HQ', country: 'France' }] }
    expect(line(nested)).toEqual({
      row: { account: 'A', set: { name: 'x' }, addresses: [{ code: 'HQ', country: 'FR' }] },
    })
    expect(line(nested, { empty: 'CLEAR' })).toMatchObject({ row: { set: { name: 'x', phone: null } } })
    const flat = {
      'Customer account': 'A',
      'Credit limit': 5,
      city: 'Berlin',
      'addresses[2].city': '',
      note: { any: 'thing' },
    }
    expect(line(flat, { columns: { note: null } })).toEqual({
      row: { account: 'A', set: { creditLimit: 5 }, addresses: [{ code: 'MAIN', city: 'Berlin' }] },
    })
    const constants = { 'addresses.code': 'HQ', currency: 'EUR' }
    expect(line({ account: 'A', city: 'Berlin' }, { constants })).toEqual({
      row: { account: 'A', set: { currency: 'EUR' }, addresses: [{ code: 'HQ', city: 'Berlin' }] },
    })
    for (const without of [{ account: 'A' }, { account: 'A', city: '' }])
      expect(line(without, { constants })).toEqual({ row: { account: 'A', set: { currency: 'EUR' } } })
    expect(line({ id: 'A', account: 'other' }, { columns: { id: 'account', account: null } })).toEqual({
      row: { account: 'A', set: {} },
    })
  })

  test.each<[Record<string, unknown>, string, RegExp]>([
    [{ account: 'A', colour: 1 }, 'UNKNOWN_FIELD', /"colour"/],
    [JSON.parse('{"account":"A","__proto__":{"name":"x"}}') as Record<string, unknown>, 'UNKNOWN_FIELD', /__proto__/],
    [{ account: 'A', constructor: 1 }, 'UNKNOWN_FIELD', /constructor/],
    [{ account: true }, 'INVALID_VALUE', /must be a text/],
    [{ name: 'x' }, 'INVALID_VALUE', /no account/],
    [{ set: { name: 'x' } }, 'INVALID_VALUE', /no account/],
    [{ account: 'A', name: 'x', OrganizationName: 'y' }, 'INVALID_VALUE', /same field/],
    [{ account: 'A', name: { first: 'x' } }, 'INVALID_VALUE', /must be a text/],
    [{ account: 'A', set: 5 }, 'INVALID_VALUE', /"set"/],
    [{ account: 'A', set: {}, addresses: {} }, 'INVALID_VALUE', /"addresses"/],
    [{ account: 'A', set: {}, contacts: [5] }, 'INVALID_VALUE', /"contacts"/],
    [{ account: 'A', set: {}, name: 'x' }, 'UNKNOWN_FIELD', /"name"/],
  ])('%j is a problem', (content, code, message) => {
    expect(line(content)).toMatchObject({ problem: { code, message: expect.stringMatching(message) as string } })
  })

  test('takes numbers for texts as they are written, and for numbers what they come to', () => {
    const flat = {
      account: 5,
      phone: 123,
      'addresses.postalCode': 10115,
      creditLimit: 75000.5,
      cashDiscountBaseDays: '7.0',
    }
    expect(line(flat)).toEqual({
      row: {
        account: '5',
        set: { phone: '123', creditLimit: 75000.5, cashDiscountBaseDays: 7 },
        addresses: [{ code: 'MAIN', postalCode: '10115' }],
      },
    })
    const set = { phone: '1.50', creditLimit: '1.5e3', cashDiscountBaseDays: '1e1', mandatoryCreditLimit: 1, colour: 1 }
    expect(line({ account: 'A', set, addresses: [{ code: 7, postalCode: '1e3' }] })).toEqual({
      row: {
        account: 'A',
        set: { phone: '1.50', creditLimit: 1500, cashDiscountBaseDays: 10, mandatoryCreditLimit: true, colour: 1 },
        addresses: [{ code: '7', postalCode: '1e3' }],
      },
    })
    // Neither rounded nor guessed at: the rules refuse them.
    for (const creditLimit of ['1.2345678901234567e3', '1.234,50', '1e9999', '1.2.3'])
      expect(line({ account: 'A', set: { creditLimit } })).toEqual({ row: { account: 'A', set: { creditLimit } } })
  })

  test('names what the rules do not know as it is, for them to refuse', () => {
    const content = JSON.parse('{"account":"A","set":{"__proto__":{"name":"x"},"colour":1}}') as Record<string, unknown>
    const read = line(content)
    if ('problem' in read) throw new Error(read.problem.message)
    expect(Object.keys(read.row.set ?? {})).toEqual(['__proto__', 'colour'])
    expect(Object.getPrototypeOf(read.row.set)).toBe(Object.prototype)
  })
})

test('every name that a column can have means one field, or says that it does not', () => {
  for (const { name, property, def } of catalogue) {
    if (property === null) continue
    expect(columnNamed(name)).toEqual([name])
    expect(columnNamed(labelOf(name))).toEqual([name])
    expect(columnNamed(def?.d365Name ?? name)).toContain(name)
  }
})

test('a column is told with each name by which it is known, and with no other', () => {
  expect(knownColumns.map(({ field }) => field)).toEqual([
    'account',
    ...catalogue.flatMap(({ name, property }) => (property === null ? [] : [name])),
  ])
  for (const { field, names } of knownColumns) {
    expect(names[0]).toBe(field)
    for (const name of names) expect([name, columnNamed(name)]).toEqual([name, expect.arrayContaining([field])])
    expect(new Set(names.map(normalName)).size).toBe(names.length)
  }
  const namesOf = (field: string) => knownColumns.find((column) => column.field === field)?.names
  expect(namesOf('account')).toEqual(['account', 'Customer account', 'AccountNum', 'Account number'])
  expect(namesOf('creditLimit')).toEqual(['creditLimit', 'CreditMax'])
  // What a customer's own field is called first is no name of a record's.
  expect(namesOf('contacts.email')).not.toContain('E-mail')
  expect(namesOf('bankAccounts.accountNumber')).toContain('Account number')
})
