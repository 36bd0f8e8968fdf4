// The field catalogue and reference values of a company, read once: forms, labels and columns follow from it.
import { ask } from './api.ts'
import { CatalogueQuery, ReferenceQuery, type ReferenceKind } from './documents/company.ts'
import type { Field } from './documents/fragments.ts'

export type FieldGroup = { name: string; fields: Field[] }

/** The name within its record: `iban` of `bankAccounts.iban`. */
export const property = (field: Pick<Field, 'name'>): string => field.name.slice(field.name.indexOf('.') + 1)

/** Has a new record to name it? What is required may begin with a value of its own. */
export const isAsked = ({ required, initial }: Pick<Field, 'required' | 'initial'>): boolean =>
  required && initial === null

export class Catalogue {
  readonly fields: readonly Field[]
  readonly #byName: ReadonlyMap<string, Field>

  constructor(fields: readonly Field[]) {
    this.fields = fields.toSorted((a, b) => a.order - b.order)
    this.#byName = new Map(fields.map((field) => [field.name, field]))
  }

  get(name: string): Field | undefined {
    return this.#byName.get(name)
  }

  /** The customer's own fields under their headings, in the catalogue's order. */
  get groups(): FieldGroup[] {
    const own = this.fields.filter(({ record }) => record === 'customer')
    return [...Map.groupBy(own, ({ group }) => group)].map(([name, fields]) => ({ name, fields }))
  }

  /** The kinds of child record. */
  get records(): Field[] {
    return this.fields.filter(({ type }) => type === 'RECORD')
  }

  /** The kind of record that has a field of this type. */
  recordOf(type: Field['type']): string {
    return this.fields.find((field) => field.type === type)?.record ?? ''
  }

  fieldsOf(record: string): Field[] {
    return this.fields.filter((field) => field.record === record && field.type !== 'RECORD')
  }
}

const catalogues = new Map<string, Promise<Catalogue>>()
const references = new Map<string, Promise<{ code: string; name: string }[]>>()

const once = <T>(cache: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> => {
  const known = cache.get(key)
  if (known) return known
  const loading = load()
  cache.set(key, loading)
  loading.catch(() => cache.delete(key))
  return loading
}

export const loadCatalogue = (company: string): Promise<Catalogue> =>
  once(catalogues, company, async () => new Catalogue((await ask(CatalogueQuery, { company })).customerFields ?? []))

export const loadReferences = (company: string, kind: ReferenceKind): Promise<{ code: string; name: string }[]> =>
  once(
    references,
    `${company} ${kind}`,
    async () => (await ask(ReferenceQuery, { company, kind })).referenceValues ?? [],
  )

/** At sign-out: another person may see other companies. */
export const forgetCatalogues = (): void => {
  catalogues.clear()
  references.clear()
}
