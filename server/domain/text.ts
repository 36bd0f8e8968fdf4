// Free text of people: comments and reasons.
import { DomainError, ok, refused, type Result } from './errors.ts'

const maxText = 4000

/** A comment or reason trimmed, empty as null; too long, or with what cannot be stored as text, refused at `at`. */
export const readText = (text: string | null, at: string): Result<string | null> => {
  const trimmed = text?.trim().normalize('NFC') ?? ''
  if (trimmed.includes('\u0000') || !trimmed.isWellFormed())
    return refused(new DomainError('INVALID_VALUE', 'The text holds control characters; remove them.', { at: [at] }))
  if ([...trimmed].length > maxText)
    return refused(new DomainError('LIMIT_EXCEEDED', `The text is longer than ${maxText} characters.`, { at: [at] }))
  return ok(trimmed === '' ? null : trimmed)
}
