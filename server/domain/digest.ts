// Hashes over canonical text. hash is a pure function: the only thing of the platform that the domain uses.
import { hash } from 'node:crypto'
import type { ChangeOperation } from './proposal.ts'
import type { Value } from './values.ts'

/** Hex SHA-256 of a text in UTF-8. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex')

/** What JSON writes otherwise than it is: quotes, backslashes, controls, and halves of surrogate pairs. */
const special = /["\\\p{Cc}\p{Cs}]/u

const quoted = (text: string): string => (special.test(text) ? JSON.stringify(text) : `"${text}"`)

/** An object's keys, sorted; most objects come with theirs in order already. */
const sortedKeys = (members: object): string[] => {
  const keys = Object.keys(members)
  return keys.every((key, n) => n === 0 || (keys[n - 1] ?? '') < key) ? keys : keys.sort()
}

/**
 * JSON with the keys of objects sorted: equal values give equal text, whatever order they were built in. Each event of the log is
 * written so by whoever seals it: text that needs no escaping is therefore taken as it is.
 */
export const canonicalJson = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = value as Readonly<Record<string, unknown>>
  let text = ''
  for (const key of sortedKeys(members)) {
    const member = members[key]
    if (member !== undefined) text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

/** The digest of a change: what an approval is bound to (DOMAIN section 1). */
export const changeDigest = (change: {
  companyId: string
  customerId: string
  recordId: string | null
  field: string
  operation: ChangeOperation
  base: Value
  proposed: Value
  creditCheck: boolean
  salt: string
}): string =>
  sha256(
    canonicalJson([
      change.companyId,
      change.customerId,
      change.recordId,
      change.field,
      change.operation,
      change.base,
      change.proposed,
      change.field === 'creditLimit' ? change.creditCheck : null,
      change.salt,
    ]),
  )
