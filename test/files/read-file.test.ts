// Files as bytes in every shape that somebody sends them: what rows come of them, wherever the bytes are cut, and what is refused.
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DomainError } from '../../server/domain/errors.ts'
import { readImportOptions } from '../../server/domain/import-options.ts'
import { encodingNamed } from '../../server/files/charset.ts'
import { readFile, type FileKind } from '../../server/files/read-file.ts'
import type { Staged } from '../../server/files/staging.ts'

type Way = {
  options?: object
  format?: FileKind['format']
  packing?: FileKind['packing']
  encoding?: string
  maxBytes?: number
}
type Read = { rows: Staged[]; encoding: string | undefined; delimiter: string | undefined; hash: string }

const read = async (pieces: readonly Uint8Array[], way: Way = {}): Promise<Read> => {
  const options = readImportOptions(JSON.stringify(way.options ?? {}))
  if (!options.ok) throw options.error
  const rows: Staged[] = []
  const body = async function* () {
    for (const piece of pieces) yield Buffer.from(piece)
  }
  const { layout, contentHash } = await readFile(
    body(),
    {
      format: way.format ?? 'CSV',
      packing: way.packing ?? 'none',
      encoding: way.encoding === undefined ? null : encodingNamed(way.encoding),
      options: options.value,
    },
    { maxBytes: way.maxBytes ?? 1e9 },
    async (batch) => void rows.push(...batch),
  )
  return { rows, encoding: layout.encoding, delimiter: layout.delimiter, hash: contentHash }
}
const readText = (text: string, way?: Way) => read([Buffer.from(text)], way)
const contents = ({ rows }: Read): unknown[] => rows.map(({ content }) => content)
const refusal = async (reading: Promise<Read>): Promise<string> =>
  reading.then(
    ({ rows }) => `read ${rows.length} rows`,
    (error: unknown) => `${(error as DomainError).code} ${(error as DomainError).message}`,
  )
const utf16 = (text: string, big: boolean): Buffer =>
  big ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'utf16le')

