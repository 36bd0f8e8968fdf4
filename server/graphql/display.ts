// A value as a person reads it: codes with their names, money with its separators.
import type { Company } from '../domain/company.ts'
import { catalogue, type CatalogueField } from '../domain/fields.ts'
import type { Value } from '../domain/values.ts'

const groups = (text: string): string => {
  const [whole = '', fraction] = text.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

const recordText = (company: Company, field: CatalogueField, value: Readonly<Record<string, unknown>>): string =>
  catalogue
    .filter((f) => f.record === field.record && f.property !== null)
    .flatMap((f) => {
      const part = value[f.property ?? ''] as Value | undefined
      return part === null || part === undefined || part === false
        ? []
        : [f.def?.type === 'BOOLEAN' ? f.label : (displayValue(company, f, part) ?? '')]
    })
    .join(', ')

/** Null for no value. English, as everything that the server says. */
export const displayValue = (company: Company, field: CatalogueField, value: Value): string | null => {
  if (value === null) return null
  if (typeof value === 'object') return recordText(company, field, value)
  const { def } = field
  switch (def?.type) {
    case 'BOOLEAN':
      return value === true ? 'Yes' : 'No'
    case 'DECIMAL':
    case 'INTEGER':
      return groups(String(value))
    case 'ENUM':
      return def.options?.find((option) => option.value === value)?.label ?? String(value)
    case 'REFERENCE': {
      const found = def.referenceKind && company.references.get(def.referenceKind)?.get(String(value))
      return found ? `${found.name} (${found.code})` : String(value)
    }
    case 'IBAN':
      return String(value).replace(/(.{4})(?=.)/g, '$1 ')
    default:
      return String(value)
  }
}
