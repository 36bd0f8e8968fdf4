// Which fields a company has put under approval (DOMAIN section 2).
import type { Company } from './company.ts'
import { catalogue, findField } from './fields.ts'

/** May the field be changed only by an approved proposal? A record as a whole is governed as soon as one of its fields is. */
export const isGoverned = (company: Pick<Company, 'parameters' | 'approvalFields'>, field: string): boolean =>
  company.parameters.enabled && approvalEnabled(company, field)

/** The field's switch, whether or not approvals are enabled at all. */
export const approvalEnabled = (company: Pick<Company, 'approvalFields'>, field: string): boolean => {
  if (company.approvalFields.has(field)) return true
  const entry = findField(field)
  if (entry?.property !== null) return false
  for (const name of company.approvalFields) if (name.startsWith(`${entry.name}.`)) return true
  return false
}

/** The fields that a switch stands for: a record's name stands for all of its fields that may be governed. */
export const switchedFields = (name: string): readonly string[] => {
  const entry = findField(name)
  if (!entry?.governable) return []
  if (entry.property !== null) return [entry.name]
  return catalogue.filter((f) => f.record === entry.record && f.property !== null && f.governable).map((f) => f.name)
}
