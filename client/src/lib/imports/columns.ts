// What a column of a file may be, and what the server takes it for by its name alone (docs/imports.md), by the names that the
// server tells. What is shown here is sent along, so nothing is read otherwise than it was shown.
import type { ImportColumn, ImportField } from '../documents/imports.ts'
import { messages } from '../messages.ts'
import { importWords } from '../words/imports.ts'

/** The server takes no more, but for those that a download of refused rows has added (docs/imports.md). */
export const mostColumns = 500

/** The one target that is no field: by which customers are found. */
export const account = 'account'

/** As the server compares names: "Credit limit", "credit_limit" and "creditLimit" are the same. */
export const normalName = (text: string): string =>
  text
    .normalize('NFC')
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '')

const self = 'customer'
/** Records of one kind that a row can hold. */
const most = 50
const atPlace = (name: string, place: number) => (place === 1 ? name : name.replace('.', `[${place}].`))
const placed = /^([^.[\]]+)\[(\d+)\]\.(.+)$/

/** What is shown of a target where one is chosen. */
type ColumnChoice = { value: string; label: string; note?: string }

export class Columns {
  readonly fields: readonly ImportField[]
  readonly #byName: ReadonlyMap<string, ImportField>
  /** As they are written, by target. */
  readonly #names: ReadonlyMap<string, readonly string[]>
  /** By name as names are compared. */
  readonly #targets = new Map<string, string[]>()

  constructor(all: readonly ImportField[], columns: readonly ImportColumn[]) {
    this.fields = all.filter(({ type }) => type !== 'RECORD').sort((a, b) => a.order - b.order)
    this.#byName = new Map(this.fields.map((field) => [field.name, field]))
    this.#names = new Map(columns.map(({ field, names }) => [field, names]))
    for (const { field, names } of columns) {
      for (const name of names) {
        const normal = normalName(name)
        this.#targets.set(normal, [...(this.#targets.get(normal) ?? []), field])
      }
    }
  }

  /** The targets that a name can mean: none, one, or several when it is ambiguous. */
  meant(name: string): readonly string[] {
    const normal = normalName(name)
    const found = this.#targets.get(normal)
    if (found !== undefined) return found
    const [, record = '', inBrackets, bare, rest = ''] =
      /^([^.:[\]\d]+)(?:\[(\d{1,4})\]|\.?(\d{1,4}))?[.:](.+)$/.exec(normal) ?? []
    const place = Number(inBrackets ?? bare ?? '1')
    if (place < 1 || place > most) return []
    return (this.#targets.get(`${record}.${rest}`) ?? []).map((target) => atPlace(target, place))
  }

  /** A target as a person reads it: "Credit limit", "Addresses 2: City"; a whole record: "Addresses". */
  label(target: string): string {
    if (target === account) return messages.customers.account
    const whole = target === self ? undefined : this.fields.find(({ record }) => record === target)
    if (whole) return whole.group
    const [, record, place, property] = placed.exec(target) ?? []
    const field = this.#byName.get(record === undefined ? target : `${record}.${property ?? ''}`)
    if (field === undefined) return target
    return field.record === self ? field.label : `${field.group}${place ? ` ${place}` : ''}: ${field.label}`
  }

  /** The column that an error of a row names by its path. */
  atPath(path: readonly string[] | null): string | null {
    const [first, second, third] = path ?? []
    if (first === undefined) return null
    if (third !== undefined) return this.label(atPlace(`${first}.${third}`, Number(second) + 1))
    const name = first === 'set' ? (second ?? '') : first
    return name === account || this.#byName.has(name) ? this.label(name) : null
  }

  /** What a column can be, for what has been typed; `targets` are what the others are already, `null` is not to be read. */
  choices(typed: string, targets: readonly (string | null)[]): ColumnChoice[] {
    const wanted = typed.trim().toLocaleLowerCase()
    /** One more than there are: a second address may be about to be told of. */
    const places = (record: string) => {
      const told = targets.map((target) =>
        target?.startsWith(`${record}.`) ? 1 : target?.startsWith(`${record}[`) ? Number(placed.exec(target)?.[2]) : 0,
      )
      return Math.min(Math.max(...told, 0) + 1, most)
    }
    const every = [
      { value: unread, label: importWords.map.unread },
      { value: account, label: this.label(account), note: importWords.map.accountNote },
      ...this.fields.flatMap((field) => {
        const last = field.record === self ? 1 : places(field.record)
        return Array.from({ length: last }, (_, index) => {
          const value = atPlace(field.name, index + 1)
          return { value, label: this.label(value), note: field.d365Name ?? '' }
        })
      }),
    ]
    const namesOf = (target: string) => this.#names.get(target.replace(/\[\d+\]/, '')) ?? []
    return every.filter(({ value, label, note = '' }) =>
      [value, label, note, ...namesOf(value)].some((text) => text.toLocaleLowerCase().includes(wanted)),
    )
  }
}

/** Stands for a column that is not read, where a choice has to be a text. */
export const unread = '-'
