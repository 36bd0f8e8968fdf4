// The body of an upload for as long as it may go on: who sends it may lose the right to, its import may end, and it may come so slowly
// that it never will.
import type { Problem } from '../domain/errors.ts'
import { RequestRefused, type AnswerCode } from './answers.ts'

/** Ends an upload with its connection. `problem`: what its import is told. */
export class UploadEnded extends RequestRefused {
  readonly problem: Problem
  constructor(status: number, code: AnswerCode, problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(status, code, problem.message, { ...headers, connection: 'close' })
    this.problem = problem
  }
}

export const signInEnded = (): UploadEnded =>
  new UploadEnded(
    401,
    'UNAUTHENTICATED',
    {
      code: 'NOT_PERMITTED',
      message: 'The key was revoked (or the sign-in ended) before the file was whole; nothing of it was kept.',
    },
    { 'www-authenticate': 'Bearer' },
  )

/** So many bytes a second are the least, on average over the time that was spent waiting for them, once that is longer than `graceMs`. */
type Pace = { readonly graceMs: number; readonly bytesPerSecond: number }
export const slowest: Pace = { graceMs: 120_000, bytesPerSecond: 1024 }

const tooSlow = ({ bytesPerSecond }: Pace): UploadEnded =>
  new UploadEnded(408, 'LIMIT_EXCEEDED', {
    code: 'LIMIT_EXCEEDED',
    message: `The file came at less than ${bytesPerSecond} bytes a second; nothing of it was kept. Send it over a faster line, packed, or in parts.`,
  })

const over = { done: true, value: undefined } as const

/**
 * A body that `end` ends with an error, also while nothing comes. Its reader's own work is not counted as waiting. `now`: milliseconds.
 * Errors: UploadEnded (too slow); what it was ended with; whatever the body throws.
 */
export const endableBody = (
  body: AsyncIterator<Buffer, undefined>,
  pace: Pace = slowest,
  now: () => number = () => performance.now(),
): { readonly body: AsyncIterable<Buffer>; readonly end: (error: Error) => void } => {
  let ended: Error | null = null
  let interrupt: ((error: Error) => void) | null = null
  let waited = 0
  let bytes = 0
  const next = async (): Promise<IteratorResult<Buffer, undefined>> => {
    const from = now()
    const found = await new Promise<IteratorResult<Buffer, undefined>>((resolve, reject) => {
      interrupt = reject
      if (ended === null) body.next().then(resolve, reject)
      else reject(ended)
    })
    waited += now() - from
    if (found.done === true) return found
    bytes += found.value.length
    if (waited > pace.graceMs && bytes * 1000 < pace.bytesPerSecond * waited) throw tooSlow(pace)
    return found
  }
  return {
    body: { [Symbol.asyncIterator]: () => ({ next, return: async () => (await body.return?.()) ?? over }) },
    end: (error) => {
      ended ??= error
      interrupt?.(ended)
    },
  }
}
