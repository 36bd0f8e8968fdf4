// A spreadsheet runs what begins like a formula. Whoever opens a download must not run what somebody else has put into a file.

// Also behind spaces, in full width, and where an apostrophe stands before it already: taking one away gives back what was there.
const formula = String.raw`'*(?:[\s\u3000]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r])`
const begins = new RegExp(`^${formula}`)
const escaped = new RegExp(`^'(?=${formula})`)
const number = /^-\d+(\.\d+)?$/

/** A text for a cell that somebody opens: with an apostrophe before what would be a formula; negative numbers are as they are. */
export const escapeFormula = (text: string): string => (begins.test(text) && !number.test(text) ? `'${text}` : text)

/** What `escapeFormula` has been given. */
export const unescapeFormula = (text: string): string => text.replace(escaped, '')
