// Exact decimals for money: never a float. Canonical texts such as "50000.00" go in; comparisons and sums are exact.
import Big from 'big.js'

export type Decimal = Big

/** big.js of our own: quotients to 20 digits behind the point, rounded half to even; texts never in exponent form. */
export const Decimal = Big()
Decimal.DP = 20
Decimal.RM = Decimal.roundHalfEven
Decimal.PE = 1000
Decimal.NE = -1000

/** Plain decimal notation only: big.js would also take "1e1000000", which a sum spells out digit by digit. */
const plain = /^-?\d{1,40}(\.\d{1,40})?$/

/** A decimal from a canonical text, an integer or a double (a double stands for its shortest text: 20.5 is exactly 20.5). Throws RangeError on anything else. */
export const decimal = (source: string | number | bigint): Decimal => {
  if (typeof source === 'string' && !plain.test(source)) throw new RangeError('Not a decimal number')
  if (typeof source === 'number' && !Number.isFinite(source)) throw new RangeError('Not a decimal number')
  return new Decimal(typeof source === 'bigint' ? source.toString() : source)
}

/** Refuses results that no amount of money has, so that no expression can grow numbers without end. */
export const bounded = (value: Decimal): Decimal => {
  if (value.c.length > 200 || Math.abs(value.e) > 400) throw new RangeError('The number is too large or too long')
  return value
}
