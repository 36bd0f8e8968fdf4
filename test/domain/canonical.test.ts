// The text that hashes are taken of. Chains of the log and digests of changes stand on it: it must stay what it was.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../server/domain/digest.ts'

/** As it is defined: JSON, the keys of objects in order of their characters, what is undefined left out. */
const defined = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((member) => defined(member ?? null)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${defined(member)}`).join(',')}}`
}

const text = fc.string({
  unit: fc.constantFrom('a', 'ä', '"', '\\', '\n', '\u007f', '\u2028', '\ud83d', '\ude00', '😀', '1'),
})
const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie('value')),
    fc.dictionary(text, tie('value')),
  ),
})).value

test('canonical text is JSON with sorted keys, for whatever value', () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(canonicalJson(value)).toBe(defined(value))
    }),
    { numRuns: Number(process.env.RUNS ?? 300) },
  )
})

test.each([
  [{ b: 1, a: { d: null, c: [undefined, 'x'] } }, '{"a":{"c":[null,"x"],"d":null},"b":1}'],
  [{ 10: 'ten', 9: 'nine', gone: undefined }, '{"10":"ten","9":"nine"}'],
  ['\ud83d', '"\\ud83d"'],
  ['say "no"\u2028', '"say \\"no\\"\u2028"'],
  [undefined, 'null'],
])('%j has the canonical text %s', (value, expected) => {
  expect(canonicalJson(value)).toBe(expected)
})
