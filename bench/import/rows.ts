// What is imported, row by row: the same content for Countersign's file and for the limit's COPY.
import { Readable } from 'node:stream'

export const columns = ['account', 'phone', 'website', 'email', 'creditRating', 'language', 'creditLimit'] as const

/** Of which rows the credit limit, which is under approval, is changed: all, one in ten, none. */
export type Governed = 'all' | 'tenth' | 'none'

export const accountOf = (n: number): string => `C-${String(n).padStart(7, '0')}`

/** Row n, from 1: of a customer that is there. An empty cell leaves its field alone. */
export const cellsOf = (n: number, governed: Governed): string[] => {
  const limit = governed === 'all' || (governed === 'tenth' && n % 10 === 0)
  return [
    accountOf(n),
    `+1 555 ${1_000_000 + n}`,
    `https://www.customer-${n}.example.com`,
    `accounts@customer-${n}.example.com`,
    `R${n % 100}`,
    'en-GB',
    limit ? `${200_000 + n}.00` : '',
  ]
}

const atOnce = 1000

/** The file, some rows at a time. */
export const fileOf = (count: number, governed: Governed): Readable =>
  Readable.from(
    (function* () {
      yield `${columns.join(',')}\n`
      for (let from = 1; from <= count; from += atOnce) {
        let text = ''
        for (let n = from; n < from + atOnce && n <= count; n++) text += `${cellsOf(n, governed).join(',')}\n`
        yield text
      }
    })(),
    { objectMode: false },
  )