describe('a CSV', () => {
  test.each(['\n', '\r\n', ' \n', '\t\n'])('is found behind hundreds of thousands of lines of %j', async (line) => {
    // A scan that looks back at each line takes minutes.
    const file = await readText(`${line.repeat(900_000 / line.length)}account,name\nA,b\n`)
    expect(contents(file)).toEqual([['A', 'b']])
  })

  test.each([
    [',', 'account,name\nA,b\n'],
    [';', 'account;name\nA;b\n'],
    ['\t', 'account\tname\nA\tb\n'],
    ['|', 'account|name\nA|b\n'],
    [';', '"account";"name";"Addresses: City, of; all"\nA;b;\n'],
    [',', 'account\nA\n'],
    [';', 'sep=;\r\naccount;name\r\nA;b\r\n'],
  ])('is split by "%s" as its header is: %j', async (delimiter, text) => {
    const options = { columns: text.includes('of; all') ? { 'Addresses: City, of; all': 'city' } : {} }
    const found = await readText(text, { options })
    expect(found.delimiter).toBe(delimiter)
    expect(found.rows[0]).toMatchObject({ row: 1, account: 'A', problem: null })
  })

  test('is split as the request says', async () => {
    expect(
      contents(
        await readText('account|name;x\nA|b;c\n', { options: { delimiter: '|', columns: { 'name;x': 'name' } } }),
      ),
    ).toEqual([['A', 'b;c']])
  })

  test.each(['\n', '\r\n', '\r'])('has lines that end with %j, also within quotes, and empty ones', async (end) => {
    const text = ['', 'account,name', 'A,"two', 'lines"', '', ',', 'B,"say ""x"""', '', 'C,5" pipe', ''].join(end)
    const found = await readText(text)
    expect(contents(found)).toEqual([
      ['A', `two${end}lines`],
      ['B', 'say "x"'],
      ['C', '5" pipe'],
    ])
    expect(found.rows.map(({ row }) => row)).toEqual([1, 2, 3])
  })

  test('has rows that do not fit, each with its reason, and the others go on', async () => {
    const { rows } = await readText(`account,name\nA\nB,b,c\nC,c,,\nD,\u0000d\nE,${'e'.repeat(70_000)}\nF,f`)
    expect(rows.map(({ account, problem }) => [account, problem?.code ?? null, problem?.at ?? null])).toEqual([
      ['A', 'INVALID_VALUE', null],
      ['B', 'INVALID_VALUE', null],
      ['C', null, null],
      ['D', 'INVALID_VALUE', ['set', 'name']],
      ['E', 'INVALID_VALUE', ['set', 'name']],
      ['F', null, null],
    ])
    expect(rows[3]?.content).toEqual(['D', '\uFFFDd'])
    expect((rows[4]?.content as string[])[1]).toHaveLength(1001)
  })

  test('whose header ends with delimiters has as many columns as names; what stands behind them is told with its row', async () => {
    const text = 'account,name,, \nA,a,,\nB,b\nC,c,\nD,d,,x\nE,e,,,\nF,f,y,,z\nG\nH,"h\nh",,\n'
    const { rows } = await readText(text)
    expect(rows.map(({ content, problem }) => [(content as string[]).join('|'), problem?.message ?? null])).toEqual([
      ['A|a', null],
      ['B|b', null],
      ['C|c', null],
      ['D|d||x', 'Column 4 holds something, but has no name in the header; name it there, or empty the cell.'],
      ['E|e', null],
      ['F|f|y||z', expect.stringMatching(/^This row has 5 cells, but the header has 2: a delimiter/)],
      ['G', expect.stringMatching(/^This row has 1 cells, but the header has 2: it is cut short/)],
      ['H|h\nh', null],
    ])
    expect(rows[3]).toMatchObject({ account: 'D', problem: { code: 'INVALID_VALUE' } })
    // In the middle a name is missing.
    expect(await refusal(readText('account,,name,\nA,,b,\n'))).toMatch(/no name for column 2;/)
  })

  test('that never closes a quote is refused where it begins', async () => {
    expect(await refusal(readText('account,name\nA,b\n\n"B\n2",b\nC,"x\nD,y\n'))).toMatch(/line 6 opens a quote/)
    expect(await refusal(readText('account,"name\nA,b\n'))).toMatch(/^INVALID_VALUE The header opens a quote/)
    expect(await refusal(readText(`account,name\nA,b\nC,"x\n${'D,y\n'.repeat(300_000)}`))).toMatch(
      /line 3 has more than 1048576/,
    )
    expect(await refusal(readText(`account,name\nA,${'x'.repeat(10_000_000)}\n`))).toMatch(/line 2 has more than/)
    expect(await refusal(readText('x'.repeat(2_000_000)))).toMatch(/first line has more than/)
  })

  test('that is none is refused', async () => {
    expect(await refusal(readText(''))).toMatch(/is empty/)
    expect(await refusal(readText('\r\n \r\n'))).toMatch(/is empty/)
    expect(await refusal(readText('PK\u0003\u0004...'))).toMatch(/workbook/)
    expect(await refusal(read([utf16('account,name\nA,b\n', false)]))).toMatch(/NUL bytes.*UTF-16/)
  })
})

describe('an encoding', () => {
  const text = 'account,name\nA,Grüße aus Köln 💶 Ω\n'
  const simple = 'account,name\nA,Grüße – 5 €\n'
  const w1252 = Buffer.from(simple.replace('–', '\u0096').replace('€', '\u0080'), 'latin1')
  const mark = '\uFEFF'

  test.each<[string, Buffer, string | undefined, string, string]>([
    ['UTF-8', Buffer.from(text), undefined, 'utf-8', text],
    ['UTF-8 with a mark', Buffer.from(mark + text), undefined, 'utf-8', text],
    ['UTF-8 with a mark, said to be another', Buffer.from(mark + text), 'windows-1252', 'utf-8', text],
    ['UTF-16 LE with a mark', utf16(mark + text, false), undefined, 'utf-16le', text],
    ['UTF-16 BE with a mark', utf16(mark + text, true), undefined, 'utf-16be', text],
    ['UTF-16 LE that is said', utf16(text, false), 'utf-16le', 'utf-16le', text],
    ['Windows-1252', w1252, undefined, 'windows-1252', simple],
    [
      'Windows-1252 that begins like UTF-8',
      Buffer.from('account,name\nA,Café au lait\n', 'latin1'),
      undefined,
      'windows-1252',
      'account,name\nA,Café au lait\n',
    ],
    ['ISO 8859-1 that is said', w1252, 'iso-8859-1', 'windows-1252', simple],
    ['ASCII', Buffer.from('account,name\nA,b\n'), undefined, 'utf-8', 'account,name\nA,b\n'],
    ['US-ASCII that is not', Buffer.from(text), 'us-ascii', 'utf-8', text],
  ])('%s is read, cut anywhere', async (_, bytes, encoding, settled, plain) => {
    const way = encoding === undefined ? {} : { encoding }
    const name = plain.split(/[,\n]/)[3]
    for (let at = 0; at <= bytes.length; at++) {
      const found = await read([bytes.subarray(0, at), bytes.subarray(at)], way)
      expect(contents(found)).toEqual([['A', name]])
      expect(found.encoding).toBe(settled)
    }
    expect(
      contents(
        await read(
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
          way,
        ),
      ),
    ).toEqual([['A', name]])
  })

  test('that does not hold to the end is refused with the place', async () => {
    const broken = Buffer.concat([Buffer.from('account,name\nA,é\nB,'), Buffer.from([0xe9, 0x0a])])
    for (const at of [3, 16, 20, 21])
      expect(await refusal(read([broken.subarray(0, at), broken.subarray(at)]))).toMatch(/UTF-8 until byte 20,/)
    expect(await refusal(read([Buffer.from(`account,name\nA,éé`).subarray(0, -1)]))).toMatch(
      /middle of a character, at byte 17/,
    )
    expect(await refusal(read([w1252], { encoding: 'utf-8' }))).toMatch(/until byte 17/)
    expect(await refusal(read([utf16(mark + text, false).subarray(0, -1)]))).toMatch(/not valid utf-16le/)
  })
})

