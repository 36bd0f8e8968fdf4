// What the columns of a file may be called, for whoever shows somebody what a file would be read as.
import { builder } from './builder.ts'
import { knownColumns, mostIndexed, type KnownColumn } from '../domain/column-names.ts'

const ImportColumn = builder.objectRef<KnownColumn>('ImportColumn').implement({
  description: 'What a column of a file can be, with the names by which an import knows it.',
  fields: (t) => ({
    field: t.exposeString('field', {
      description:
        "The field's name in `customerFields`, or `account`: by which customers are found. `Import-Options` takes it.",
    }),
    names: t.exposeStringList('names', {
      description: `Whatever a header may say instead of it, that name with them: its label, its names in Dynamics 365 Finance. Capitals, blanks, hyphens and underscores make no difference. What several columns are named is ambiguous: the upload has to say which of them it is. Of fields of child records these are the first of a row; in a name with a point or a colon, \`addresses.city\`, a number behind the record says which: \`addresses[2].city\`, up to ${mostIndexed}.`,
    }),
  }),
})

builder.queryField('importColumns', (t) =>
  t.field({
    type: [ImportColumn],
    complexity: { field: 10, multiplier: 3 },
    description:
      'What the columns of a file can be, in every company: the account, then every field in the order of the forms.',
    resolve: () => [...knownColumns],
  }),
)
