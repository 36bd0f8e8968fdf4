// What a page shows of a file before it is sent is what the server will read of it: the encoding, the delimiter, the columns.
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Columns } from '../../client/src/lib/imports/columns.ts'
import { NoText, previewOf } from '../../client/src/lib/imports/preview.ts'
import { columnNamed, knownColumns } from '../../server/domain/column-names.ts'
import { catalogue } from '../../server/domain/fields.ts'
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

/** As the API tells the columns. */
const columns = new Columns(
  catalogue.map(({ name, record, group, order, def }) => ({
    name,
    record,
    group,
    order,
    label: def?.label ?? group,
    type: def?.type ?? 'RECORD',
    d365Name: def?.d365Name ?? null,
    requiresApproval: false,
  })),
  knownColumns.map(({ field, names }) => ({ field, names: [...names] })),
)
/** Names of columns and parts of them, put together as people and programs do, rightly and wrongly. */
const written = fc
  .record({
    record: fc.constantFrom('', 'addresses', 'Bank accounts', 'bankAccounts', 'contacts', 'Customer', 'nothing'),
    place: fc.constantFrom('', '[1]', '[2]', '.3', ' 4', '[50]', '[51]', '[0]', '.007'),
    point: fc.constantFrom('.', ': ', ':', ''),
    name: fc.oneof(
      fc.constantFrom(...knownColumns.flatMap(({ names }) => names)),
      fc.constantFrom(
        ...catalogue.flatMap(({ property, def }) => [property ?? '', def?.label ?? '', def?.d365Name ?? '']),
      ),
    ),
    as: fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toUpperCase(),
      (text: string) => text.replaceAll(' ', '_'),
      (text: string) => ` ${text.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')} `,
    ),
  })
  .map(({ record, place, point, name, as }) => as(record === '' ? name : `${record}${place}${point}${name}`))

test('whatever a column is called, it is shown as what it will be taken for', () => {
  fc.assert(
    fc.property(written, (text) => {
      expect([text, columns.meant(text)]).toEqual([text, columnNamed(text)])
    }),
    { numRuns: 5_000 },
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
