// Proposed changes and their conflicts. A change about bank or tax data is shown whole to who is asked to decide on it.
import { wholeState } from './actions.ts'
import { builder } from './builder.ts'
import { companyOf, seesSensitive, viewerOf, type Context } from './context.ts'
import { soon, type Soon } from './soon.ts'
import { valueModel } from './field.ts'
import { encodeId } from './ids.ts'
import { childTypeNames } from './children.ts'
import {
  CustomerFieldRef,
  EventRef,
  FieldValueRef,
  NodeRef,
  ProposedChangeRef,
  UserRef,
  type ChangeModel,
  type ValueModel,
} from './refs.ts'
import { peopleIn, personIn } from './user.ts'
import type { Company } from '../domain/company.ts'
import { conflictsOf, valueNow, type Conflict } from '../domain/conflict.ts'
import { currentValue } from '../domain/customer.ts'
import { decimal } from '../domain/decimal.ts'
import { findField, type CatalogueField } from '../domain/fields.ts'
import { liveChanges, type Change, type Refusal } from '../domain/proposal.ts'
import type { Value } from '../domain/values.ts'
import { askedChanges, holdsSensitive } from '../domain/visibility.ts'
import { seatsStoodIn } from '../services/explain.ts'
import type { ProposalHead, ShownChange } from '../store/proposals.ts'
import { keyText } from '../store/prepared.ts'

const ChangeOperation = builder.enumType('ChangeOperation', {
  description: 'What a change does.',
  values: {
    SET: { description: 'Sets one field.' },
    ADD: { description: 'Adds a whole child record.' },
    REMOVE: { description: 'Removes a whole child record.' },
  } as const,
})

const ChangeSource = builder.enumType('ChangeSource', {
  description: 'How a change came in.',
  values: {
    PERSON: { description: 'A person edited the record.' },
    IMPORT: { description: 'A row of an import.' },
    INTEGRATION: { description: 'A write by a service account.' },
    REVERT: { description: 'An applied proposal was proposed backwards.' },
  } as const satisfies Record<Change['source'], { description: string }>,
})

const ConflictKind = builder.enumType('ConflictKind', {
  description: 'How the record has moved since a change was proposed.',
  values: {
    CHANGED: { description: 'The field has another value now.' },
    ALREADY_APPLIED: { description: 'The field has the proposed value already.' },
    RECORD_REMOVED: { description: 'The child record is gone.' },
  } as const,
})

const fieldOf = (change: ShownChange): CatalogueField => {
  const field = findField(change.field)
  if (field === undefined) throw new Error('a change names a field that the catalogue does not hold')
  return field
}

/** May the viewer see the change's sensitive values: by role, or because they are asked about it? */
const isClear = (context: Context, { companyId, proposalId, change }: ChangeModel): Soon<boolean> =>
  seesSensitive(context, companyId) ||
  !holdsSensitive(fieldOf(change)) ||
  soon(
    context.loaders.items.load(keyText(companyId, proposalId)),
    (items) =>
      askedChanges(items, viewerOf(context).userId).has(change.digest) ||
      soon(companyOf(context, companyId), (company) =>
        company.directory.absences.length === 0 ? false : standsInFor(context, company, proposalId, change),
      ),
  )

/** Is the viewer asked about it now in the place of somebody who is away? */
const standsInFor = async (
  context: Context,
  company: Company,
  proposalId: string,
  change: ShownChange,
): Promise<boolean> => {
  const state = await wholeState(context, company.id, proposalId)
  if (state === null) return false
  const seats = await seatsStoodIn(context.app, viewerOf(context), company, state.customer, state.proposal)
  return seats.some((item) => item.changes.some(({ digest }) => digest === change.digest))
}

const shown = (context: Context, model: ChangeModel, value: Value): Soon<ValueModel> =>
  soon(companyOf(context, model.companyId), (company) =>
    soon(isClear(context, model), (clear) => valueModel(company, fieldOf(model.change), value, clear)),
  )

/** The customer of a proposal, child records included, as the rules look at it. */
const customerOf = async (context: Context, companyId: string, proposalId: string) => {
  const head = await context.loaders.proposal.load(keyText(companyId, proposalId))
  return head === null ? null : context.loaders.wholeCustomer.load(keyText(companyId, head.customerId))
}

/** Of a whole child record its code. */
const codeIn = (value: Value): string | null =>
  value !== null && typeof value === 'object' && typeof value.code === 'string' ? value.code : null

