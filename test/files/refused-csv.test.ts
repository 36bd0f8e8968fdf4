// The download of refused rows, sent again as it is with the options of the first time: the same rows under the same columns.
import { describe, expect, test } from 'vitest'
import { compileLayout } from '../../server/domain/columns.ts'
import type { Layout } from '../../server/domain/import-job.ts'
import { readImportOptions } from '../../server/domain/import-options.ts'
import { readFile } from '../../server/files/read-file.ts'
import { refusedCsv } from '../../server/files/refused-csv.ts'
import type { Staged } from '../../server/files/staging.ts'

type Read = { layout: Layout; rows: Staged[] }
const read = async (text: string, given: object, format: Layout['format'] = 'CSV'): Promise<Read> => {
  const options = readImportOptions(JSON.stringify(given))
  if (!options.ok) throw options.error
  const rows: Staged[] = []
  const body = async function* () {
    yield Buffer.from(text)
  }
  const kind = { format, packing: 'none', encoding: null, options: options.value } as const
  const { layout } = await readFile(body(), kind, { maxBytes: 1e7 }, async (batch) => void rows.push(...batch))
  return { layout, rows }
}
const download = async ({ layout, rows }: Read): Promise<string> => {
  const list = async function* () {
    yield rows.map(({ row, content }) => ({
      row,
      content,
      outcome: 'INVALID' as const,
      errors: [{ code: 'INVALID_VALUE' as const, message: 'Wrong.' }],
    }))
  }
  let text = ''
  for await (const part of refusedCsv(layout, async () => list(), true)) text += part
  return text
}
const meant = ({ layout, rows }: Read) => rows.map(({ content }) => compileLayout(layout)(content))
const headerOf = (text: string): string => text.slice(1, text.indexOf('\r\n'))

describe('a download sent again with the same options', () => {
  test.each<[string, string, object, string]>([
    [
      'has the names of columns that look like formulas',
      "account,=cmd|x,'+note\nA,one,two\n",
      { delimiter: ',', columns: { '=cmd|x': 'name', "'+note": null } },
      `account,"'=cmd|x",''+note,row,outcome,why`,
    ],
    [
      'keeps columns of the file that are called like those that are added',
      'account,row,outcome,why\nA,7,Contoso,x\n',
      { columns: { row: null, outcome: 'name', why: null } },
      'account,row,outcome,why,import row,import outcome,import why',
    ],
    [
      'keeps a single one of them',
      'account,why\nA,Contoso\n',
      { columns: { why: 'name' } },
      'account,why,import row,import outcome,import why',
    ],
    [
      'keeps those that are called like what is added to these',
      'account,row,Import Row,import outcome,import why\nA,7,Contoso,x,y\n',
      { columns: { row: null, 'Import Row': 'name', 'import outcome': null, 'import why': null } },
      'account,row,Import Row,import outcome,import why,import added row,import added outcome,import added why',
    ],
    [
      'may have as many columns as any file',
      `account,${Array.from({ length: 499 }, (_, n) => `c${n}`).join()}\nA${',x'.repeat(499)}\n`,
      { columns: Object.fromEntries(Array.from({ length: 499 }, (_, n) => [`c${n}`, null])) },
      `account,${Array.from({ length: 499 }, (_, n) => `c${n}`).join()},row,outcome,why`,
    ],
  ])('%s', async (_, text, options, header) => {
    const first = await read(text, options)
    const fetched = await download(first)
    expect(headerOf(fetched)).toBe(header)
    const again = await read(fetched, options)
    expect(again.layout.escaped).toBe(true)
    expect(meant(again)).toEqual(meant(first))
    // And once more: no second set of added columns beside the first.
    const twice = await download(again)
    expect(headerOf(twice)).toBe(header)
    expect(meant(await read(twice, options))).toEqual(meant(first))
  })

  test('of JSON lines has a column for lines that are none, and does without columns that no row has', async () => {
    const lines = '{"id":"A","name":"x"}\n{"id":\n{"id":"B","row":5}\n'
    const options = { columns: { id: 'account', row: null, note: null }, constants: { 'addresses.code': 'HQ' } }
    const fetched = await download(await read(lines, options, 'JSONL'))
    expect(headerOf(fetched)).toBe('account,name,line,row,import row,import outcome,import why')
    const again = await read(fetched, options)
    expect(meant(again)).toEqual([
      { row: { account: 'A', set: { name: 'x' } } },
      { problem: expect.objectContaining({ at: ['account'] }) as unknown },
      { row: { account: 'B', set: {} } },
    ])
    expect(await download(again)).toContain('"{""id"":"')
  })
})
