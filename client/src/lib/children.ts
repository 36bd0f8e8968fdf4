// A customer's bank accounts, addresses and contacts. Which fields they have is the catalogue's to say, so this one
// document is built from it; all others are typed.
import { gql } from '@urql/core'
import { ask } from './api.ts'
import { property, type Catalogue } from './catalogue.ts'
import type { Change, Field, Value } from './documents/fragments.ts'
import { asRecord, plain } from './format.ts'
import type { Json } from './graphql.ts'

export type Child = { id: string; code: string; values: ReadonlyMap<string, Value> }
export type Children = ReadonlyMap<string, readonly Child[]>

type Row = { id: string; code: string; maskedFields: string[] } & Record<string, Json>
type Coded = { code: string; name: string }

const selection = (field: Field) => (field.type === 'REFERENCE' ? `${property(field)} { code name }` : property(field))

const asValue = (field: Field, row: Row): Value => {
  const name = property(field)
  const raw = row[name] ?? null
  const masked = row.maskedFields.includes(name) || row.maskedFields.includes(field.name)
  if (field.type === 'REFERENCE' && raw !== null) {
    const { code, name: label } = raw as Coded
    return { raw: code, display: label, masked }
  }
  const option = field.options?.find(({ value }) => value === raw)
  return { raw, display: option?.label ?? (raw === null ? null : plain(raw)), masked }
}

/** The child records by kind, each in the order of the server. */
export const loadChildren = async (catalogue: Catalogue, company: string, account: string): Promise<Children> => {
  const kinds = catalogue.records.map(({ name }) => ({ name, fields: catalogue.fieldsOf(name) }))
  if (kinds.length === 0) return new Map()
  const document = gql<{ customer: Record<string, Row[] | null> | null }, { company: string; account: string }>(`
    query CustomerRecords($company: String!, $account: String!) {
      customer(company: $company, account: $account) {
        ${kinds.map(({ name, fields }) => `${name} { id maskedFields ${fields.map(selection).join(' ')} }`).join('\n')}
      }
    }
  `)
  const { customer } = await ask(document, { company, account })
  return new Map(
    kinds.map(({ name, fields }) => [
      name,
      (customer?.[name] ?? []).map((row) => ({
        id: row.id,
        code: row.code,
        values: new Map(fields.map((field) => [property(field), asValue(field, row)])),
      })),
    ]),
  )
}

/** The text that stands for a child's value in an editor or a list: null where there is none. */
export const childValue = (child: Child, field: Field): Value =>
  child.values.get(property(field)) ?? { raw: null, display: null, masked: false }

/** A proposed new child, as one that is there: it is edited by the id that it will keep. */
export const proposedChild = (change: Change, fields: readonly Field[]): Child => {
  const whole = asRecord(change.proposed?.raw)
  const values = fields.map((field): [string, Value] => {
    const raw = whole[property(field)] ?? null
    const masked = (change.proposed?.masked ?? false) && field.sensitive
    return [property(field), { raw, display: raw === null ? null : plain(raw), masked }]
  })
  return { id: change.recordId ?? change.id, code: plain(whole.code ?? ''), values: new Map(values) }
}
