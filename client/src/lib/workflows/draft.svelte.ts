// A workflow being edited: its head and its tree, every step of which can be taken back, and what the server said against places of
// it. Problems go along when something is moved, and leave when what they are about is edited.
import type { WorkflowInput, WorkflowProblem } from '../documents/workflows.ts'
import type { Kept } from '../drafts.ts'
import type { Json } from '../graphql.ts'
import type { Definition } from './definition.ts'
import { isElementPath } from './names.ts'
import {
  at,
  follow,
  homeOf,
  insert,
  isWithin,
  move,
  nextInList,
  nextPlace,
  ownerOf,
  pathOf,
  put,
  remove,
  textOf,
} from './tree.ts'
import type { Move, Path } from './tree.ts'

export type Person = { id: string; name: string }
export type Head = {
  name: string
  owner: Person | null
  rank: number | null
  isDefault: boolean
  activation: string | null
  note: string
}
export type Content = { readonly head: Head; readonly definition: Definition }
type State = Content & { readonly problems: readonly WorkflowProblem[]; readonly selected: Path }
/** What was read or saved last: what a version is based on. */
export type Base = Content & { readonly workflowId: string | null; readonly version: number | null }

const together = (problems: readonly { message: string }[]) => {
  const all = problems.map(({ message }) => message)
  return all.filter((one, index) => all.indexOf(one) === index).join(' ')
}

const contentOf = ({ head, definition }: Content) => JSON.stringify({ head, definition })
const maxSteps = 200
/** Characters of a note. */
export const maxNote = 1000

export class WorkflowDraft implements Kept {
  #base: Base
  #state: State
  #past = $state.raw<readonly State[]>([])
  #future = $state.raw<readonly State[]>([])
  /** Where the last edit was typed: more of it is the same step. */
  #typing: string | null = null

