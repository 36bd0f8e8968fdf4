// What somebody has typed on a customer's page and not yet saved. It outlives every refresh of the page, and each
// refusal of the server finds its place in it by the path of the input.
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { property } from './catalogue.ts'
import type { CreateInput, UpdateInput } from './documents/customers.ts'
import { keep } from './drafts.ts'
import type { Field, Problem } from './documents/fragments.ts'
import { plain } from './format.ts'
import type { Json } from './graphql.ts'

type Values = SvelteMap<string, Json>
/** Whose field: the customer itself, or a child record by its id. The record as a whole is refused by the child's code. */
export type Owner = { record: string; id: string | null; code?: string }
export type NewChild = { key: string; values: Values }

export const self: Owner = { record: 'customer', id: null }
const ownerKey = ({ record, id }: Owner) => `${record}/${id ?? ''}`

type Written = {
  version: number | null
  reason: string
  check: boolean
  account: string
  edits: [string, [string, Json][]][]
  added: [string, [string, Json][][]][]
  removed: string[]
}

export class CustomerDraft {
  /** Of a customer that is being made: its account. */
  account = $state('')
  /** The customer's version that was on the screen when the first edit began. */
  version = $state<number | null>(null)
  reason = $state('')
  /** A new credit limit is to be checked when it is applied. */
  check = $state(false)
  problem = $state.raw<Problem | null>(null)
  /** It is on its way: what the record gets meanwhile may be one's own. */
  saving = false
  readonly #edits = new SvelteMap<string, Values>()
  readonly #added = new SvelteMap<string, NewChild[]>()
  readonly #removed = new SvelteSet<string>()
  #nextKey = 0
  /** Whose fields were edited, in the order in which they were sent: a refusal names them by it. */
  #sent: readonly string[] = []

