// Names and codes that people give to things.
import { holdsInvisible, isText } from './text.ts'

/** What is wrong with a name or code of 1 to `max` characters on one line, as a sentence about `what`; null: nothing. */
export const nameFault = (text: string, max: number, what: string): string | null => {
  const length = [...text].length
  if (length < 1 || length > max) return `${what} has 1 to ${max} characters.`
  if (holdsInvisible(text)) return `${what} holds invisible characters; remove them.`
  return /\p{Cc}/u.test(text) || !isText(text) ? `${what} holds control characters; remove them.` : null
}

/** Is it a name of 1 to `max` characters on one line? Control characters and what nobody can see have no place in it. */
export const isName = (text: string, max: number): boolean => nameFault(text, max, '') === null
