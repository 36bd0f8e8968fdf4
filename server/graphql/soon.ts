// Values that may be there already. An answer has hundreds of fields: a promise for each costs more than the fields do.

export type Soon<T> = T | Promise<T>

/** `use` of the value: at once if it is there, or when it comes. */
export const soon = <T, R>(value: Soon<T>, use: (value: T) => Soon<R>): Soon<R> =>
  value instanceof Promise ? value.then(use) : use(value)

/** All of them, when the last is there. */
export const allSoon = <T>(values: readonly Soon<T>[]): Promise<T[]> => Promise.all(values.map(async (value) => value))
