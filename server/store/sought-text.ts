// What a caller seeks may hold what no text in the database can: that finds nothing, and is no failure.

/**
 * A text to look for, as it can be sent to the database: a NUL cannot be sent at all, and half of a surrogate pair would
 * arrive as U+FFFD. Neither gets into a value that is stored, so that nothing is found by them.
 */
export const soughtText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd')
