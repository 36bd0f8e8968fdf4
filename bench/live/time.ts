// A clock that all processes of a machine share, and that nobody sets.

/** Milliseconds since some moment that is the same for all of them. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6