/** Fields of a ProposedChange that need no more than a ShownChange. */
const ofShown = new Set([
  '__typename',
  'id',
  'field',
  'recordId',
  'recordCode',
  'operation',
  'original',
  'proposed',
  'delta',
  'digest',
])
/** Does an operation ask for no more of `changes` than a ShownChange has? `asked`: what it asks, `prefix` the way to the changes. */
export const asksShown = (names: Iterable<string>, prefix: string): boolean => {
  for (const name of names)
    if (name.startsWith(prefix) && !name.includes('.', prefix.length) && !ofShown.has(name.slice(prefix.length)))
      return false
  return true
}
const isWhole = (change: ShownChange): change is Change => 'salt' in change
/** The change with what is seldom shown: read already where the operation asks for it (`asksShown`). */
const whole = ({ companyId, proposalId, change }: ChangeModel, context: Context): Soon<Change> =>
  isWhole(change)
    ? change
    : soon(context.loaders.changes.load(keyText(companyId, proposalId)), (changes) => {
        const found = changes.find(({ id }) => id === change.id)
        if (found === undefined) throw new Error('a change has gone while its request was answered')
        return found
      })

const deltaOf = ({ field, base, proposed }: ShownChange): string | null => {
  const def = findField(field)?.def
  if (def?.type !== 'DECIMAL' && def?.type !== 'INTEGER') return null
  const isNumber = (value: Value): value is string | number => typeof value === 'string' || typeof value === 'number'
  if (!isNumber(base) || !isNumber(proposed)) return null
  return decimal(proposed)
    .minus(decimal(base))
    .toFixed(def.scale ?? 0)
}

const RefusalRef = builder.objectRef<{ readonly companyId: string; readonly refusal: Refusal }>('Refusal').implement({
  description: 'That an approver has taken a change out while approving the rest.',
  fields: (t) => ({
    by: t.field({
      type: UserRef,
      description: 'Who refused it.',
      resolve: ({ companyId, refusal }, _args, context) => personIn(context, companyId, refusal.byId),
    }),
    reason: t.string({ description: 'Why.', resolve: ({ refusal }) => refusal.reason }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ refusal }) => refusal.at }),
  }),
})

