// Free text of people: comments and reasons.
import { DomainError, ok, refused, type Result } from './errors.ts'

const maxText = 4000

// Embeddings, overrides and isolates turn text around: what is read is not what is stored.
const turning = /[\u202A-\u202E\u2066-\u2069]/
// Spaces and marks without width. The joiners U+200C and U+200D are not among them: words of some scripts need them.
const widthless = /[\u200B\u2060\uFEFF]/

/** Does it hold characters that nobody sees? Two values that look alike would not be the same one. */
export const holdsInvisible = (text: string): boolean => turning.test(text) || widthless.test(text)

/**
 * Can it be kept and shown as text? A NUL and halves of surrogate pairs cannot: a database would refuse them or store something else.
 * Nor can what turns the text around for whoever reads it.
 */
export const isText = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed() && !turning.test(text)

/** A comment or reason trimmed, empty as null; too long, or with what cannot be kept as text, refused at `at`. */
export const readText = (text: string | null, at: string): Result<string | null> => {
  const trimmed = text?.trim().normalize('NFC') ?? ''
  if (turning.test(trimmed))
    return refused(new DomainError('INVALID_VALUE', 'The text holds invisible characters; remove them.', { at: [at] }))
  if (!isText(trimmed))
    return refused(new DomainError('INVALID_VALUE', 'The text holds control characters; remove them.', { at: [at] }))
  if ([...trimmed].length > maxText)
    return refused(new DomainError('LIMIT_EXCEEDED', `The text is longer than ${maxText} characters.`, { at: [at] }))
  return ok(trimmed === '' ? null : trimmed)
}
