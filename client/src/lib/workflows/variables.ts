// What a condition can ask about, from the catalogue; which values of a customer one has used; and where in its text an error lies.
import { property, type Catalogue } from '../catalogue.ts'
import type { TrialCustomer } from '../documents/workflows.ts'
import type { Field, Value } from '../documents/fragments.ts'
import { formatValue, isNumeric } from '../format.ts'
import type { Json } from '../graphql.ts'
import { workflowWords } from '../words/workflows.ts'

const words = workflowWords.condition
const { types, about } = words

export type Variable = { text: string; type: string; about: string }

const typeOf = (field: Field): string => {
  if (field.type === 'RECORD') return types.records
  if (field.type === 'DECIMAL') return types.amount
  if (field.type === 'INTEGER') return types.whole
  return field.type === 'BOOLEAN' ? types.yesNo : types.text
}

const changesOf = (field: Field): Variable[] => {
  const of = (member: string, type: string, what: string): Variable => ({
    text: `changes.${field.name}.${member}`,
    type,
    about: `${field.label}, ${what}`,
  })
  const type = typeOf(field)
  return [
    of('changed', types.yesNo, about.changed),
    ...(field.type === 'RECORD' ? [] : [of('base', type, about.base), of('proposed', type, about.proposed)]),
    ...(isNumeric(field) ? [of('delta', types.amount, about.delta), of('percent', types.amount, about.percent)] : []),
  ]
}

/** Every variable of a condition with its type, what changes first. */
export const variablesOf = (catalogue: Catalogue): Variable[] => {
  const own = [...catalogue.fields.filter(({ record }) => record === 'customer'), ...catalogue.records]
  const fields = own.filter((field, index) => own.indexOf(field) === index)
  const children = catalogue.records.flatMap((record) =>
    catalogue.fieldsOf(record.name).map((field) => ({
      text: `changes.${record.name}.${property(field)}.changed`,
      type: types.yesNo,
      about: `${record.label}: ${field.label}, ${about.changed}`,
    })),
  )
  const submitter = Object.entries(about.submitter).map(([member, what]) => ({
    text: `submitter.${member}`,
    type: member === 'roles' || member === 'groups' ? types.texts : types.text,
    about: `${about.you}: ${what}`,
  }))
  return [
    ...fields.flatMap(changesOf),
    { text: 'changes.fields', type: types.texts, about: about.fields },
    ...fields.map((field) => ({
      text: `proposed.${field.name}`,
      type: typeOf(field),
      about: `${field.label}, ${about.proposed}`,
    })),
    ...fields.map((field) => ({
      text: `customer.${field.name}`,
      type: typeOf(field),
      about: `${field.label}, ${about.base}`,
    })),
    { text: 'customer.account', type: types.text, about: workflowWords.form.placeholders.account },
    ...children,
    ...submitter,
    { text: 'source', type: types.text, about: about.source },
    { text: 'now', type: types.time, about: about.now },
  ]
}

/** The variables that contain what is typed, in name or meaning. */
export const searchVariables = (all: readonly Variable[], typed: string): Variable[] => {
  const wanted = typed.trim().toLocaleLowerCase().split(/\s+/)
  return all.filter((one) => {
    const text = `${one.text} ${one.about}`.toLocaleLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}

export type Used = { text: string; value: string }
const asValue = (raw: Json): Value => ({ raw, display: null, masked: false })

const editable: readonly string[] = ['DRAFT', 'CHANGES_REQUESTED', 'REJECTED']

/** Is there a proposal that takes no edits? Sample changes are then tried on the record alone. */
export const isLocked = (customer: TrialCustomer | null): boolean =>
  customer?.proposal ? !editable.includes(customer.proposal.status) : false

/** The customer's values that a condition asks about, as they are and as they are tried. */
export const valuesUsed = (
  expression: string,
  catalogue: Catalogue,
  customer: TrialCustomer,
  set: Readonly<Record<string, Json>>,
): Used[] => {
  const found = [...expression.matchAll(/\b(customer|proposed|changes)\.([A-Za-z]\w*)/g)]
  const overlaid = isLocked(customer) && Object.keys(set).length > 0
  const once = new Map(found.map(([text, root, name]) => [text, { root, name: name ?? '' }]))
  return [...once].flatMap(([text, { root, name }]): Used[] => {
    const field = catalogue.get(name)
    if (name === 'account') return [{ text, value: customer.account }]
    if (!field || field.type === 'RECORD') return []
    const current = customer.values.find((one) => one.field.name === name) ?? null
    const change = overlaid
      ? undefined
      : customer.proposal?.changes.find((one) => one.field.name === name && one.refusal === null)
    const next = name in set ? asValue(set[name] ?? null) : (change?.proposed ?? current)
    const before = formatValue(field, current)
    const after = formatValue(field, next)
    if (root === 'customer') return [{ text, value: before }]
    if (root === 'proposed') return [{ text, value: after }]
    return [{ text, value: before === after ? words.unchanged(before) : `${before} → ${after}` }]
  })
}

/** Where a name stands by itself in a text; -1: nowhere. */
const standsAt = (text: string, name: string): number => {
  for (let from = text.indexOf(name); from >= 0; from = text.indexOf(name, from + 1)) {
    const around = `${text[from - 1] ?? ' '}${text[from + name.length] ?? ' '}`
    if (!/\w/.test(around)) return from
  }
  return -1
}

/** Where an error's sentence points to in an expression: from and to; null where it names no one place. */
export const placeOf = (expression: string, message: string): { from: number; to: number } | null => {
  for (const [, quoted = ''] of message.matchAll(/["']([^"']+)["']/g)) {
    const from = standsAt(expression, quoted)
    if (from >= 0) return { from, to: from + quoted.length }
  }
  if (/EOF|end of/i.test(message)) return { from: expression.trimEnd().length, to: expression.trimEnd().length }
  const operator = /: .*? (==|!=|<=|>=|<|>|\+|-|\*|\/|&&|\|\||in) /.exec(message)?.[1]
  const call = /\b(\w+)\(\)/.exec(message)?.[1]
  for (const text of [operator, call]) {
    if (text === undefined) continue
    const from = expression.indexOf(text)
    if (from >= 0 && !expression.includes(text, from + 1)) return { from, to: from + text.length }
  }
  return null
}
