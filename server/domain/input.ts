// Raw input of one field → its canonical value, or a problem that says what to do.
import Big from 'big.js'
import countries from 'i18n-iso-countries'
import currencies from 'currency-codes'
import { electronicFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools'
import { z } from 'zod'
import type { Problem } from './errors.ts'
import type { FieldDef } from './fields.ts'
import { holdsInvisible } from './text.ts'
import type { Scalar } from './values.ts'

export type Parsed = { readonly ok: true; readonly value: Scalar } | { readonly ok: false; readonly message: string }
const good = (value: Scalar): Parsed => ({ ok: true, value })
const bad = (message: string): Parsed => ({ ok: false, message })

// numeric(20, scale) holds this many digits in all.
const maxDigits = 20
// Longer than any field may be; checked first, so that no format is matched against more.
const maxInput = 1000
const decimalText = /^[+-]?\d{1,40}(\.\d{1,40})?$/
const email = z.email()
const currencyCodes: ReadonlySet<string> = new Set(currencies.codes())
const isoDate = z.iso.date()
// Control characters have no place in master data; a NUL cannot even be stored.
const control = /(?![\t\n\r])\p{Cc}/u

const parseDecimal = (raw: unknown, def: FieldDef): Parsed => {
  const text = typeof raw === 'number' ? String(raw) : typeof raw === 'string' ? raw.trim() : null
  if (text === null || !decimalText.test(text)) return bad(`${def.label} must be a decimal number such as "250000.00".`)
  const scale = def.scale ?? 0
  // big.js takes no plus sign.
  const value = new Big(text.replace('+', ''))
  if (!value.round(scale, Big.roundDown).eq(value))
    return bad(`${def.label} has more than ${scale} digits behind the point.`)
  if (def.minimum !== undefined && value.lt(def.minimum)) return bad(`${def.label} must not be below ${def.minimum}.`)
  const canonical = value.eq(0) ? new Big(0).toFixed(scale) : value.toFixed(scale)
  if (canonical.replace(/[-.]/g, '').length > maxDigits)
    return bad(`${def.label} has more than ${maxDigits - scale} digits before the point.`)
  return good(canonical)
}

const parseInteger = (raw: unknown, def: FieldDef): Parsed => {
  const value = typeof raw === 'string' && /^[+-]?\d{1,10}$/.test(raw.trim()) ? Number(raw) : raw
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 2_147_483_647) {
    return bad(`${def.label} must be a whole number.`)
  }
  if (def.minimum !== undefined && value < Number(def.minimum))
    return bad(`${def.label} must not be below ${def.minimum}.`)
  return good(value === 0 ? 0 : value)
}

const parseBoolean = (raw: unknown, def: FieldDef): Parsed => {
  if (typeof raw === 'boolean') return good(raw)
  const text = typeof raw === 'string' ? raw.trim().toLowerCase() : ''
  if (text === 'true' || text === 'yes') return good(true)
  if (text === 'false' || text === 'no') return good(false)
  return bad(`${def.label} must be true or false.`)
}

