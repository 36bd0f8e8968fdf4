// A customer and sample changes to try conditions and submits on: chosen once, and kept for all of a company's workflows.
import { ask } from '../api.ts'
import { CustomersQuery } from '../documents/customers.ts'
import { TrialCustomerQuery, type EditInput, type TrialCustomer } from '../documents/workflows.ts'
import type { Choice } from '../choices.ts'
import { keep, type Kept } from '../drafts.ts'
import type { Json } from '../graphql.ts'
import type { Person } from './draft.svelte.ts'

export type Sample = { field: string; value: Json }

export class Trial implements Kept {
  /** Nothing of it is ever saved. */
  readonly dirty = false
  readonly company: string
  customer = $state.raw<TrialCustomer | null>(null)
  samples = $state.raw<readonly Sample[]>([])
  /** As whom a submit is tried; null: whoever it would be. */
  submitter = $state.raw<Person | null>(null)
  failure = $state<string | null>(null)
  /** Any customer of the company, for a type-check alone; null: there is none. */
  #any = $state.raw<string | null | undefined>(undefined)

  constructor(company: string) {
    this.company = company
  }

  /** On whom a condition is checked: the chosen one, else any. Undefined: not known yet. */
  get account(): string | null | undefined {
    return this.customer?.account ?? this.#any
  }

  /** The sample changes by field. */
  readonly set = $derived.by(() => Object.fromEntries(this.samples.map(({ field, value }) => [field, value])))

  /** A customer and edits, as the API takes them. */
  input(account: string): Omit<EditInput, 'expression'> {
    return {
      company: this.company,
      account,
      ...(this.customer && this.samples.length > 0 ? { set: this.set } : {}),
    }
  }

  async search(typed: string): Promise<Choice[]> {
    const { customers } = await ask(CustomersQuery, {
      company: this.company,
      filter: typed.trim() === '' ? {} : { search: typed.trim() },
      columns: [],
      first: 20,
    })
    return (customers?.edges ?? []).map(({ node }) => ({ value: node.account, label: node.name, note: node.account }))
  }

  async choose(account: string | null): Promise<void> {
    this.failure = null
    if (account === null) {
      this.customer = null
      return
    }
    try {
      const { customer } = await ask(TrialCustomerQuery, { company: this.company, account })
      this.customer = customer
    } catch (failure) {
      this.failure = failure instanceof Error ? failure.message : String(failure)
    }
  }

  /** Finds somebody to check types on. */
  async findAny(): Promise<void> {
    if (this.#any !== undefined) return
    try {
      this.#any = (await this.search(''))[0]?.value ?? null
    } catch {
      this.#any = undefined
    }
  }

  sample(field: string, value: Json): void {
    const others = this.samples.filter((one) => one.field !== field)
    const index = this.samples.findIndex((one) => one.field === field)
    this.samples = index < 0 ? [...others, { field, value }] : this.samples.with(index, { field, value })
  }

  takeOut(field: string): void {
    this.samples = this.samples.filter((one) => one.field !== field)
  }
}

/** The one of a company, until the person signs out. */
export const trialOf = (company: string): Trial => keep(`workflows/trial/${company}`, () => new Trial(company))
