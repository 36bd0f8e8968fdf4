// The import planner: a row and the customer as it is → what becomes of it. Pure, so that a preview and the import itself agree
// (DOMAIN section 11).
import type { Customer } from './customer.ts'
import { decideCreate } from './create.ts'
import { decide } from './decide.ts'
import { decideEdit, type EditCommand, type EditMode, type EditOutcome, type RawEdit } from './edit.ts'
import { DomainError, type Problem } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { childRecords, type ChildRecordName } from './fields.ts'
import type { Change, Proposal } from './proposal.ts'
import type { Context, State } from './state.ts'
import { sameValue, type RecordValue } from './values.ts'

type Raw = Readonly<Record<string, unknown>>
/** As a file or a partner sends it; children are matched by their code and absent ones are left alone. */
export type ImportRow = { readonly account: string; readonly set?: Raw | null } & { readonly [R in ChildRecordName]?: readonly Raw[] | null }
export const rowOutcomes = ['CREATED', 'UPDATED', 'PROPOSED', 'UNCHANGED', 'REFUSED', 'INVALID'] as const
export type RowOutcome = (typeof rowOutcomes)[number]

export type RowPlan = {
  readonly outcome: RowOutcome
  /** Full catalogue names. */
  readonly written: readonly string[]
  readonly proposed: readonly string[]
  readonly proposalId: string | null
  readonly errors: readonly Problem[]
  /** What follows when it is carried out: a new customer, or the next state; null: nothing. */
  readonly next: { readonly created: Customer } | { readonly state: State } | null
  /** Governed fields are written past the proposals. */
  readonly direct: boolean
  readonly events: readonly DomainEvent[]
}

const nothing = { written: [], proposed: [], proposalId: null, next: null, direct: false, events: [] } as const
const problemsOf = (error: DomainError): readonly Problem[] => error.detail.problems ?? [{ code: error.code, message: error.message, ...(error.at && { at: error.at }) }]

/** Rows whose account stands in the same file more than once: none of them can be meant. */
export const duplicateAccounts = (rows: readonly Pick<ImportRow, 'account'>[]): ReadonlySet<string> => {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { account } of rows) (seen.has(account) ? twice : seen).add(account)
  return twice
}

/** The row as an edit of the record: children are changed where their code is known and added where it is not. */
const editOf = (row: ImportRow, customer: Customer, pending: readonly Change[]): RawEdit | Problem => {
  const edit: Record<string, unknown> = { set: row.set ?? {} }
  for (const record of childRecords) {
    const add: Raw[] = []
    const change: { id: string; set: Raw }[] = []
    const codes = new Set<string>()
    for (const [i, child] of (row[record] ?? []).entries()) {
      const code = typeof child['code'] === 'string' ? child['code'].trim() : ''
      if (code === '') return { code: 'INVALID_VALUE', message: 'A record is matched by its code; give one.', at: [record, String(i), 'code'] }
      if (codes.has(code)) return { code: 'INVALID_VALUE', message: `The code "${code}" is there twice in this row.`, at: [record, String(i), 'code'] }
      codes.add(code)
      const known = (customer.children[record] as readonly { id: string; values: RecordValue }[]).find((c) => c.values['code'] === code)
      const adding = pending.find((c) => c.record === record && c.operation === 'ADD' && (c.proposed as RecordValue)['code'] === code)
      const id = known?.id ?? adding?.recordId
      if (id == null) add.push(child)
      else change.push({ id, set: child })
    }
    edit[record] = { add, change }
  }
  return edit as RawEdit
}

/** Does the proposal hold this change already? A new child is recognised by its content: its id is only in the proposal. */
const isProposed = (proposal: Proposal, change: Change): boolean =>
  proposal.changes.some(
    (c) => c.record === change.record && c.field === change.field && c.operation === change.operation && (change.operation === 'ADD' || c.recordId === change.recordId) && sameValue(c.proposed, change.proposed),
  )

const isOwnDraft = (proposal: Proposal, userId: string): boolean =>
  proposal.status === 'DRAFT' && proposal.runs.length === 0 && proposal.changes.every((c) => c.authorIds.every((id) => id === userId))

const planSubmit = (state: State, ctx: Context): { state: State; events: readonly DomainEvent[]; errors: readonly Problem[] } => {
  const result = decide(state, { kind: 'SUBMIT', expectedRevision: null, comment: null }, ctx)
  return result.ok ? { ...result.value, errors: [] } : { state, events: [], errors: problemsOf(result.error) }
}

