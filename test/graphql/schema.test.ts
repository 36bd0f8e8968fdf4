// The schema that is printed from the code: committed as it is, described throughout, and true to the names that are promised.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CriticalityLevel, diff } from '@graphql-inspector/core'
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  printSchema,
  type GraphQLNamedType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../server/graphql/schema.ts'

const committed = readFileSync(join(import.meta.dirname, '../../schema.graphql'), 'utf8')

test('schema.graphql is what the code says (npm run schema writes it)', () => {
  expect(`${printSchema(schema)}\n`).toBe(committed)
})

test('what is committed breaks nobody who has read the schema before', async () => {
  const changes = await diff(buildSchema(committed), schema)
  expect(
    changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking).map(({ message }) => message),
  ).toEqual([])
})

const own = Object.values(schema.getTypeMap()).filter(
  ({ name }) => !name.startsWith('__') && !['String', 'Int', 'Float', 'Boolean', 'ID'].includes(name),
)

/** The names of a type and of everything in it that has no description. */
const undescribed = (type: GraphQLNamedType): string[] => {
  const missing = (name: string, description: string | null | undefined): string[] =>
    description?.trim() ? [] : [name]
  const inside = (): string[] => {
    if (isEnumType(type))
      return type.getValues().flatMap((value) => missing(`${type.name}.${value.name}`, value.description))
    if (isInputObjectType(type))
      return Object.values(type.getFields()).flatMap((field) =>
        missing(`${type.name}.${field.name}`, field.description),
      )
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    return Object.values(type.getFields()).flatMap((field) => [
      ...missing(`${type.name}.${field.name}`, field.description),
      ...field.args.flatMap((arg) => missing(`${type.name}.${field.name}(${arg.name})`, arg.description)),
    ])
  }
  return [...missing(type.name, type.description), ...inside()]
}

describe('for whoever has never seen the product', () => {
  test('every type, field, argument and enum value has a description', () => {
    expect(own.flatMap(undescribed)).toEqual([])
  })

  test('every mutation takes one input with an idempotency key and answers a union, or null with an error', () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const [input] = field.args
      expect([field.name, field.args.length, input?.name]).toEqual([field.name, 1, 'input'])
      const type = schema.getType(String(input?.type).replace('!', ''))
      expect(isInputObjectType(type) && Object.keys(type.getFields())).toContain('idempotencyKey')
      // One result for each of many decisions, instead of one for the call.
      expect(String(field.type)).toMatch(field.name === 'decideMany' ? /^DecideManyPayload$/ : /Result$/)
    }
  })

  test('every member of a result that is no success says a code, a sentence and a place', () => {
    const members = own.filter((type) => isObjectType(type) && type.name.endsWith('Error'))
    expect(members.length).toBeGreaterThan(10)
    for (const type of members) expect(isObjectType(type) && type.getInterfaces().map(String)).toContain('UserError')
  })
})