  count = $derived.by(() => {
    let edits = this.#removed.size
    for (const values of this.#edits.values()) edits += values.size
    for (const children of this.#added.values()) edits += children.length
    return edits
  })

  get dirty(): boolean {
    return this.count > 0 || this.account !== ''
  }

  toJSON(): Json {
    const written: Written = {
      version: this.version,
      reason: this.reason,
      check: this.check,
      account: this.account,
      edits: [...this.#edits].map(([key, values]) => [key, [...values]]),
      added: [...this.#added].map(([record, children]) => [record, children.map(({ values }) => [...values])]),
      removed: [...this.#removed],
    }
    return written
  }

  restore(json: Json): void {
    const written = json as Written
    this.version = written.version
    this.reason = written.reason
    this.check = written.check
    this.account = written.account
    for (const [key, values] of written.edits) this.#edits.set(key, new SvelteMap(values))
    for (const [record, children] of written.added) for (const values of children) this.#add(record, values)
    for (const key of written.removed) this.#removed.add(key)
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

  /** The codes of those that are being added, as far as they have been typed. */
  codesOf(record: string): string[] {
    return this.added(record).map(({ values }) => plain(values.get('code') ?? ''))
  }

  add(record: string): void {
    this.#add(record, [])
  }

  #add(record: string, values: [string, Json][]): void {
    const child = { key: `new-${this.#nextKey++}`, values: new SvelteMap(values) }
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

  /** Goes on from a newer version of the record, unless something is edited here that is another there. */
  follow(since: number, version: number, news: readonly { owner: Owner; property: string | null }[]): void {
    if (this.version === since && !news.some((one) => this.#touches(one))) this.version = version
  }

  #touches({ owner, property: name }: { owner: Owner; property: string | null }): boolean {
    const values = this.#edits.get(ownerKey(owner))
    return this.removed(owner) || (values !== undefined && (name === null || values.has(name)))
  }

  clear(): void {
    this.#edits.clear()
    this.#added.clear()
    this.#removed.clear()
    this.account = ''
    this.reason = ''
    this.check = false
    this.problem = null
    this.version = null
  }

  /** What the API takes: only what was touched. */
  toInput(company: string, account: string, records: readonly string[]): UpdateInput {
    this.#sent = [...this.#edits.keys()]
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
      ...(this.check ? { runCreditLimitCheck: true } : {}),
      ...(this.reason.trim() ? { reason: this.reason.trim() } : {}),
    }
  }

  /** What the API takes for a new customer: what was left empty begins as the catalogue says. */
  toNew(company: string, records: readonly string[]): CreateInput {
    const filled = (values: Values | undefined) => Object.fromEntries([...(values ?? [])].filter(([, v]) => v !== null))
    const children: Record<string, unknown> = Object.fromEntries(
      records
        .filter((record) => this.added(record).length > 0)
        .map((record) => [record, this.added(record).map(({ values }) => filled(values))]),
    )
    const set = filled(this.#edits.get(ownerKey(self))) as CreateInput['set']
    return { company, account: this.account.trim(), set, ...children }
  }

  /** The refusals of one field, by the path that the input of `toInput` or `toNew` gave it. */
  errorsOf(owner: Owner, field: Field): string[] {
    return this.#at(this.#paths(owner, property(field)))
  }

  /** The refusals of a new child, those of its fields apart; of an edited customer, or of one that is being made. */
  errorsOfNew(record: string, index: number, field?: Field): string[] {
    return this.#at(this.#pathsOfNew(record, index, field && property(field)))
  }

  /** Of the account of one that is being made. */
  get accountErrors(): string[] {
    return this.#at(['input.account'])
  }

  /** What the refusal says of no place on the page: of a record that is to be removed, of a child without a code. */
  elsewhere(fields: readonly Field[], owners: readonly Owner[]): Problem | null {
    const problem = this.problem
    if (problem === null) return null
    const shown = [
      'input.account',
      ...[self, ...owners.filter((owner) => !this.removed(owner))].flatMap((owner) =>
        fields
          .filter(({ record, name }) => record === owner.record && name !== `${record}.code`)
          .flatMap((field) => this.#paths(owner, property(field))),
      ),
      ...[...this.#added].flatMap(([record, children]) =>
        children.flatMap((_, index) => [
          ...this.#pathsOfNew(record, index),
          ...fields
            .filter((field) => field.record === record)
            .flatMap((field) => this.#pathsOfNew(record, index, property(field))),
        ]),
      ),
    ]
    const left = this.#said.filter(({ path }) => !shown.includes(path?.join('.') ?? ''))
    if (left.length === 0) return null
    return 'problems' in problem ? { ...problem, problems: left } : problem
  }

  #paths(owner: Owner, name: string): string[] {
    if (owner.id === null) return [`input.set.${name}`]
    const prefix = `${owner.record}/`
    const index = this.#sent.filter((key) => key.startsWith(prefix)).indexOf(ownerKey(owner))
    return [`input.${owner.record}.change.${index}.set.${name}`, `input.${owner.record}.${owner.code ?? ''}.${name}`]
  }

  #pathsOfNew(record: string, index: number, name?: string): string[] {
    const rest = name === undefined ? '' : `.${name}`
    const code = this.codesOf(record)[index]
    return [`add.${index}`, index, code].map((place) => `input.${record}.${place}${rest}`)
  }

  get #said(): readonly Pick<Problem, 'code' | 'message' | 'path'>[] {
    const problem = this.problem
    if (problem === null) return []
    return 'problems' in problem && problem.problems.length > 0 ? problem.problems : [problem]
  }

  #at(paths: readonly string[]): string[] {
    return this.#said
      .filter(({ path }) => path !== null && paths.includes(path.join('.')))
      .map(({ message }) => message)
      .filter((message, at, all) => all.indexOf(message) === at)
  }
}

export const draftOf = (company: string, account: string): CustomerDraft =>
  keep(`customer/${company}/${account}`, () => new CustomerDraft())

/** Of a customer who is being made. No account is the empty text: it is the place of nobody else. */
export const draftOfNew = (company: string): CustomerDraft => draftOf(company, '')
