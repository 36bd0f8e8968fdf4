// Which fields the list of customers shows beside account, name and status: of each of the first groups of the catalogue the
// first figure or code, which is short and says what kind of customer one looks at.
import type { Catalogue } from './catalogue.ts'
import type { Field } from './documents/fragments.ts'
import { isNumeric } from './format.ts'

const most = 3

export const listColumns = (catalogue: Catalogue): Field[] =>
  catalogue.groups
    .flatMap(({ fields }) => fields.find((field) => field.type === 'REFERENCE' || isNumeric(field)) ?? [])
    .slice(0, most)
