// What somebody has typed on a customer's page and not yet saved. It outlives every refresh of the page, and each
// refusal of the server finds its place in it by the path of the input.
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { property } from './catalogue.ts'
import type { UpdateInput } from './documents/customers.ts'
import { keep } from './drafts.ts'
import type { Field, Problem } from './documents/fragments.ts'
import type { Json } from './graphql.ts'

type Values = SvelteMap<string, Json>
/** Whose field: the customer itself, a child record by its id, or one that is being added. */
export type Owner = { record: string; id: string | null }
export type NewChild = { key: string; values: Values }

export const self: Owner = { record: 'customer', id: null }
const ownerKey = ({ record, id }: Owner) => `${record}/${id ?? ''}`

export class CustomerDraft {
  /** The customer's version that was on the screen when the first edit began. */
  version = $state<number | null>(null)
  reason = $state('')
  problem = $state.raw<Problem | null>(null)
  readonly #edits = new SvelteMap<string, Values>()
  readonly #added = new SvelteMap<string, NewChild[]>()
  readonly #removed = new SvelteSet<string>()
  #nextKey = 0

  count = $derived.by(() => {
    let edits = this.#removed.size
    for (const values of this.#edits.values()) edits += values.size
    for (const children of this.#added.values()) edits += children.length
    return edits
  })

  get dirty(): boolean {
    return this.count > 0
  }

  has(owner: Owner, field: Field): boolean {
    return this.#edits.get(ownerKey(owner))?.has(property(field)) ?? false
  }

  get(owner: Owner, field: Field): Json {
    return this.#edits.get(ownerKey(owner))?.get(property(field)) ?? null
  }

  set(owner: Owner, field: Field, value: Json): void {
    const key = ownerKey(owner)
    const values = this.#edits.get(key) ?? new SvelteMap<string, Json>()
    values.set(property(field), value)
    this.#edits.set(key, values)
  }

  revert(owner: Owner, field: Field): void {
    const values = this.#edits.get(ownerKey(owner))
    values?.delete(property(field))
    if (values?.size === 0) this.#edits.delete(ownerKey(owner))
  }

  added(record: string): readonly NewChild[] {
    return this.#added.get(record) ?? []
  }

  add(record: string): void {
    const child = { key: `new-${this.#nextKey++}`, values: new SvelteMap<string, Json>() }
    this.#added.set(record, [...this.added(record), child])
  }

  takeOut(record: string, key: string): void {
    this.#added.set(
      record,
      this.added(record).filter((child) => child.key !== key),
    )
  }

  removed(owner: Owner): boolean {
    return this.#removed.has(ownerKey(owner))
  }

  remove(owner: Owner): void {
    this.#edits.delete(ownerKey(owner))
    this.#removed.add(ownerKey(owner))
  }

  keep(owner: Owner): void {
    this.#removed.delete(ownerKey(owner))
  }

  clear(): void {
    this.#edits.clear()
    this.#added.clear()
    this.#removed.clear()
    this.reason = ''
    this.problem = null
    this.version = null
  }

  /** What the API takes: only what was touched. */
  toInput(company: string, account: string, records: readonly string[]): UpdateInput {
    const ofRecord = (record: string) => {
      const prefix = `${record}/`
      const change = [...this.#edits]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, values]) => ({ id: key.slice(prefix.length), set: Object.fromEntries(values) }))
      const add = this.added(record).map(({ values }) => Object.fromEntries(values))
      const remove = [...this.#removed].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
      return {
        ...(add.length > 0 ? { add } : {}),
        ...(change.length > 0 ? { change } : {}),
        ...(remove.length > 0 ? { remove } : {}),
      }
    }
    const set = this.#edits.get(ownerKey(self))
    const children = records.map((record) => [record, ofRecord(record)] as const)
    return {
      company,
      account,
      ...(set ? { set: Object.fromEntries(set) } : {}),
      ...Object.fromEntries(children.filter(([, changes]) => Object.keys(changes).length > 0)),
      ...(this.version === null ? {} : { expectedVersion: this.version }),
      ...(this.reason.trim() ? { reason: this.reason.trim() } : {}),
    }
  }

  /** The refusals of one field, by the path that the input of `toInput` gave it. */
  errorsOf(owner: Owner, field: Field): string[] {
    return this.#at(this.#path(owner, property(field)))
  }

  /** The refusals of a new child, those of its fields apart. */
  errorsOfNew(record: string, index: number, field?: Field): string[] {
    return this.#at(['input', record, 'add', String(index), ...(field ? [property(field)] : [])])
  }

  #path(owner: Owner, name: string): string[] {
    if (owner.id === null) return ['input', 'set', name]
    const prefix = `${owner.record}/`
    const index = [...this.#edits.keys()].filter((key) => key.startsWith(prefix)).indexOf(ownerKey(owner))
    return ['input', owner.record, 'change', String(index), 'set', name]
  }

  #at(path: string[]): string[] {
    const problem = this.problem
    if (problem === null) return []
    const all = 'problems' in problem && problem.problems.length > 0 ? problem.problems : [problem]
    const wanted = path.join('.')
    return all.filter((one) => one.path?.join('.') === wanted).map(({ message }) => message)
  }
}

export const draftOf = (company: string, account: string): CustomerDraft =>
  keep(`customer/${company}/${account}`, () => new CustomerDraft())
