// The built-in checks of automated elements (DOMAIN section 5): what passes, what does not, and that no sentence gives a number away.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Child, Customer } from '../../../server/domain/customer.ts'
import { normalTaxNumber, runCheck, type Check } from '../../../server/domain/workflow/checks.ts'
import { bankAccount, customer, iban } from '../world.ts'
import type { Json } from './definitions.ts'

const address = (country: string | null, primary = true): Child<'addresses'> => ({
  id: `a-${country ?? ''}`,
  values: {
    code: country ?? 'A',
    purpose: 'BUSINESS',
    street: null,
    city: null,
    state: null,
    postalCode: null,
    country,
    primary,
  },
})
const taxed = (taxExemptNumber: string | null, ...addresses: Child<'addresses'>[]): Customer => {
  const record = customer({ taxExemptNumber })
  return { ...record, children: { ...record.children, addresses } }
}
const banked = (...accounts: Json[]): Customer => {
  const record = customer()
  const bankAccounts = accounts.map((more, i) => bankAccount(`b${i + 1}`, `BANK${i + 1}`, more))
  return { ...record, children: { ...record.children, bankAccounts } }
}
const run = (check: Check, record: Customer, sameTaxNumber: readonly string[] = []) =>
  runCheck(check, { record, sameTaxNumber })

describe('a tax number that another customer has', () => {
  it('passes when nobody else has it, and when there is none', () => {
    expect(run('DUPLICATE_TAX_NUMBER', taxed('DE136695976')).passed).toBe(true)
    for (const empty of [null, '', ' - '])
      expect(run('DUPLICATE_TAX_NUMBER', taxed(empty), ['US-002']).passed).toBe(true)
  })
  it('fails naming the others, some of many, and never the number', () => {
    const few = run('DUPLICATE_TAX_NUMBER', taxed('DE136695976'), ['US-002', 'US-003'])
    expect(few.passed).toBe(false)
    expect(few.message).toContain('US-002, US-003')
    const many = run('DUPLICATE_TAX_NUMBER', taxed('DE136695976'), ['A', 'B', 'C', 'D', 'E', 'F', 'G'])
    expect(many.message).toContain('and 2 more')
  })
  it('is not the one of the customer itself', () => {
    expect(run('DUPLICATE_TAX_NUMBER', taxed('DE136695976'), ['US-001']).passed).toBe(true)
  })
  it.each([
    ['DE 136.695-976', 'DE136695976'],
    ['de136695976', 'DE136695976'],
    ['CHE‑116.281.838 MWST', 'CHE116281838MWST'],
    ['12/345/67890', '1234567890'],
  ])('is compared without what people write between: %s', (written, normal) => {
    expect(normalTaxNumber(written)).toBe(normal)
  })
})

describe('the IBANs of bank accounts', () => {
  it.each<[string, Json[], string | null]>([
    ['no bank account', [], null],
    ['valid ones', [{}, { iban: iban.second }], null],
    ['an account number in place of one', [{ iban: null, accountNumber: '123' }], null],
    ['written in groups', [{ iban: 'de02 1203 0000 0000 2020 51' }], null],
    ['wrong check digits', [{ iban: 'DE03120300000000202051' }], 'BANK1: its IBAN is not valid'],
    ['too short', [{}, { iban: 'DE0212030000000020205' }], 'BANK2: its IBAN is not valid'],
    ['a BIC of the same country', [{ bic: 'BYLADEM1001' }], null],
    ['a BIC that is none', [{ bic: 'BYLADE' }], 'BANK1: its BIC is not valid'],
    ['a BIC of another country', [{ bic: 'BNPAFRPP' }], 'BANK1: its BIC is of another country'],
    ['a BIC beside an account number tells no country', [{ iban: null, accountNumber: '1', bic: 'BNPAFRPP' }], null],
    ['a French territory has French IBANs', [{ iban: 'FR1420041010050500013M02606', bic: 'BNPAGPGX' }], null],
    ['Jersey has British IBANs', [{ iban: 'GB29NWBK60161331926819', bic: 'RBOSJESH' }], null],
  ])('%s', (_, accounts, fault) => {
    const { passed, message } = run('IBAN', banked(...accounts))
    expect(passed).toBe(fault === null)
    expect(message).toContain(fault ?? '')
  })
  it('names five of many', () => {
    const { message } = run('IBAN', banked(...Array.from({ length: 9 }, () => ({ iban: 'DE00' }))))
    expect(message).toContain('BANK5')
    expect(message).not.toContain('BANK6')
    expect(message).toContain('4 more')
  })
})

