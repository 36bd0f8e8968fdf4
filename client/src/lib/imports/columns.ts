// What a column of a file may be, and what the server takes it for by its name alone (docs/imports.md): the catalogue's name, the
// label, the name in Dynamics 365 Finance. What is shown here is sent along, so nothing is read otherwise than it was shown.
import type { Choice } from '../choices.ts'
import type { ImportField } from '../documents/imports.ts'
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

type Named = readonly (readonly [name: string, target: string])[]
type Names = ReadonlyMap<string, readonly string[]>

/** What an earlier list names is not ambiguous for a later one's sake. */
const named = (lists: readonly Named[]): Names => {
  const all = new Map<string, string[]>()
  for (const list of lists) {
    const own = Map.groupBy(list, ([name]) => normalName(name))
    for (const [name, found] of own) {
      if (!all.has(name)) all.set(name, [...new Set(found.map(([, target]) => target))])
    }
  }
  return all
}

const self = 'customer'
/** Records of one kind that a row can hold. */
const most = 50
const propertyOf = ({ name }: ImportField) => name.slice(name.indexOf('.') + 1)
const atPlace = (name: string, place: number) => (place === 1 ? name : name.replace('.', `[${place}].`))
const placed = /^([^.[\]]+)\[(\d+)\]\.(.+)$/

export class Columns {
  readonly fields: readonly ImportField[]
  readonly #byName: ReadonlyMap<string, ImportField>
  readonly #anywhere: Names
  readonly #within: ReadonlyMap<string, Names>

  constructor(all: readonly ImportField[]) {
    this.fields = all.filter(({ type }) => type !== 'RECORD').sort((a, b) => a.order - b.order)
    this.#byName = new Map(this.fields.map((field) => [field.name, field]))
    const ofChildren = this.fields.filter(({ record }) => record !== self)
    this.#anywhere = named([
      [[account, account], ...this.fields.map(({ name }) => [name, name] as const)],
      [['Customer account', account], ...this.fields.map((field) => [this.label(field.name), field.name] as const)],
      this.fields.map(({ name, d365Name }) => [d365Name ?? name, name] as const),
      [
        ['Account number', account],
        ...ofChildren.flatMap((field) => (propertyOf(field) === 'code' ? [] : [[field.label, field.name] as const])),
      ],
    ])
    this.#within = new Map(
      [...Map.groupBy(ofChildren, ({ record }) => record)].map(([record, fields]) => [
        record,
        named([
          fields.map((field) => [propertyOf(field), field.name] as const),
          fields.map((field) => [field.label, field.name] as const),
          fields.map((field) => [field.d365Name ?? propertyOf(field), field.name] as const),
        ]),
      ]),
    )
  }

  /** The targets that a name can mean: none, one, or several when it is ambiguous. */
  meant(name: string): readonly string[] {
    const normal = normalName(name)
    const found = this.#anywhere.get(normal)
    if (found !== undefined) return found
    const [, prefix = '', inBrackets, bare, rest = ''] =
      /^([^.:[\]\d]+)(?:\[(\d{1,4})\]|\.?(\d{1,4}))?[.:](.+)$/.exec(normal) ?? []
    const record = [...this.#within.keys()].find((one) => one.toLowerCase() === prefix)
    const place = Number(inBrackets ?? bare ?? '1')
    if (record === undefined || place < 1 || place > most) return []
    return (this.#within.get(record)?.get(rest) ?? []).map((target) => atPlace(target, place))
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
  choices(typed: string, targets: readonly (string | null)[]): Choice[] {
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
    return every.filter(({ value, label, note = '' }) =>
      [value, label, note].some((text) => text.toLocaleLowerCase().includes(wanted)),
    )
  }
}

/** Stands for a column that is not read, where a choice has to be a text. */
export const unread = '-'
