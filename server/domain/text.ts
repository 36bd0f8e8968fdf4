// Free text of people: comments and reasons.
import { DomainError, ok, refused, type Result } from './errors.ts'

const maxText = 4000

/** Can it be kept as text? A NUL and halves of surrogate pairs cannot: a database would refuse them or store something else. */
export const isText = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()

/** A comment or reason trimmed, empty as null; too long, or with what cannot be stored as text, refused at `at`. */
export const readText = (text: string | null, at: string): Result<string | null> => {
  const trimmed = text?.trim().normalize('NFC') ?? ''
  if (!isText(trimmed))
    return refused(new DomainError('INVALID_VALUE', 'The text holds control characters; remove them.', { at: [at] }))
  if ([...trimmed].length > maxText)
    return refused(new DomainError('LIMIT_EXCEEDED', `The text is longer than ${maxText} characters.`, { at: [at] }))
  return ok(trimmed === '' ? null : trimmed)
}
