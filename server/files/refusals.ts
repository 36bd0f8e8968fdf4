// A file that cannot be taken as a whole, beside what is wrong with one of its rows.
import { DomainError, type ErrorCode } from '../domain/errors.ts'

/** Ends the upload; its sentence says what to do. `status` is how HTTP says it. */
export class FileRefused extends DomainError {
  readonly status: number
  constructor(status: number, code: ErrorCode, message: string, at?: readonly string[]) {
    super(code, message, at === undefined ? {} : { at })
    this.status = status
  }
}

export const unreadable = (message: string): FileRefused => new FileRefused(422, 'INVALID_VALUE', message)
export const tooLarge = (message: string): FileRefused => new FileRefused(413, 'LIMIT_EXCEEDED', message)
