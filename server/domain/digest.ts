// Hashes over canonical text. hash is a pure function: the only thing of the platform that the domain uses.
import { hash } from 'node:crypto'
import type { ChangeOperation } from './proposal.ts'
import type { Value } from './values.ts'

/** Hex SHA-256 of a text in UTF-8. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex')

/** JSON with the keys of objects sorted: equal values give equal text, whatever order they were built in. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v ?? null)).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const members = value as Readonly<Record<string, unknown>>
    let text = ''
    for (const key of Object.keys(members).sort()) {
      const member = members[key]
      if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
    }
    return `{${text}}`
  }
  return JSON.stringify(value ?? null)
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
