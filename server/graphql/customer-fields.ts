// The fields of a customer under their catalogue names.
import { builder } from './builder.ts'
import { describeField, scalarOf } from './children.ts'
import { companyOf, seesSensitive, type Context } from './context.ts'
import { ReferenceValueRef } from './field.ts'
import { CustomerRef } from './refs.ts'
import { soon, type Soon } from './soon.ts'
import { customerFields, type FieldDef, type ReferenceKind } from '../domain/fields.ts'
import type { Scalar } from '../domain/values.ts'
import type { CustomerLine } from '../store/customers.ts'
import { keyText } from '../store/prepared.ts'

const shown = (customer: CustomerLine, property: string, def: FieldDef, context: Context): Soon<Scalar> =>
  def.sensitive === true && !seesSensitive(context, customer.companyId) ? null : valueOf(customer, property, context)

/** Of what a list shows at once; the rest of the row is read where the operation asks for it. */
export const valueOf = (customer: CustomerLine, property: string, { loaders }: Context): Soon<Scalar> =>
  property in customer.values
    ? valueIn(customer, property)
    : soon(loaders.customer.load(keyText(customer.companyId, customer.id)), (head) =>
        head === null ? null : valueIn(head, property),
      )
const valueIn = ({ values }: CustomerLine, property: string): Scalar =>
  (values as Readonly<Record<string, Scalar>>)[property] ?? null

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
                soon(shown(customer, property, def, context), (code) =>
                  reference(context, customer.companyId, referenceKind, code),
                ),
            })
      return [property, field]
    }),
  ),
)
