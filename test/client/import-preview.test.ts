// What a page shows of a file before it is sent is what the server will read of it: the encoding, the delimiter, the columns.
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NoText, previewOf } from '../../client/src/lib/imports/preview.ts'
import { readImportOptions } from '../../server/domain/import-options.ts'
import { readFile } from '../../server/files/read-file.ts'

const shown = (bytes: Buffer) =>
  previewOf(new Blob([new Uint8Array(bytes)]), { format: 'CSV', encoding: null, delimiter: null })

/** What the server finds, where nothing but that is told; columns that it does not know are none of ours. */
const found = async (bytes: Buffer, columns: readonly string[]) => {
  const options = readImportOptions(
    JSON.stringify({ columns: Object.fromEntries(columns.map((name, at) => [name, at === 0 ? 'account' : null])) }),
  )
  if (!options.ok) throw options.error
  const body = async function* () {
    yield bytes
  }
  const kind = { format: 'CSV', packing: 'none', encoding: null, options: options.value } as const
  const { layout } = await readFile(body(), kind, { maxBytes: 1e6 }, async () => undefined)
  return { encoding: layout.encoding, delimiter: layout.delimiter, columns: layout.header }
}

const encoders = {
  'utf-8': (text: string) => Buffer.from(text),
  'utf-8 with a mark': (text: string) => Buffer.from(`\ufeff${text}`),
  'utf-16': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'one byte each': (text: string) => Buffer.from(text.replaceAll(/[€日本]/g, '?'), 'latin1'),
}
const name = fc.stringMatching(/^[a-zäßé€.;,|"' ]{0,8}$/)
const file = fc.record({
  encoder: fc.constantFrom(...Object.values(encoders)),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  names: fc.array(name, { minLength: 1, maxLength: 6 }),
  above: fc.constantFrom('', '\n', '\r\n \n', 'sep=;\n', 'sep=,\r\n'),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  behind: fc.nat(2),
  value: fc.constantFrom('x', 'Größe', '€', 'a "b" c', '日本'),
})

test('of any file the same is shown as will be read', async () => {
  await fc.assert(
    fc.asyncProperty(file, async ({ encoder, delimiter, names, above, end, behind, value }) => {
      const quoted = (text: string) => (/[,;\t|"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
      const header = names.map((one, at) => quoted(`${one}${at}`)).join(delimiter) + delimiter.repeat(behind)
      const row = names.map(() => quoted(value)).join(delimiter)
      const bytes = encoder(`${above}${header}${end}${row}${end}`)
      const preview = await shown(bytes)
      const { encoding, columns } = preview
      fc.pre(columns.every((one) => one !== ''))
      expect({ encoding, delimiter: preview.delimiter, columns }).toEqual(await found(bytes, columns))
    }),
    { numRuns: 400 },
  )
})

test('the first character beyond ASCII decides, as it does there, also of what is not that throughout', async () => {
  const mixed = (...parts: readonly Buffer[]) => Buffer.concat([Buffer.from('account,name\nA,'), ...parts])
  const utf8 = Buffer.from('Größe\n')
  const latin = Buffer.from('Größe\n', 'latin1')
  expect(await shown(mixed(utf8, Buffer.from('B,'), latin))).toMatchObject({ encoding: 'utf-8' })
  expect(await shown(mixed(latin, Buffer.from('B,'), utf8))).toMatchObject({ encoding: 'windows-1252' })
  // Cut off within it, as the beginning of a large file can be.
  expect(await shown(mixed(Buffer.from('€').subarray(0, 2)))).toMatchObject({ encoding: 'utf-8' })
})

test('what stands for nothing is found, what is long is cut off, and a packed file is read as what is in it', async () => {
  const preview = await shown(gzipSync(`account,state,name\nA,NULL,${'x'.repeat(10_000)}\nB,n/a,NULL and void\n`))
  expect(preview.nothings).toEqual(['NULL', 'n/a'])
  expect(preview.columns).toEqual(['account', 'state', 'name'])
  expect(preview.samples[2]?.[0]?.length).toBeLessThan(100)
})

test('a workbook is told from a table of text', async () => {
  const workbook = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(2_000, 7)])
  await expect(shown(workbook)).rejects.toBeInstanceOf(NoText)
  await expect(shown(gzipSync(workbook))).rejects.toBeInstanceOf(NoText)
})
