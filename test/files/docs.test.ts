// What the guide to imports shows must work: its files can be read with its options.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { noOptions, readImportOptions } from '../../server/domain/import-options.ts'
import { compileLayout, type Content } from '../../server/domain/columns.ts'
import { readFile } from '../../server/files/read-file.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/imports.md'), 'utf8')
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text ?? '')

test.each([
  ['CSV', blocks('csv')],
  ['JSONL', blocks('jsonl')],
] as const)('files of %s in the guide to imports can be read', async (format, files) => {
  expect(files).toHaveLength(1)
  const body = async function* () {
    yield Buffer.from(files[0] ?? '')
  }
  const contents: Content[] = []
  const kind = { format, packing: 'none', encoding: null, options: noOptions } as const
  const { layout } = await readFile(body(), kind, { maxBytes: 1e6 }, async (rows) => {
    expect(rows.filter(({ problem }) => problem !== null)).toEqual([])
    contents.push(...rows.map(({ content }) => content))
  })
  const rows = contents.map(compileLayout(layout))
  expect(rows).toMatchObject([{ row: { account: 'US-001' } }, { row: { account: 'US-999' } }])
  expect(rows[1]).toMatchObject({
    row: { addresses: expect.arrayContaining([{ code: 'MAIN', city: 'Berlin' }]) as unknown },
  })
})

test('options in the guide to imports are known', () => {
  const options = blocks('json').find((text) => text.includes('"columns"')) ?? ''
  expect(readImportOptions(options)).toMatchObject({ ok: true, value: { delimiter: ';', encoding: 'windows-1252' } })
})
