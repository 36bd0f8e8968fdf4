// What automated elements look at by themselves (DOMAIN section 5). Sentences about tax numbers and bank accounts never hold one.
import { isValidBIC, isValidIBAN } from 'ibantools'
import countries from 'i18n-iso-countries'
import validator from 'validator'
import type { Customer } from '../customer.ts'

export type Check = 'DUPLICATE_TAX_NUMBER' | 'IBAN' | 'VAT_NUMBER'
export type CheckInput = {
  /** As it would stand. */
  readonly record: Customer
  /** Accounts of the company's other customers with the same tax number, compared by `normalTaxNumber`. */
  readonly sameTaxNumber: readonly string[]
}
export type CheckResult = { readonly passed: boolean; readonly message: string }

const passed = (message: string): CheckResult => ({ passed: true, message })
const failed = (message: string): CheckResult => ({ passed: false, message })

/** A tax number as two are compared: upper case, without spaces, dots, dashes and slashes. */
export const normalTaxNumber = (text: string): string => text.toUpperCase().replace(/[\s./\-\u2010-\u2015]/g, '')

const taxNumberOf = ({ values }: Customer): string => normalTaxNumber(values.taxExemptNumber ?? '')

const someOf = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')

const checkDuplicate = ({ record, sameTaxNumber }: CheckInput): CheckResult => {
  const others = sameTaxNumber.filter((account) => account !== record.account)
  if (taxNumberOf(record) === '') return passed('There is no tax number.')
  if (others.length === 0) return passed('No other customer has this tax number.')
  return failed(
    `The tax number is that of ${someOf(others)} as well: correct it, or work with the account that is there already.`,
  )
}

/** Countries whose banks have the IBANs of another one: territories of France, the Crown dependencies, Åland. */
const bankingCountry: ReadonlyMap<string, string> = new Map([
  ...['BL', 'GF', 'GP', 'MF', 'MQ', 'NC', 'PF', 'PM', 'RE', 'TF', 'WF', 'YT'].map((code) => [code, 'FR'] as const),
  ...['GG', 'IM', 'JE'].map((code) => [code, 'GB'] as const),
  ['AX', 'FI'],
])
const homeOf = (country: string): string => bankingCountry.get(country) ?? country

const bankFault = ({ iban, bic }: Customer['children']['bankAccounts'][number]['values']): string | null => {
  const electronic = iban?.replace(/\s/g, '').toUpperCase() ?? ''
  const code = bic?.replace(/\s/g, '').toUpperCase() ?? ''
  if (electronic !== '' && !isValidIBAN(electronic))
    return 'its IBAN is not valid, check the country, the length and the check digits'
  if (code !== '' && !isValidBIC(code)) return 'its BIC is not valid, it has 8 or 11 characters'
  if (electronic !== '' && code !== '' && homeOf(electronic.slice(0, 2)) !== homeOf(code.slice(4, 6)))
    return 'its BIC is of another country than its IBAN, check which of the two is right'
  return null
}

const checkIban = ({ record }: CheckInput): CheckResult => {
  const faults = record.children.bankAccounts.flatMap(({ values }) => {
    const fault = bankFault(values)
    return fault === null ? [] : [`Bank account ${values.code}: ${fault}.`]
  })
  const more = faults.length > 5 ? [`And ${faults.length - 5} more are not in order.`] : []
  if (faults.length > 0) return failed([...faults.slice(0, 5), ...more].join(' '))
  const any = record.children.bankAccounts.some(({ values }) => values.iban !== null)
  return passed(any ? 'The IBANs of all bank accounts are valid.' : 'No bank account has an IBAN.')
}

/**
 * Numbers, normalised, that the validator refuses although they are valid: it wants separators in them (GB and Latin America) or
 * knows an older form only (Spain's companies, Ireland, India, Canada). After the European Commission's list of VAT number structures
 * and the tax offices of the others.
 */