/** Format checks of the text types; what a code refers to is checked against the company, not here. */
const checkText = (text: string, def: FieldDef): Parsed => {
  switch (def.type) {
    case 'EMAIL':
      return email.safeParse(text).success
        ? good(text)
        : bad(`${def.label} must be an e-mail address such as name@example.com.`)
    case 'URL':
      return /^https?:\/\//i.test(text) && URL.canParse(text)
        ? good(text)
        : bad(`${def.label} must be an address that begins with https:// or http://.`)
    case 'PHONE':
      return /\d/.test(text) && /^[+\d(][\d\s()./-]*(\s?(ext|x)\.?\s?\d+)?$/i.test(text)
        ? good(text)
        : bad(`${def.label} must be a phone number such as +49 30 1234567.`)
    case 'IBAN': {
      const iban = electronicFormatIBAN(text)
      return iban !== null && isValidIBAN(iban)
        ? good(iban)
        : bad(`${def.label} is not a valid IBAN: check the country, the length and the check digits.`)
    }
    case 'BIC': {
      const bic = text.replace(/\s/g, '').toUpperCase()
      return isValidBIC(bic) ? good(bic) : bad(`${def.label} is not a valid BIC: 8 or 11 characters, such as DEUTDEFF.`)
    }
    case 'CURRENCY': {
      const code = text.toUpperCase()
      return !currencyCodes.has(code) ? bad(`${def.label} must be an ISO 4217 code such as EUR.`) : good(code)
    }
    case 'COUNTRY': {
      const code = text.toUpperCase()
      return /^[A-Z]{2}$/.test(code) && countries.isValid(code)
        ? good(code)
        : bad(`${def.label} must be an ISO 3166 code such as DE.`)
    }
    case 'LANGUAGE': {
      try {
        return good(Intl.getCanonicalLocales(text)[0] ?? text)
      } catch {
        return bad(`${def.label} must be a language tag such as en-US.`)
      }
    }
    case 'DATE':
      return isoDate.safeParse(text).success ? good(text) : bad(`${def.label} must be a date such as 2026-11-30.`)
    case 'ENUM':
      return (def.options ?? []).some((o) => o.value === text)
        ? good(text)
        : bad(`${def.label} must be one of ${(def.options ?? []).map((o) => o.value).join(', ')}.`)
    default:
      return good(text)
  }
}

/**
 * The canonical value of a field from what a caller sent. Null, and an empty text, clear the field; a required one refuses that.
 * Codes are not looked up here.
 */
export const parseField = (raw: unknown, def: FieldDef): Parsed => {
  const empty = raw === null || (typeof raw === 'string' && raw.trim() === '')
  if (empty) return def.required === true ? bad(`${def.label} is required and cannot be cleared.`) : good(null)
  switch (def.type) {
    case 'DECIMAL':
      return parseDecimal(raw, def)
    case 'INTEGER':
      return parseInteger(raw, def)
    case 'BOOLEAN':
      return parseBoolean(raw, def)
    default: {
      if (typeof raw !== 'string') return bad(`${def.label} must be a text.`)
      const text = raw.trim().normalize('NFC')
      // Half of a surrogate pair is no character; a database would store another in its place.
      if (!text.isWellFormed()) return bad(`${def.label} holds characters that are no text; remove them.`)
      if (text.length > maxInput) return bad(`${def.label} is longer than ${def.maxLength ?? maxInput} characters.`)
      if (control.test(text)) return bad(`${def.label} holds control characters; remove them.`)
      // Approvers decide on what they see.
      if (holdsInvisible(text)) return bad(`${def.label} holds invisible characters; remove them.`)
      const parsed = checkText(text, def)
      // Columns count code points, and so does a person.
      if (parsed.ok && def.maxLength !== undefined && [...String(parsed.value)].length > def.maxLength) {
        return bad(`${def.label} is longer than ${def.maxLength} characters.`)
      }
      return parsed
    }
  }
}

/** A patch of one record: each property parsed; unknown properties and bad values are problems at their place. */
export const parsePatch = (
  raw: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, FieldDef>>,
  at: readonly string[],
): { readonly patch: Readonly<Record<string, Scalar>>; readonly problems: readonly Problem[] } => {
  const patch: Record<string, Scalar> = {}
  const problems: Problem[] = []
  for (const [property, value] of Object.entries(raw)) {
    if (value === undefined) continue
    const def = Object.hasOwn(fields, property) ? fields[property] : undefined
    if (def === undefined) {
      problems.push({
        code: 'UNKNOWN_FIELD',
        message: `There is no field "${property}" here; see customerFields for the names.`,
        at: [...at, property],
      })
      continue
    }
    const parsed = parseField(value, def)
    if (parsed.ok) patch[property] = parsed.value
    else problems.push({ code: 'INVALID_VALUE', message: parsed.message, at: [...at, property] })
  }
  return { patch, problems }
}
