// Whom and what definitions of a company name, for choosing and for showing: groups, queues, calendars, workflows, and the names
// behind ids.
import { untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import { ask } from '../api.ts'
import { DirectoryQuery, NamesQuery, type Workflow } from '../documents/workflows.ts'
import { Query } from '../query.svelte.ts'
import type { Person } from './draft.svelte.ts'

const idKeys = ['startUserId', 'finalApproverId', 'webhookId']

/** The ids of people and webhooks in a definition. */
const idsIn = (value: unknown, key = ''): string[] => {
  if (typeof value === 'string') return key === 'users' || idKeys.includes(key) ? [value] : []
  if (Array.isArray(value)) return value.flatMap((one) => idsIn(one, key))
  return value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([name, inner]) => idsIn(inner, name))
    : []
}

const perRequest = 100

export class Directory {
  readonly company: string
  readonly #query
  readonly #names = new SvelteMap<string, string>()
  #asked: readonly string[] = []
  readonly #workflows: () => readonly Workflow[]

  /** Made while a component starts. */
  constructor(company: string, workflows: () => readonly Workflow[]) {
    this.company = company
    this.#workflows = workflows
    this.#query = new Query(DirectoryQuery, () => ({ company }))
  }

  /** Groups, queues and calendars have been read. */
  get known(): boolean {
    return this.#query.data !== undefined
  }
  get groups(): readonly string[] {
    return (this.#query.data?.groups ?? []).map(({ name }) => name)
  }
  get queues(): readonly string[] {
    return (this.#query.data?.queues ?? []).map(({ name }) => name)
  }
  get calendars(): readonly string[] {
    return (this.#query.data?.company?.calendars ?? []).map(({ name }) => name)
  }
  get workflows(): readonly Workflow[] {
    return this.#workflows()
  }

  /** What an id is called; undefined while that is not known. */
  name(id: string): string | undefined {
    return this.#names.get(id) ?? this.workflows.find((one) => one.id === id)?.name
  }

  person(id: string): Person {
    return { id, name: this.name(id) ?? '…' }
  }

  remember({ id, name }: Person): void {
    this.#names.set(id, name)
  }

  /** Reads the names of what a definition names and nobody has chosen here. */
  follow(definition: unknown): void {
    const ids = untrack(() =>
      idsIn(definition).filter(
        (id, index, all) => all.indexOf(id) === index && !this.#names.has(id) && !this.#asked.includes(id),
      ),
    )
    this.#asked = [...this.#asked, ...ids]
    for (let from = 0; from < ids.length; from += perRequest) void this.#read(ids.slice(from, from + perRequest))
  }

  async #read(ids: string[]): Promise<void> {
    try {
      const { nodes } = await ask(NamesQuery, { ids })
      for (const node of nodes) if (node && 'name' in node) this.#names.set(node.id, node.name)
    } catch {
      this.#asked = this.#asked.filter((id) => !ids.includes(id))
    }
  }
}
