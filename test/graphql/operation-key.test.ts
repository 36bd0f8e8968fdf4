import { parse, type ExecutionArgs } from 'graphql'
import { describe, expect, test } from 'vitest'
import { operationKey } from '../../server/graphql/operation-key.ts'

const keyOf = (query: string, variableValues: Record<string, unknown> | null = null, operationName?: string): string =>
  operationKey({ document: parse(query), variableValues, operationName } as unknown as ExecutionArgs)
const followed = `subscription ($company: String, $account: String, $after: Cursor) {
  proposalStatus(company: $company, account: $account, after: $after) { __typename }
}`

describe('two who follow the same', () => {
  test('are those whose variables differ in where they go on alone, however it is called', () => {
    const one = keyOf(followed, { company: 'USMF' })
    expect(keyOf(followed, { company: 'USMF', after: 'x' })).toBe(one)
    expect(keyOf(followed, { after: 'y', company: 'USMF' })).toBe(one)
    const other =
      'subscription ($c: String, $place: Cursor) { s: proposalStatus(company: $c, after: $place) { __typename } }'
    expect(keyOf(other, { c: 'USMF', place: 'x' })).toBe(keyOf(other, { c: 'USMF' }))
  })

  test('may have variables that the operation does not declare: nothing can come of them', () => {
    expect(keyOf(followed, { company: 'USMF', more: 1 })).toBe(keyOf(followed, { company: 'USMF' }))
  })

  test.each([
    ['another company', { company: 'DEMF' }],
    ['a customer', { company: 'USMF', account: 'US-001' }],
    ['nothing', null],
  ])('are not who follows %s', (_what, variables) => {
    expect(keyOf(followed, variables)).not.toBe(keyOf(followed, { company: 'USMF' }))
  })

  test('are not who gives null where the other gives nothing: a default may stand for that', () => {
    const query = `subscription ($company: String, $account: String = "US-001") {
      proposalStatus(company: $company, account: $account) { __typename } }`
    expect(keyOf(query, { company: 'USMF', account: null })).not.toBe(keyOf(query, { company: 'USMF' }))
  })

  test('may call a variable what every object has', () => {
    const query = 'subscription ($constructor: String) { proposalStatus(company: $constructor) { __typename } }'
    expect(keyOf(query, {})).toBe(keyOf(query))
    expect(keyOf(query, { constructor: 'USMF' })).not.toBe(keyOf(query))
  })

  test('follow the same operation of a document with several', () => {
    const query = `subscription a($x: String) { proposalStatus(company: $x) { __typename } }
      subscription b($x: String) { proposalStatus(account: $x) { __typename } }`
    expect(keyOf(query, { x: 'USMF' }, 'a')).not.toBe(keyOf(query, { x: 'USMF' }, 'b'))
  })
})

describe('a variable by which messages can differ counts, even if it is where to go on as well', () => {
  test.each([
    [
      'used in the selection',
      'subscription ($v: String) { proposalStatus(company: "USMF", after: $v) { ... on ProposalStatusSnapshot { proposals { history(after: $v) { totalCount } } } } }',
    ],
    [
      'used in a fragment',
      'subscription ($v: String) { proposalStatus(company: "USMF", after: $v) { ...f } } fragment f on ProposalStatusSnapshot { proposals { history(after: $v) { totalCount } } }',
    ],
    ['called after, of another field', 'subscription ($v: String) { s { history(after: $v) { totalCount } } }'],
    ['in a directive', 'subscription ($v: Boolean!) { s { history @include(if: $v) { totalCount } } }'],
    ['in a list', 'subscription ($v: String) { s(after: [$v]) { __typename } }'],
  ])('%s', (_where, query) => {
    expect(keyOf(query, { v: 'x' })).not.toBe(keyOf(query, { v: 'y' }))
  })
})
