// The fields of a customer under their catalogue names.
import { builder } from './builder.ts'
import { describeField, scalarOf } from './children.ts'
import { companyOf, seesSensitive, type Context } from './context.ts'
import { ReferenceValueRef } from './field.ts'
import { CustomerRef } from './refs.ts'
import { soon } from './soon.ts'
import { customerFields, type FieldDef, type ReferenceKind } from '../domain/fields.ts'
import type { Scalar } from '../domain/values.ts'
import type { CustomerHead } from '../store/customers.ts'

const shown = (customer: CustomerHead, property: string, def: FieldDef, context: Context): Scalar => {
  if (def.sensitive === true && !seesSensitive(context, customer.companyId)) return null
  return (customer.values as Record<string, Scalar>)[property] ?? null
}

/** A code with its name; one that the company no longer knows keeps its code. */
const reference = (context: Context, companyId: string, kind: ReferenceKind, code: Scalar) =>
  code === null
    ? null
    : soon(
        companyOf(context, companyId),
        ({ references }) =>
          references.get(kind)?.get(String(code)) ?? { code: String(code), name: String(code), active: false },
      )

builder.objectFields(CustomerRef, (t) =>
  Object.fromEntries(
    Object.entries<FieldDef>(customerFields).map(([property, def]) => {
      const description = describeField(def)
      const { referenceKind } = def
      const field =
        referenceKind === undefined
          ? t.field({
              type: scalarOf(def),
              nullable: def.required !== true || def.sensitive === true,
              description,
              resolve: (customer, _args, context) => shown(customer, property, def, context) as never,
            })
          : t.field({
              type: ReferenceValueRef,
              nullable: true,
              description,
              resolve: (customer, _args, context) =>
                reference(context, customer.companyId, referenceKind, shown(customer, property, def, context)),
            })
      return [property, field]
    }),
  ),
)
