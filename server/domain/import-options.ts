// What a request says about its file: how columns are called, what empty cells mean, whether anybody looks at the plan first.
import { z } from 'zod'
import { DomainError, ok, refused, type Result } from './errors.ts'
import type { EmptyMeaning } from './import-job.ts'
import { doubledKey } from './json-keys.ts'

export const delimiters = [',', ';', '\t', '|'] as const
export type Delimiter = (typeof delimiters)[number]

export type ImportOptions = {
  /** What a column of the file is, by its header; null: it is not read. */
  readonly columns: ReadonlyMap<string, string | null>
  /** Values that every row has. */
  readonly constants: ReadonlyMap<string, string | number | boolean>
  readonly delimiter: Delimiter | null
  /** Texts that stand for nothing. */
  readonly nulls: readonly string[]
  readonly empty: EmptyMeaning
  /** A label of the Encoding Standard; null: found out. */
  readonly encoding: string | null
  /** Carried out as soon as it is here. */
  readonly commit: boolean
}

export const noOptions: ImportOptions = {
  columns: new Map(),
  constants: new Map(),
  delimiter: null,
  nulls: [],
  empty: 'LEAVE',
  encoding: null,
  commit: false,
}

const name = z.string().max(200)
const few = <T extends object>(record: T): boolean => Object.keys(record).length <= 500
const schema = z.strictObject({
  columns: z.record(name, name.nullable()).refine(few, 'has more than 500 entries').optional(),
  constants: z
    .record(name, z.union([z.string().max(1000), z.number(), z.boolean()]))
    .refine(few, 'has more than 500 entries')
    .optional(),
  delimiter: z.enum(delimiters).optional(),
  null: z.array(z.string().max(50)).max(20).optional(),
  empty: z.enum(['LEAVE', 'CLEAR']).optional(),
  encoding: z.string().max(40).optional(),
  commit: z.boolean().optional(),
})

const known =
  'Known are columns, constants, delimiter (one of , ; | and a tab), null (up to 20 texts), empty (LEAVE or CLEAR), encoding and commit (true or false).'

const wrong = (message: string, at: readonly string[] = []): Result<never> =>
  refused(new DomainError('INVALID_VALUE', message, { at: ['options', ...at] }))

const reserved = '__proto__'
/** What the schema would drop without a word. */
const faultOfKeys = (raw: unknown): Result<never> | null => {
  if (typeof raw !== 'object' || raw === null) return null
  const places: readonly (readonly [unknown, readonly string[]])[] = [
    [raw, []],
    ...Object.entries(raw).map(([key, value]) => [value, [key]] as const),
  ]
  for (const [value, at] of places) {
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, reserved))
      return wrong(
        `"${[...at, reserved].join('.')}" in Import-Options cannot be used: no column can be named so here; rename it.`,
        [...at, reserved],
      )
  }
  return null
}

/** Options from what a request says; nothing at all is the defaults. Errors: INVALID_VALUE at ['options', …]. */
export const readImportOptions = (text: string | null): Result<ImportOptions> => {
  if (text === null || text.trim() === '') return ok(noOptions)
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return wrong('Import-Options is not JSON; send an object such as {"empty":"CLEAR"}.')
  }
  const doubled = doubledKey(text)
  if (doubled !== null) return wrong(`Import-Options has the key "${doubled.slice(0, 60)}" twice; keep one.`)
  const fault = faultOfKeys(raw)
  if (fault !== null) return fault
  const parsed = schema.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const at = (issue?.path ?? []).map(String)
    const where = at.length === 0 ? 'Import-Options' : `"${at.join('.')}" in Import-Options`
    return wrong(`${where} cannot be used: ${issue?.message ?? 'it is of another form'}. ${known}`, at)
  }
  const { data } = parsed
  return ok({
    columns: new Map(Object.entries(data.columns ?? {})),
    constants: new Map(Object.entries(data.constants ?? {})),
    delimiter: data.delimiter ?? null,
    nulls: (data.null ?? []).map((each) => each.trim()),
    empty: data.empty ?? 'LEAVE',
    encoding: data.encoding ?? null,
    commit: data.commit ?? false,
  })
}