describe('a packed file', () => {
  const plain = Buffer.from('account,name\nA,b\n')
  test('is unpacked, said or not, and is the same file', async () => {
    const { hash } = await read([plain])
    const same = { hash, rows: [expect.objectContaining({ account: 'A' })] }
    expect(await read([gzipSync(plain)], { packing: 'gzip' })).toMatchObject(same)
    expect(await read([deflateSync(plain)], { packing: 'deflate' })).toMatchObject(same)
    expect(await read(Array.from(gzipSync(plain), (byte) => Uint8Array.of(byte)))).toMatchObject(same)
    expect(await read([gzipSync(gzipSync(plain))], { packing: 'gzip' })).toMatchObject(same)
  })

  test('that is cut off, is none, or unfolds without end is refused', async () => {
    const packed = gzipSync(Buffer.from('account,name\n' + Array.from({ length: 999 }, (_, n) => `${n},x\n`).join('')))
    expect(await refusal(read([packed.subarray(0, -9)]))).toMatch(/cut off/)
    expect(await refusal(read([plain], { packing: 'gzip' }))).toMatch(/not gzip data/)
    const bomb = gzipSync('account,name\n' + '\n'.repeat(20_000_000))
    expect(await refusal(read([bomb], { packing: 'gzip' }))).toMatch(/^LIMIT_EXCEEDED .*unfolds/)
    expect(await refusal(read([gzipSync(bomb)], { packing: 'gzip' }))).toMatch(/^LIMIT_EXCEEDED .*unfolds/)
    expect(await refusal(read([plain, plain], { maxBytes: 20 }))).toMatch(/^LIMIT_EXCEEDED .*20 bytes/)
  })
})

