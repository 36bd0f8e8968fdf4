// What the guides show must work: every operation is valid, and the workflow of the guide can be saved.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../server/graphql/schema.ts'
import { startTestApp } from '../helpers/app.ts'

const root = join(import.meta.dirname, '../..')
const blocks = (file: string, language: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text]) => text ?? '',
  )

const guide = blocks('docs/api.md', 'graphql')
const app = await startTestApp()

describe('the guide', () => {
  test('shows operations', () => {
    expect(guide.length).toBeGreaterThan(10)
  })

  test.each(guide.map((text) => [text.split('\n')[0], text]))('%s … is valid', (_, text) => {
    expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([])
  })

  test('shows a workflow that can be saved', async () => {
    const mutation = guide.find((text) => text.includes('saveWorkflow')) ?? ''
    const variables = JSON.parse(blocks('docs/api.md', 'json')[0] ?? '') as Record<string, unknown>
    const answer = await app.ask('adam', mutation, variables)
    expect(answer).toMatchObject({ saveWorkflow: { workflow: { name: 'Credit limits', activeVersion: null } } })
  })
})

describe('the guide to integrations', () => {
  test.each(blocks('docs/integrations.md', 'graphql').map((text) => [text.split('\n')[0], text]))(
    '%s … is valid',
    (_, text) => {
      expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([])
    },
  )
})

describe('the guide to imports', () => {
  test.each(blocks('docs/imports.md', 'graphql').map((text) => [text.split('\n')[0], text]))(
    '%s … is valid',
    (_, text) => {
      expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([])
    },
  )
})

describe('the guide to workflows', () => {
  test.each(blocks('docs/workflows.md', 'json').map((text, n) => [n, text]))(
    'definition %i can be saved',
    async (n, text) => {
      const input = { company: 'USMF', name: `Of the guide ${n}`, definition: JSON.parse(text) as unknown }
      const mutation = guide.find((each) => each.includes('saveWorkflow')) ?? ''
      const answer = await app.ask('adam', mutation, { input })
      expect(answer).toMatchObject({ saveWorkflow: { workflow: { activeVersion: null } } })
    },
  )
})

describe('the README', () => {
  // The shell of the reader fills in what the walk only knows then.
  const operations = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^gql \w+ (['"])([\s\S]*?)\1$/gm)].map(
    ([, , text]) => (text ?? '').replaceAll('\\"', '"').replaceAll(/\$(PROPOSAL|ITEM)/g, 'id'),
  )

  test('walks from an edit to an applied change', () => {
    expect(operations).toHaveLength(9)
  })

  test.each(operations.map((text) => [text.slice(0, 40), text]))('%s … is valid', (_, text) => {
    expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([])
  })
})
