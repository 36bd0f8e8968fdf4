// The six scalars of the API. They check form only: whether a value makes sense is said by the rules, as a member of
// the result, where the caller also learns its field.
import { GraphQLError, Kind, valueFromASTUntyped } from 'graphql'
import { builder } from './builder.ts'
import type { Value } from '../domain/values.ts'
import { isMoment } from '../store/moment.ts'

const badValue = (message: string): GraphQLError => new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })

const parseDateTime = (value: unknown): string => {
  if (typeof value !== 'string' || !isMoment(value)) {
    throw badValue('A DateTime is written as RFC 3339 says, for example "2026-11-22T09:30:00Z".')
  }
  return value
}

builder.scalarType('DateTime', {
  description:
    'A moment, as RFC 3339 writes it, always in UTC and exact to the microsecond: "2026-11-22T09:30:00.123456Z".',
  serialize: (value) => value,
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : null),
})

const parseDate = (value: unknown): string => {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) {
    throw badValue('A Date is written as ISO 8601 says, for example "2026-12-25".')
  }
  return value
}

builder.scalarType('Date', {
  description: 'A day of the calendar without a time of day, as ISO 8601 writes it: "2026-12-25".',
  serialize: (value) => value,
  parseValue: parseDate,
  parseLiteral: (node) => parseDate(node.kind === Kind.STRING ? node.value : null),
})

const parseDecimal = (value: unknown): string => {
  if (typeof value === 'string') return value
  // Digits of a larger or broken number were lost before it arrived here: only text is exact.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  throw badValue('A Decimal is given as text, for example "250000.00", so that no digit is lost.')
}

builder.scalarType('Decimal', {
  description:
    'An exact decimal number as text, for example "250000.00". Never a float: digits are neither lost nor made up.',
  serialize: (value) => value,
  parseValue: parseDecimal,
  parseLiteral: (node) =>
    node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT ? node.value : parseDecimal(null),
})

const parseCursor = (value: unknown): string => {
  if (typeof value !== 'string') throw badValue('A Cursor is the text that an earlier answer gave.')
  return value
}

builder.scalarType('Cursor', {
  description: 'A place in a list or in a stream. Hand it back as it came; what is in it may change.',
  serialize: (value) => value,
  parseValue: parseCursor,
  parseLiteral: (node) => parseCursor(node.kind === Kind.STRING ? node.value : null),
})

builder.scalarType('JSON', {
  description: 'Any JSON value. What it holds is said by the field that has it.',
  serialize: (value) => value,
  parseValue: (value) => value as Value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables) as Value,
})