ProposedChangeRef.implement({
  description: 'One proposed value for one field of one record, or a child record to be added or removed.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: 'Node id.',
      resolve: ({ companyId, proposalId, change }) => encodeId('ProposedChange', companyId, proposalId, change.id),
    }),
    field: t.field({
      type: CustomerFieldRef,
      description: 'The field; for a child record that is added or removed, the record as a whole.',
      resolve: ({ companyId, change }, _args, context) =>
        soon(companyOf(context, companyId), (company) => ({ company, field: fieldOf(change) })),
    }),
    recordId: t.id({
      nullable: true,
      description: 'The child record that the change is about; null for the customer itself.',
      resolve: async ({ companyId, proposalId, change }, _args, context) => {
        if (change.record === 'customer' || change.recordId === null) return null
        const head = await context.loaders.proposal.load(keyText(companyId, proposalId))
        return head === null
          ? null
          : encodeId(childTypeNames[change.record], companyId, head.customerId, change.recordId)
      },
    }),
    recordCode: t.string({
      nullable: true,
      description: 'Code of that child record: what people call it by. Null once the record is gone.',
      resolve: (model, _args, context) =>
        codeIn(model.change.proposed) ??
        codeIn(model.change.base) ??
        (model.change.record === 'customer'
          ? null
          : soon(customerOf(context, model.companyId, model.proposalId), (customer) =>
              customer === null
                ? null
                : codeIn(currentValue(customer, model.change.record, model.change.recordId, null)),
            )),
    }),
    operation: t.field({
      type: ChangeOperation,
      description: 'Set, add or remove.',
      resolve: ({ change }) => change.operation,
    }),
    original: t.field({
      type: FieldValueRef,
      nullable: true,
      description: 'The value when it was proposed, or last rebased; null for a record that is to be added.',
      resolve: (model, _args, context) =>
        model.change.operation === 'ADD' ? null : shown(context, model, model.change.base),
    }),
    proposed: t.field({
      type: FieldValueRef,
      nullable: true,
      description: 'The value that is proposed; null for a record that is to be removed.',
      resolve: (model, _args, context) =>
        model.change.operation === 'REMOVE' ? null : shown(context, model, model.change.proposed),
    }),
    current: t.field({
      type: FieldValueRef,
      nullable: true,
      description: 'The value of the record now; null for a record that is not there.',
      resolve: async (model, _args, context) => {
        const customer = await customerOf(context, model.companyId, model.proposalId)
        const value = customer === null ? null : valueNow(customer, model.change)
        return value === null && model.change.operation !== 'SET' ? null : shown(context, model, value)
      },
    }),
    delta: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of numbers: proposed less original.',
      resolve: async (model, _args, context) => ((await isClear(context, model)) ? deltaOf(model.change) : null),
    }),
    creditCheck: t.boolean({
      description: 'Of the credit limit: asks for a credit limit check when it is applied.',
      resolve: (model, _args, context) => soon(whole(model, context), ({ creditCheck }) => creditCheck),
    }),
    source: t.field({
      type: ChangeSource,
      description: 'How it came in.',
      resolve: (model, _args, context) => soon(whole(model, context), ({ source }) => source),
    }),
    authors: t.field({
      type: [UserRef],
      description: 'Everybody who proposed or replaced it.',
      resolve: (model, _args, context) =>
        soon(whole(model, context), ({ authorIds }) => peopleIn(context, model.companyId, authorIds)),
    }),
    proposedAt: t.field({
      type: 'DateTime',
      description: 'When it got its present value.',
      resolve: (model, _args, context) => soon(whole(model, context), ({ proposedAt }) => proposedAt),
    }),
    reason: t.string({
      nullable: true,
      description: 'What its author said about it.',
      resolve: (model, _args, context) => soon(whole(model, context), ({ reason }) => reason),
    }),
    digest: t.string({
      description: 'Hash of its content: what an approval is bound to.',
      resolve: ({ change }) => change.digest,
    }),
    refusal: t.field({
      type: RefusalRef,
      nullable: true,
      description:
        'Set once an approver has taken it out: it is not applied, and stays out until somebody edits the field again.',
      resolve: (model, _args, context) =>
        soon(whole(model, context), ({ refusal }) =>
          refusal === null ? null : { companyId: model.companyId, refusal },
        ),
    }),
  }),
})

type ConflictModel = { readonly model: ChangeModel; readonly conflict: Conflict }

export const ConflictRef = builder.objectRef<ConflictModel>('Conflict').implement({
  description: 'A change whose record is no longer as it was when the change was proposed.',
  fields: (t) => ({
    change: t.field({ type: ProposedChangeRef, description: 'The change.', resolve: ({ model }) => model }),
    kind: t.field({
      type: ConflictKind,
      description: 'How the record has moved.',
      resolve: ({ conflict }) => conflict.kind,
    }),
    base: t.field({
      type: FieldValueRef,
      nullable: true,
      description: 'The value on which it was proposed.',
      resolve: ({ model }, _args, context) => shown(context, model, model.change.base),
    }),
    current: t.field({
      type: FieldValueRef,
      nullable: true,
      description: 'The value of the record now.',
      resolve: ({ model, conflict }, _args, context) => shown(context, model, conflict.current),
    }),
    event: t.field({
      type: EventRef,
      nullable: true,
      complexity: 5,
      description:
        'The line of the log that wrote the value of the record now: who did it, when, and by which proposal, if by one.',
      resolve: async ({ model, conflict }, _args, context) => {
        const { companyId, proposalId, change } = model
        const head = await context.loaders.proposal.load(keyText(companyId, proposalId))
        const field = change.operation === 'SET' ? change.field : ''
        const place = `${head?.customerId ?? ''} ${conflict.recordId ?? ''} ${field}`
        return head === null ? null : context.loaders.writer.load(keyText(companyId, place))
      },
    }),
  }),
})

/** Where the record has moved away from what an open proposal was made on. */
export const conflictModels = async (
  context: Context,
  { companyId, id, customerId }: ProposalHead,
): Promise<ConflictModel[]> => {
  const key = keyText(companyId, id)
  const [customer, changes] = await Promise.all([
    context.loaders.wholeCustomer.load(keyText(companyId, customerId)),
    context.loaders.changes.load(key),
  ])
  if (customer === null) return []
  return conflictsOf(customer, liveChanges({ changes })).map((conflict) => ({
    conflict,
    model: { companyId, proposalId: id, change: conflict.change },
  }))
}
