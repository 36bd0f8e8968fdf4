// What a form holds: the values typed, whether they differ from what the server has, and its refusal beside the field that each
// part of it names. Made by `formOf`, it outlives the page, and what was typed also its being loaded anew: secrets belong into none.
import { untrack } from 'svelte'
import type { TypedDocumentNode } from '@urql/core'
import { Command } from './action.svelte.ts'
import type { Success } from './api.ts'
import { keep, type Kept } from './drafts.ts'
import { asRecord } from './format.ts'
import type { Json } from './graphql.ts'

/** Sentences as one text, each of them once. */
const together = (problems: readonly { message: string }[]): string | undefined => {
  const all = problems.map(({ message }) => message)
  return all.length > 0 ? all.filter((message, at) => all.indexOf(message) === at).join(' ') : undefined
}

/** Has it the same members? */
const alike = (values: object, written: Json | undefined) => same(Object.keys(values), Object.keys(asRecord(written)))
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Of texts, or of things with an id: what is in it counts, not where. */
const isSet = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) &&
  value.every((one) => typeof one === 'string' || (typeof one === 'object' && one !== null && 'id' in one))

/** Theirs, with what was added here and without what was taken out here. */
const merged = (mine: readonly unknown[], before: readonly unknown[], theirs: readonly unknown[]): unknown[] => {
  const has = (list: readonly unknown[], one: unknown) => list.some((other) => same(one, other))
  const stays = theirs.filter((one) => has(mine, one) || !has(before, one))
  return [...stays, ...mine.filter((one) => !has(before, one) && !has(theirs, one))]
}

export class Form<Values extends Record<string, unknown>> implements Kept {
  values: Values
  readonly command = new Command()
  /** What the server has. */
  #clean: Values
  readonly dirty = $derived.by(() => !same($state.snapshot(this.values), this.#clean))
  /** What was typed over, and has become another one at the server since. */
  #overtaken = $state.raw<readonly string[]>([])

  constructor(values: Values) {
    this.values = $state(structuredClone(values))
    this.#clean = $state.raw(values)
  }

  /** Has somebody else changed what was changed here, so that sending it would write over theirs? */
  get overtaken(): boolean {
    return this.#overtaken.some((key) => !same(this.values[key], this.#clean[key]))
  }

  /** What the server has now: shown wherever nothing else has been typed. Of a list both have changed, each keeps their part. */
  follow(values: Values): void {
    // An effect that calls this follows the server, not what it has written itself.
    untrack(() => {
      for (const key of Object.keys(values) as (keyof Values & string)[]) {
        const [mine, before, theirs] = [$state.snapshot(this.values[key]), this.#clean[key], values[key]]
        if (same(mine, before)) this.values[key] = structuredClone(theirs)
        else if (same(theirs, before)) continue
        else if (isSet(mine) && isSet(before) && isSet(theirs))
          this.values[key] = merged(mine, before, theirs) as Values[typeof key]
        else this.#overtaken = [...this.#overtaken, key]
      }
      this.#clean = values
    })
  }

  /** Back to what the server has, or to these values. */
  reset(values: Values = this.#clean): void {
    this.#clean = values
    this.#overtaken = []
    this.values = structuredClone(values)
    this.command.clear()
  }

  /** The refusal of a field, by its path in the values: `error('name')`, `error('days', '0')`; also of what lies inside of it. */
  error(...path: string[]): string | undefined {
    return together(this.#problems.filter((one) => path.every((part, at) => one.path[at] === part)))
  }

  /** What is said against no single value, for the form's foot. */
  get refusal(): string | null {
    const rest = this.#problems.filter(({ path }) => path[0] === undefined || !(path[0] in this.values))
    return this.command.failure ?? together(rest) ?? null
  }

  /** Sends it; what was sent is clean then. The success, or null: the refusal stands beside its fields. */
  async send<Data extends { result: { __typename: string } | null }, Input>(
    document: TypedDocumentNode<Data, { input: Input }>,
    input: Omit<Input, 'idempotencyKey'>,
  ): Promise<Success<Data> | null> {
    const sent: unknown = $state.snapshot(this.values)
    const done = await this.command.run(document, input)
    if (done) {
      this.#clean = sent as Values
      this.#overtaken = []
    }
    return done
  }

  /** What was typed, and over what: what nobody touched follows the server also when it is taken up again. */
  toJSON(): Json {
    return { values: $state.snapshot(this.values), clean: this.#clean } as Json
  }

  restore(written: Json): void {
    const { values, clean } = asRecord(written)
    // Of a form that has become another one since then nothing is taken.
    if (!alike(this.#clean, values) || !alike(this.#clean, clean)) return
    this.#clean = clean as Values
    this.values = structuredClone(values) as Values
  }

  readonly #problems = $derived.by(() => {
    const { problem } = this.command
    if (problem === null) return []
    const all = 'problems' in problem && problem.problems.length > 0 ? problem.problems : [problem]
    return all.map(({ message, path }) => ({ message, path: path?.[0] === 'input' ? path.slice(1) : (path ?? []) }))
  })
}

/** The form that is kept under the key (`webhook/<id>`), or a new one with these values. */
export const formOf = <Values extends Record<string, unknown>>(key: string, values: () => Values): Form<Values> =>
  keep(key, () => new Form(values()))