describe('the form of a VAT number', () => {
  it.each<[string, string | null, Child<'addresses'>[], boolean]>([
    ['none', null, [], true],
    ['German', 'DE136695976', [], true],
    ['German as people write it', 'de 136 695 976', [], true],
    ['German, too short', 'DE13669597', [], false],
    ['German twice', 'DEDE136695976', [], false],
    ['the prefix decides, not the address', 'DE136695976', [address('AT')], true],
    ['the address decides without a prefix', '136695976', [address('DE')], true],
    ['and says no', '136695976', [address('AT')], false],
    ['Austrian without its prefix', 'U12345678', [address('AT')], true],
    ['French without its prefix', '40303265045', [address('FR')], true],
    ['Swiss', 'CHE-116.281.839 MWST', [], true],
    ['Swiss, wrong check digit', 'CHE-116.281.838 MWST', [], false],
    ['Greek with EL', 'EL094259216', [], true],
    ['Greek with GR', 'GR094259216', [], true],
    ['Greek by the address', '094259216', [address('GR')], true],
    ['British', 'GB 980 7806 84', [], true],
    ['British in one', 'GB980780684', [], true],
    ['of Northern Ireland', 'XI980780684', [], true],
    ['British, too long', 'GB9807806841', [], false],
    ['a Spanish company', 'ESB12345678', [], true],
    ['a Spanish person', 'ES12345678Z', [], true],
    ['Irish, the newer form', 'IE1234567FA', [], true],
    ['Irish, the oldest form', 'IE1S12345L', [], true],
    ['Irish, too short', 'IE1S1234L', [], false],
    ['Dutch', 'NL123456789B01', [], true],
    ['Norwegian', 'NO123456785MVA', [], true],
    ['Brazilian', '12.345.678/0001-95', [address('BR')], true],
    ['Chilean', '12.345.678-K', [address('CL')], true],
    ['Indian', '22AAAAA0000A1Z5', [address('IN')], true],
    ['Mexican, though it begins like a Spanish one', 'ESC010203AB1', [address('MX')], true],
    ['Spanish of a Mexican customer', 'ESB12345678', [address('MX')], true],
    ['Australian, wrong check digits', 'AU51824753557', [], false],
    ['of a country whose form nobody knows', '12-3456789', [address('US')], true],
    ['with the prefix of such a country', 'US123456789', [address('DE')], true],
    ['of a country that is listed without a form', '08019995123456', [address('HN')], true],
    ['of no country at all', '136695976', [], false],
    ['of an address without a country', '136695976', [address(null)], false],
    ['of the only address, primary or not', '136695976', [address('DE', false)], true],
    ['of two addresses the primary one counts', '136695976', [address('AT', false), address('DE')], true],
    ['of two addresses none is primary', '136695976', [address('AT', false), address('DE', false)], false],
    ['letters that are no country', 'QQ136695976', [address('DE')], false],
  ])('%s: %s', (_, number, addresses, valid) => {
    expect(run('VAT_NUMBER', taxed(number, ...addresses)).passed).toBe(valid)
  })
  it('says when it could not be checked, and what to do when nothing tells the country', () => {
    expect(run('VAT_NUMBER', taxed('12-3456789', address('US'))).message).toContain('has not been checked')
    expect(run('VAT_NUMBER', taxed('136695976')).message).toContain('give the primary address its country')
  })
})

it('no sentence holds a sensitive value, whatever it is', () => {
  const secret = fc.oneof(
    fc.stringMatching(/^[A-Z]{2}[0-9A-Z]{5,18}$/),
    fc.stringMatching(/^[0-9. -]{6,15}[0-9]{4}$/),
    fc.constantFrom(iban.first, iban.second, 'BYLADEM1001', 'DE136695976'),
  )
  const country = fc.option(fc.constantFrom('DE', 'US', 'FR', 'MX', 'HN'))
  fc.assert(
    fc.property(secret, secret, secret, country, (number, own, bic, home) => {
      const record = taxed(number, address(home))
      const bankAccounts = [bankAccount('b1', 'MAIN', { iban: own, bic })]
      const whole = { ...record, children: { ...record.children, bankAccounts } }
      for (const check of ['DUPLICATE_TAX_NUMBER', 'IBAN', 'VAT_NUMBER'] as const) {
        const { message } = run(check, whole, ['US-002'])
        expect(message).toMatch(/^[A-Z][^\n]*\.$/)
        for (const value of [number, own, bic])
          for (const text of [value, normalTaxNumber(value)]) if (text.length > 3) expect(message).not.toContain(text)
      }
    }),
  )
})