const finish = (outcome: EditOutcome, proposal: Proposal | null, extra: Partial<RowPlan> = {}): RowPlan => {
  const wrote = outcome.written.length > 0
  return {
    outcome: wrote ? 'UPDATED' : 'UNCHANGED',
    written: outcome.written,
    proposed: [],
    proposalId: null,
    errors: [],
    next: wrote ? { state: { customer: outcome.state.customer, proposal } } : null,
    direct: outcome.direct,
    events: outcome.events.filter((e) => e.type === 'CustomerUpdated'),
    ...extra,
  }
}

const planUpdate = (row: ImportRow, state: State, mode: EditMode, ctx: Context): RowPlan => {
  const { customer, proposal } = state
  const plan = (edit: RawEdit | Problem, on: State): EditOutcome | RowPlan => {
    if ('code' in edit) return { ...nothing, outcome: 'INVALID', errors: [edit as Problem] }
    const command: EditCommand = { edit, expectedVersion: null, reason: null, creditCheck: null, source: 'IMPORT', mode, importId: null }
    const decided = decideEdit(on, command, ctx)
    if (decided.ok) return decided.value
    const { error } = decided
    if (error.code !== 'CHANGES_REJECTED') return { ...nothing, outcome: 'INVALID', errors: problemsOf(error) }
    const fields = error.detail.fields ?? []
    return { ...nothing, outcome: 'REFUSED', errors: fields.map((f) => ({ code: 'CHANGES_REJECTED', message: `${f} is governed here and takes no changes from a file or a service account.`, at: f.split('.') })) }
  }
  // First as if nothing were proposed yet: that tells what the row would write and what it would propose.
  const alone = plan(editOf(row, customer, []), { customer, proposal: null })
  if ('outcome' in alone) return alone
  const fresh = alone.state.proposal
  if (fresh === null || fresh.changes.length === 0) return finish(alone, proposal)
  const { autoSubmit } = ctx.company.parameters
  const submitted = (base: State, events: readonly DomainEvent[], edited: EditOutcome, proposed: readonly string[]): RowPlan => {
    const sent = autoSubmit ? planSubmit(base, ctx) : { state: base, events: [], errors: [] }
    return { outcome: 'PROPOSED', written: edited.written, proposed, proposalId: base.proposal?.id ?? null, errors: sent.errors, next: { state: sent.state }, direct: false, events: [...events, ...sent.events] }
  }
  if (proposal === null) return submitted(alone.state, alone.events, alone, alone.proposed)
  if (fresh.changes.every((c) => isProposed(proposal, c))) {
    const written = finish(alone, proposal, { proposalId: proposal.id })
    // A draft of the caller's own whose submit was refused before is tried again; nothing else is touched.
    if (!autoSubmit || !isOwnDraft(proposal, ctx.actor.id)) return written
    const base: State = { customer: alone.state.customer, proposal }
    const sent = planSubmit(base, ctx)
    if (sent.errors.length > 0) return { ...written, errors: sent.errors }
    return { ...written, outcome: 'PROPOSED', next: { state: sent.state }, events: [...written.events, ...sent.events] }
  }
  if (isOwnDraft(proposal, ctx.actor.id)) {
    const joined = plan(editOf(row, customer, proposal.changes), state)
    return 'outcome' in joined ? joined : submitted(joined.state, joined.events, joined, joined.proposed)
  }
  const message = 'Another proposal for this customer is open; an import does not change it. Send the row again when it is closed.'
  return { ...nothing, outcome: 'REFUSED', proposalId: proposal.id, errors: [{ code: 'OPEN_PROPOSAL', message }] }
}

/**
 * Plans one row. `state`: the customer as it is with its open proposal, null when there is none; `duplicate`: its account stands
 * in the file more than once.
 */
export const planRow = (row: ImportRow, state: State | null, duplicate: boolean, mode: EditMode, ctx: Context): RowPlan => {
  if (duplicate) return { ...nothing, outcome: 'INVALID', errors: [{ code: 'INVALID_VALUE', message: `The account "${row.account}" is in this file more than once; name it once.`, at: ['account'] }] }
  if (state !== null) return planUpdate(row, state, mode, ctx)
  const created = decideCreate(row, 'IMPORT', ctx)
  if (!created.ok) return { ...nothing, outcome: 'INVALID', errors: problemsOf(created.error) }
  const { customer, events } = created.value
  const written = [...Object.keys(row.set ?? {}), ...childRecords.filter((r) => (row[r] ?? []).length > 0)]
  return { ...nothing, outcome: 'CREATED', written, errors: [], next: { created: customer }, events }
}