describe('JSON lines', () => {
  const json = { format: 'JSONL' } as const
  test('are objects; what is none is a row with its reason', async () => {
    const { rows } = await readText(
      '{"account":"A","name":"a"}\r\n\n{"account":\n[1]\n{"account":"B","name":"\\u0000\\ud800"}\n{"account":"C","name":1e999}\n{"account":"D","__proto__":{"name":"x"}}',
      json,
    )
    expect(rows.map(({ row, account, problem }) => [row, account, problem?.code ?? null])).toEqual([
      [1, 'A', null],
      [2, null, 'INVALID_VALUE'],
      [3, null, 'INVALID_VALUE'],
      [4, 'B', 'INVALID_VALUE'],
      [5, 'C', 'INVALID_VALUE'],
      [6, 'D', null],
    ])
    expect(rows[1]).toMatchObject({
      content: { line: '{"account":' },
      problem: { message: expect.stringContaining('Line 3') as string },
    })
    expect(rows[3]?.content).toEqual({ account: 'B', name: '\uFFFD\uFFFD' })
    expect(JSON.stringify(rows[5]?.content)).toBe('{"account":"D","__proto__":{"name":"x"}}')
  })

  test('that have a key twice are rows with their reason: parsing would keep one of the values', async () => {
    const lines = [
      '{"account":"A","name":"a","name":"b"}',
      '{"account":"A","set":{"name":"x","n\\u0061me":"y"}}',
      '{"account":"A","addresses":[{"city":"x"},{"city":"y"}]}',
      '{"account":"A","name":"a:\\"b\\\\","phone":"{\\"name\\":1}"}',
      '{"account":"A","name":{"x":1},"name":"b"}',
      '{"account":"A","__proto__":1,"__proto__":2}',
    ]
    const { rows } = await readText(lines.join('\n'), json)
    expect(rows.map(({ problem }) => problem?.message ?? null)).toEqual([
      'The key "name" is there twice; keep one of them.',
      'The key "name" is there twice; keep one of them.',
      null,
      null,
      'The key "name" is there twice; keep one of them.',
      'The key "__proto__" is there twice; keep one of them.',
    ])
    expect(rows[0]).toMatchObject({ account: 'A', problem: { code: 'INVALID_VALUE', at: ['name'] } })
  })

  test('keep amounts to the last digit', async () => {
    const { rows } = await readText('{"account":"A","creditLimit":12345678901234567.89,"cashDiscountBaseDays":7}', json)
    expect(rows[0]?.content).toEqual({ account: 'A', creditLimit: '12345678901234567.89', cashDiscountBaseDays: 7 })
  })

  test('keep numbers as they are written', async () => {
    const numbers = ['123', '1.50', '1e3', '-0', '0.0000001', '5e-7', '1E+2', '123456789012345', '1234567890123456']
    for (const written of numbers) {
      const { rows } = await readText(
        `{"account":${written},"set":{"phone": ${written}},"contacts":[{"phone":${written}}]}`,
        json,
      )
      const { account, content, problem } = rows[0]!
      expect(problem).toBeNull()
      expect(account).toBe(written)
      const { set, contacts } = content as { set: { phone: unknown }; contacts: { phone: unknown }[] }
      expect([String(set.phone), String(contacts[0]?.phone)]).toEqual([written, written])
    }
  })

  test('refuse as a row what more digits than can be kept and an exponent make of a number', async () => {
    const lines = [
      '{"account":"A","set":{"creditLimit":1.2345678901234567e3}}',
      '{"account":"B","creditLimit":0.12345678901234500e3}',
      '{"account":"C","bankAccounts":[{"accountNumber":12345678901234567E-1}]}',
      '{"account":"D","creditLimit":1e999}',
    ]
    const { rows } = await readText(lines.join('\n'), json)
    expect(rows.map(({ account, problem }) => [account, problem?.code ?? null, problem?.at ?? null])).toEqual([
      ['A', 'INVALID_VALUE', ['set', 'creditLimit']],
      ['B', null, null],
      ['C', 'INVALID_VALUE', ['bankAccounts', '0', 'accountNumber']],
      ['D', 'INVALID_VALUE', ['creditLimit']],
    ])
    expect(rows[0]?.problem?.message).toBe(
      '"creditLimit" is the number 1.2345678901234567e3, with more than 15 digits and an exponent; write it without the exponent.',
    )
    expect(rows[0]?.content).toEqual({ account: 'A', set: { creditLimit: '1.2345678901234567e3' } })
  })

  test('are read as fast, however many numbers could begin in them', async () => {
    const line = `{"account":"A","name":"${', '.repeat(200_000)}","phone":"${':1'.repeat(100_000)}"}`
    const numbers = [`${'1'.repeat(500_000)}`, `1${'0'.repeat(500_000)}1e5`, `1.${'0'.repeat(500_000)}1`]
    const more = numbers.map((number) => `{"account":"B","name":${number}}`)
    expect((await readText([line, ...more].join('\n'), json)).rows).toHaveLength(4)
  })

  test('that are too deep, too long, or an array are refused', async () => {
    const deep = `{"account":"A","name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect((await readText(deep, json)).rows[0]).toMatchObject({
      problem: { message: expect.stringContaining('nested') as string },
    })
    expect(await refusal(readText(`{"account":"${'x'.repeat(2_000_000)}"}`, json))).toMatch(/Line 1 has more than/)
    expect(await refusal(readText('[{"account":"A"}]', json))).toMatch(/JSON array/)
  })
})

test('the same rows come of the same bytes, wherever they are cut', async () => {
  const cell = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('é', '💶', '"', '\r\n', 'a,b', '', ' '))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { maxLength: 12 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat(400), { maxLength: 6 }),
      async (rows, end, cuts) => {
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
        const text = [['account', 'name'], ...rows].map((cells) => cells.map(quoted).join(',')).join(end)
        const bytes = Buffer.from(text)
        const places = [0, ...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length]
        const pieces = places.slice(1).map((at, i) => bytes.subarray(places[i], at))
        const found = await read(pieces)
        expect(found.rows).toEqual((await read([bytes])).rows)
        const shown = (texts: readonly string[]): string[] => texts.map((each) => each.replaceAll('\u0000', '\uFFFD'))
        expect(contents(found)).toEqual(rows.filter((cells) => cells.join('').trim() !== '').map(shown))
      },
    ),
    { numRuns: 150 },
  )
})
