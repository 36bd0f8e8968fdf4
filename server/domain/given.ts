/** Neither left out nor null: what a caller leaves out and what they send as null mean the same in a filter. */
export const isGiven = <T>(value: T): value is NonNullable<T> => value !== null && value !== undefined
