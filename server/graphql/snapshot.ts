// A customer as it stood at a past moment. No node: it must not mix with the live record in a cache.
import { builder } from './builder.ts'
import { companyOf, seesSensitive } from './context.ts'
import { requestedFields } from './customer.ts'
import { valueModel } from './field.ts'
import { requestError } from './limits.ts'
import { CustomerRef, FieldValueRef, type ValueModel } from './refs.ts'
import { stoodChildren, type Stood, type StoodCustomer } from '../domain/as-of.ts'
import type { Company } from '../domain/company.ts'
import { catalogue, type CatalogueField, type ChildRecordName } from '../domain/fields.ts'
import { isMoment } from '../store/moment.ts'
import { keyText } from '../store/prepared.ts'

/** Whose set-up says how values read, and whether the viewer may see all of them. */
type Reading = { readonly company: Company; readonly clear: boolean }
type Snapshot = Reading & { readonly at: string; readonly stood: StoodCustomer }
type RecordModel = Reading & { readonly record: ChildRecordName; readonly code: string; readonly stood: Stood }

/** A moment as the API writes it: in UTC, with no more digits than it takes. */
const inUtc = (at: string): string => {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(at.toUpperCase()) ?? []
  const digits = fraction.slice(0, 6).replace(/0+$/, '').padEnd(3, '0')
  const moment = new Date(`${seconds}${zone}`).toISOString().replace('.000Z', `.${digits}Z`)
  // At the ends of time an offset leads out of it, to a year that the database does not know.
  if (!isMoment(moment)) throw requestError('BAD_REQUEST', 'A moment lies within the years 1 to 9999 in UTC.')
  return moment
}

/** What was erased is hidden from everybody: it is not the same as no value. */
const valueThen = ({ company, clear }: Reading, { values, erased }: Stood, field: CatalogueField): ValueModel => {
  const property = field.property ?? ''
  const shown = valueModel(company, field, values[property] ?? null, clear)
  return erased.has(property) ? { ...shown, value: null, masked: true } : shown
}

const RecordSnapshot = builder.objectRef<RecordModel>('RecordSnapshot').implement({
  description: 'A child record as it stood.',
  fields: (t) => ({
    record: t.exposeString('record', { description: 'Which kind it is: bankAccounts, addresses or contacts.' }),
    code: t.exposeString('code', {
      description: 'Its code then, unique among its kind; empty if that has been erased from the log.',
    }),
    values: t.field({
      type: [FieldValueRef],
      complexity: { field: 1, multiplier: 5 },
      description: 'All its fields, in the order of the catalogue. What has been erased from the log is masked.',
      resolve: (model) =>
        catalogue
          .filter((field) => field.record === model.record && field.property !== null)
          .map((field) => valueThen(model, model.stood, field)),
    }),
  }),
})

const CustomerSnapshot = builder.objectRef<Snapshot>('CustomerSnapshot').implement({
  description: 'The record as it stood. No node: it must not mix with the live one in a cache.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'The moment that was asked for.', resolve: ({ at }) => at }),
    version: t.int({ description: "The customer's version then.", resolve: ({ stood }) => stood.version }),
    values: t.field({
      type: [FieldValueRef],
      complexity: { field: 1, multiplier: 5 },
      description:
        'Any of its own fields by name; codes read as they do now. What has been erased from the log is masked for everybody.',
      args: {
        fields: t.arg.stringList({
          description: 'Names from the field catalogue, in the order of the answer; left out: all of them.',
        }),
      },
      resolve: (model, args) => requestedFields(args.fields).map((field) => valueThen(model, model.stood.own, field)),
    }),
    records: t.field({
      type: [RecordSnapshot],
      complexity: { field: 1, multiplier: 5 },
      description: 'Its bank accounts, then its addresses, then its contacts, each by their codes.',
      resolve: ({ company, clear, stood }) =>
        stoodChildren(stood).map(({ record, code, ...child }) => ({ company, clear, record, code, stood: child })),
    }),
  }),
})

builder.objectField(CustomerRef, 'asOf', (t) =>
  t.field({
    type: CustomerSnapshot,
    nullable: true,
    complexity: 50,
    description:
      'The record as it stood at a moment, made again from the log: what was written then is in it. Null: it was not there yet. A moment that has not come yet shows it as it is.',
    args: { at: t.arg({ type: 'DateTime', required: true, description: 'The moment.' }) },
    resolve: async ({ companyId, id }, { at }, context) => {
      const moment = inUtc(at)
      const [company, stood] = await Promise.all([
        companyOf(context, companyId),
        context.loaders.asOf.load(keyText(companyId, `${id} ${moment}`)),
      ])
      return stood === null ? null : { company, clear: seesSensitive(context, companyId), at: moment, stood }
    },
  }),
)
