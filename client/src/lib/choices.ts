// What may be chosen for a field that holds a code: reference values, ISO lists as the browser knows them, other records.
import { ask } from './api.ts'
import { loadReferences } from './catalogue.ts'
import { CustomersQuery } from './documents/customers.ts'
import type { Field } from './documents/fragments.ts'
import { locale } from './locale.ts'

export type Choice = { value: string; label: string; note?: string }

const names = (type: 'currency' | 'region' | 'language') => new Intl.DisplayNames(locale, { type, fallback: 'none' })
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
/** Codes of two letters that the browser has a name for. */
const twoLetters = (type: 'region' | 'language'): Choice[] => {
  const known = names(type)
  const codes = letters
    .flatMap((a) => letters.map((b) => a + b))
    .map((code) => (type === 'language' ? code.toLowerCase() : code))
  return codes.flatMap((value) => {
    const label = known.of(value)
    return label === undefined ? [] : [{ value, label }]
  })
}
const lists: Partial<Record<Field['type'], () => Choice[]>> = {
  CURRENCY: () => {
    const known = names('currency')
    return Intl.supportedValuesOf('currency').map((value) => ({ value, label: known.of(value) ?? value }))
  },
  COUNTRY: () => twoLetters('region'),
  LANGUAGE: () => twoLetters('language'),
}

/** A language of a region, which no list holds, once it has been typed: en-US. */
const regional = (typed: string): Choice[] => {
  const tag = /^([a-z]{2,3})-([a-z]{2})$/i.exec(typed.trim())
  if (!tag) return []
  const value = `${tag[1]?.toLowerCase()}-${tag[2]?.toUpperCase()}`
  const label = names('language').of(value)
  return label === undefined ? [] : [{ value, label }]
}

/** Is the field's value one of a list that can be searched? */
export const isChosen = (field: Field): boolean =>
  field.type === 'REFERENCE' || field.type === 'CUSTOMER' || field.type === 'BANK_ACCOUNT' || field.type in lists

/** The choices for what has been typed so far; `accounts` are the codes of the customer's own bank accounts. */
export const loadChoices = async (
  field: Field,
  company: string,
  accounts: readonly string[],
  typed: string,
): Promise<Choice[]> => {
  if (field.type === 'REFERENCE' && field.referenceKind) {
    const values = await loadReferences(company, field.referenceKind)
    return values.map(({ code, name }) => ({ value: code, label: name }))
  }
  if (field.type === 'CUSTOMER') {
    const { customers } = await ask(CustomersQuery, { company, filter: { search: typed }, columns: [], first: 20 })
    return (customers?.edges ?? []).map(({ node }) => ({ value: node.account, label: node.name }))
  }
  if (field.type === 'BANK_ACCOUNT') return accounts.map((code) => ({ value: code, label: code }))
  const list = lists[field.type]?.() ?? []
  return field.type === 'LANGUAGE' ? [...regional(typed), ...list] : list
}