  readonly dirty = $derived.by(() => contentOf(this.#state) !== contentOf(this.#base))
  readonly canUndo = $derived.by(() => this.#past.length > 0)
  readonly canRedo = $derived.by(() => this.#future.length > 0)

  constructor(base: Base, problems: readonly WorkflowProblem[] = []) {
    this.#base = $state.raw(base)
    this.#state = $state.raw({ ...base, problems, selected: [] })
  }

  get base(): Base {
    return this.#base
  }
  get head(): Head {
    return this.#state.head
  }
  get definition(): Definition {
    return this.#state.definition
  }
  get problems(): readonly WorkflowProblem[] {
    return this.#state.problems
  }
  get selected(): Path {
    return this.#state.selected
  }

  /** What the server has now; what was typed is gone, and nothing of it can be taken back. */
  take(base: Base, problems: readonly WorkflowProblem[]): void {
    this.#base = base
    this.#state = { head: base.head, definition: base.definition, problems, selected: [] }
    this.#past = []
    this.#future = []
  }

  /** It has been saved as it stands: steps can still be taken back. */
  saved(workflowId: string, version: number, problems: readonly WorkflowProblem[]): void {
    const head = { ...this.#state.head, note: '' }
    this.#base = { workflowId, version, head, definition: this.#state.definition }
    this.#state = { ...this.#state, head, problems }
    this.#typing = null
  }

  /** Goes on from another version than it began with: of what somebody else has saved meanwhile nothing is kept. */
  rebase(version: number): void {
    this.#base = { ...this.#base, version }
  }

  /** What the server says against it. */
  found(problems: readonly WorkflowProblem[]): void {
    this.#state = { ...this.#state, problems }
  }

  select(path: Path): void {
    this.#typing = null
    this.#state = { ...this.#state, selected: this.homeOf(path) }
  }

  /** The part of the tree in whose form a path is shown. */
  homeOf(path: Path): Path {
    return homeOf(this.definition, path)
  }

  at(path: Path): unknown {
    return at(this.definition, path)
  }

  /** The sentences against a place or what lies in it; undefined: none. */
  error(path: Path): string | undefined {
    const found = this.problems.filter((one) => one.severity === 'ERROR' && isWithin(pathOf(one.path), path))
    return found.length > 0 ? together(found) : undefined
  }

  set<Name extends keyof Head>(name: Name, value: Head[Name]): void {
    const problems = this.problems.filter(({ path }) => path !== name && !(name === 'owner' && path === 'ownerId'))
    this.#go({ ...this.#state, head: { ...this.head, [name]: value }, problems }, name)
  }

  /** Another value at a path. */
  put(path: Path, value: unknown): void {
    const problems = this.problems.filter((one) => !isWithin(pathOf(one.path), path))
    this.#go({ ...this.#state, definition: put(this.definition, path, value), problems }, textOf(path))
  }

  /** Another name for the element whose body lies at the path; its only step goes by it too for as long as it bears the same. */
  rename(path: Path, name: string): void {
    const body = at(this.definition, path) as { name: string; step?: unknown; steps?: readonly unknown[] }
    const step = body.step ? [...path, 'step', 'name'] : body.steps?.length === 1 ? [...path, 'steps', 0, 'name'] : null
    const places = [[...path, 'name'], ...(step && at(this.definition, step) === body.name ? [step] : [])]
    const definition = places.reduce((tree, place) => put(tree, place, name), this.definition)
    const problems = this.problems.filter((one) => !places.some((place) => textOf(place) === one.path))
    this.#go({ ...this.#state, definition, problems }, textOf(path))
  }

  /** All of another version, as one step. */
  replace({ head, definition }: Content): void {
    const { note } = this.head
    this.#go({ head: { ...head, note }, definition, problems: [], selected: [] }, null)
  }

  insert(path: Path, value: unknown): void {
    this.#done({ insert: path }, insert(this.definition, path, value), path)
  }

  /** Takes something out; answers how to put it back, also after later edits. */
  remove(path: Path): () => void {
    const value = at(this.definition, path)
    const list = path.slice(0, -1)
    const index = Number(path.at(-1))
    const next = remove(this.definition, path)
    const { length } = at(next, list) as unknown[]
    const beside = length > 0 ? [...list, Math.min(index, length - 1)] : ownerOf(list)
    this.#done({ remove: path }, next, beside)
    const after = this.#state
    return () => {
      if (contentOf(this.#state) === contentOf(after)) return this.undo()
      const there = at(this.definition, list)
      if (Array.isArray(there)) this.insert([...list, Math.min(index, there.length)], value)
    }
  }

  /** The next place up or down: of an element also across branches. False: there is none. */
  move(path: Path, by: -1 | 1): boolean {
    const next = isElementPath(path) ? nextPlace(this.definition, path, by) : nextInList(this.definition, path, by)
    if (next === null) return false
    this.moveTo(path, next)
    return true
  }

  /** To any place, as it is counted without what is moved. */
  moveTo(path: Path, to: Path): void {
    this.#done({ from: path, to }, move(this.definition, path, to), to)
  }

  canMove(path: Path, by: -1 | 1): boolean {
    return (isElementPath(path) ? nextPlace(this.definition, path, by) : nextInList(this.definition, path, by)) !== null
  }

  undo(): void {
    const before = this.#past.at(-1)
    if (!before) return
    this.#past = this.#past.slice(0, -1)
    this.#future = [...this.#future, this.#state]
    this.#state = before
    this.#typing = null
  }

  redo(): void {
    const after = this.#future.at(-1)
    if (!after) return
    this.#future = this.#future.slice(0, -1)
    this.#past = [...this.#past, this.#state]
    this.#state = after
    this.#typing = null
  }

  /** As it is sent; another version than the expected one is refused. */
  input(company: string): Omit<WorkflowInput, 'idempotencyKey'> {
    const { name, owner, rank, isDefault, activation, note } = this.head
    const { workflowId, version } = this.base
    return {
      ...{ company, name, rank, isDefault, activation, note },
      ...{ definition: this.definition as WorkflowInput['definition'] },
      ...(owner ? { ownerId: owner.id } : {}),
      ...(workflowId === null ? {} : { workflowId, expectedVersion: version }),
    }
  }

  toJSON(): Json {
    return { base: this.#base, head: this.head, definition: this.definition } as unknown as Json
  }

  restore(written: Json): void {
    const { base, head, definition } = written as unknown as { base: Base } & Content
    this.#base = base
    this.#state = { head, definition, problems: [], selected: [] }
  }

  #done(what: Move, definition: Definition, selected: Path): void {
    const problems = this.problems.flatMap((one) => {
      const path = follow(what, pathOf(one.path))
      return path === null ? [] : { ...one, path: textOf(path) }
    })
    this.#go({ ...this.#state, definition, problems, selected: homeOf(definition, selected) }, null)
  }

  #go(next: State, typing: string | null): void {
    if (typing === null || typing !== this.#typing) this.#past = [...this.#past.slice(1 - maxSteps), this.#state]
    this.#typing = typing
    this.#future = []
    this.#state = next
  }
}