const alsoValid: Readonly<Record<string, RegExp>> = {
  BR: /^(BR)?(\d{14}|\d{11})$/,
  CA: /^(CA)?\d{9}RT\d{4}$/,
  CL: /^(CL)?\d{7,8}[\dK]$/,
  ES: /^(ES)?([A-Z]\d{7}[\dA-Z]|\d{8}[A-Z])$/,
  GB: /^(GB)?(\d{7}([0-8]\d|9[0-6])(\d{3})?|GD[0-4]\d\d|HA[5-9]\d\d)$/,
  GT: /^(GT)?\d{7}[\dK]$/,
  IE: /^(IE)?(\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])$/,
  IN: /^(IN)?\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[\dA-Z]$/,
  NI: /^(NI)?\d{13}[\dA-Z]$/,
  PY: /^(PY)?\d{7,9}$/,
  SV: /^(SV)?\d{14}$/,
  VE: /^(VE)?[JGVE]\d{9}$/,
}
/** Whose numbers are of another country's form, or begin with other letters. */
const taxCountry: ReadonlyMap<string, string> = new Map([
  ['GR', 'EL'],
  ['IM', 'GB'],
  ['MC', 'FR'],
  ['XI', 'GB'],
])
/** The validator lists them and says yes to no number. */
const withoutForm: ReadonlySet<string> = new Set(['HN', 'PA'])

/** Is this number, normalised, one of that country? Null: nobody here knows what they look like there. */
const isVatOf = (number: string, country: string): boolean | null => {
  const code = taxCountry.get(country) ?? country
  if (withoutForm.has(code)) return null
  // A prefix of another spelling than the form's: Greek numbers with GR, those of Northern Ireland with XI.
  const own = code !== country && number.startsWith(country) ? number.slice(2) : number
  try {
    return [own, code + own].some(
      (text) => validator.isVAT(text, code as validator.VATCountryCode) || alsoValid[code]?.test(text) === true,
    )
  } catch {
    return null
  }
}

const isCountry = (code: string): boolean =>
  /^[A-Z]{2}$/.test(code) && (taxCountry.has(code) || code === 'EL' || countries.isValid(code))

/** The country whose form the number must have: the one that it begins with, else that of the primary address, else of the only one. */
const countryOf = (number: string, record: Customer): { code: string; from: 'NUMBER' | 'ADDRESS' } | null => {
  const { addresses } = record.children
  const primary = addresses.find(({ values }) => values.primary) ?? (addresses.length === 1 ? addresses[0] : undefined)
  const home = primary?.values.country ?? null
  const prefix = number.slice(0, 2)
  // Mexican numbers begin with letters of the company's name, which may be those of any country.
  const mexican = home === 'MX' && isVatOf(number, 'MX') === true
  if (isCountry(prefix) && !mexican) return { code: prefix, from: 'NUMBER' }
  return home === null ? null : { code: home, from: 'ADDRESS' }
}

const checkVat = ({ record }: CheckInput): CheckResult => {
  const number = taxNumberOf(record)
  if (number === '') return passed('There is no tax number.')
  const country = countryOf(number, record)
  if (country === null)
    return failed(
      'Nothing says of which country the tax number is: begin it with the two letters of the country, or give the primary address its country.',
    )
  const where = country.from === 'NUMBER' ? 'the country that it begins with' : 'the country of the primary address'
  const valid = isVatOf(number, country.code)
  if (valid === null)
    return passed(`The form of tax numbers of ${where} is not known here; the number has not been checked.`)
  if (valid) return passed(`The tax number has the form of ${where}.`)
  return failed(
    `The tax number has not the form of a VAT number of ${where}: check its length, its letters and its check digits.`,
  )
}

/**
 * What a built-in check finds. The message says what failed and what to do about it, and never holds a sensitive value. Fields that are
 * empty pass.
 */
export const runCheck = (check: Check, input: CheckInput): CheckResult => {
  switch (check) {
    case 'DUPLICATE_TAX_NUMBER':
      return checkDuplicate(input)
    case 'IBAN':
      return checkIban(input)
    case 'VAT_NUMBER':
      return checkVat(input)
    default:
      return check satisfies never
  }
}
