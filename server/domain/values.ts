// Values in their canonical form: what a digest covers, what a column holds and what the API answers are the same text.

/** A field's value: decimals as padded strings ("50000.00"), dates as "2026-11-22", codes and texts trimmed and never empty. */
export type Scalar = string | number | boolean | null
/** A whole child record, every catalogue field present. */
export type RecordValue = Readonly<Record<string, Scalar>>
export type Value = Scalar | RecordValue

/** Two canonical values are equal when their texts are. */
export const sameValue = (a: Value, b: Value): boolean => {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((k) => a[k] === b[k])
}
