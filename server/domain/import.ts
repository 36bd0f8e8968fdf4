// The import planner: a row and the customer as it is → what becomes of it. Pure, so that a preview and the import itself agree
// (DOMAIN section 11).
import type { Customer } from './customer.ts'
import { concerns } from './conflict.ts'
import { decideCreate, normalAccount } from './create.ts'
import { decide } from './decide.ts'
import { decideEdit, type EditCommand, type EditMode, type EditOutcome, type RawEdit } from './edit.ts'
import { DomainError, ok, refused, type Problem, type Result } from './errors.ts'
import type { DomainEvent } from './events.ts'
import { childRecords, findField, labelOf, type ChildRecordName } from './fields.ts'
import type { Change, Proposal } from './proposal.ts'
import { lockedByScheduled } from './scheduled.ts'
import type { Context, State } from './state.ts'
import { sameValue, type RecordValue } from './values.ts'

type Raw = Readonly<Record<string, unknown>>
/** As a file or a partner sends it; children are matched by their code and absent ones are left alone. */
export type ImportRow = { readonly account: string; readonly set?: Raw | null } & Readonly<
  Partial<Record<ChildRecordName, readonly Raw[] | null>>
>
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
  /** Not usable for want of this account, which another row may make. */
  readonly wants: string | null
  readonly events: readonly DomainEvent[]
}

const nothing = {
  written: [],
  proposed: [],
  proposalId: null,
  next: null,
  direct: false,
  wants: null,
  events: [],
} as const
const problemsOf = (error: DomainError): readonly Problem[] =>
  error.detail.problems ?? [{ code: error.code, message: error.message, ...(error.at && { at: error.at }) }]

export const duplicateMessage = (account: string): string =>
  `The account "${account}" is in this file more than once; name it once.`

/** Rows whose account stands in the same file more than once: none of them can be meant. */
const duplicateAccounts = (rows: readonly Pick<ImportRow, 'account'>[]): ReadonlySet<string> => {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { account } of rows) (seen.has(account) ? twice : seen).add(account)
  return twice
}

/** Where the values of an edit stand in the row that it was made from: 'contacts change 0' → '2'. */
type Places = Map<string, string>

/** A place in the edit, or in the record, as the place in the row. */
const placeInRow = (at: readonly string[], row: ImportRow, places: Places): readonly string[] => {
  const [record = '', second = '', third = '', ...rest] = at
  const index = places.get(`${record} ${second} ${third}`)
  if (index !== undefined) return [record, index, ...(rest[0] === 'set' ? rest.slice(1) : rest)]
  const child = childRecords.find((r) => r === record)
  const named = child === undefined ? -1 : (row[child] ?? []).findIndex((values) => values.code === second)
  return named < 0 ? at : [record, String(named), ...at.slice(2)]
}

/**
 * The row as an edit of the record: children are changed where their code is known and added where it is not. Notes in `places`
 * where they come from.
 */
const editOf = (row: ImportRow, customer: Customer, pending: readonly Change[], places: Places): Result<RawEdit> => {
  places.clear()
  const edit: Record<string, unknown> = { set: row.set ?? {} }
  for (const record of childRecords) {
    const add: Raw[] = []
    const change: { id: string; set: Raw }[] = []
    const codes = new Set<string>()
    for (const [i, child] of (row[record] ?? []).entries()) {
      const code = typeof child.code === 'string' ? child.code.trim().normalize('NFC') : ''
      if (code === '')
        return refused(
          new DomainError('INVALID_VALUE', 'A record is matched by its code; give one.', {
            at: [record, String(i), 'code'],
          }),
        )
      if (codes.has(code))
        return refused(
          new DomainError('INVALID_VALUE', `The code "${code}" is there twice in this row.`, {
            at: [record, String(i), 'code'],
          }),
        )
      codes.add(code)
      const known = (customer.children[record] as readonly { id: string; values: RecordValue }[]).find(
        (c) => c.values.code === code,
      )
      const adding = pending.find(
        (c) => c.record === record && c.operation === 'ADD' && (c.proposed as RecordValue).code === code,
      )
      const id = known?.id ?? adding?.recordId
      if (id === null || id === undefined) places.set(`${record} add ${add.push(child) - 1}`, String(i))
      else places.set(`${record} change ${change.push({ id, set: child }) - 1}`, String(i))
    }
    edit[record] = { add, change }
  }
  return ok(edit as RawEdit)
}

/** Does the proposal hold this change already? A new child is recognised by its content: its id is only in the proposal. */
const isProposed = (proposal: Proposal, change: Change): boolean =>
  proposal.changes.some(
    (c) =>
      c.record === change.record &&
      c.field === change.field &&
      c.operation === change.operation &&
      (change.operation === 'ADD' || c.recordId === change.recordId) &&
      sameValue(c.proposed, change.proposed),
  )

const isOwnDraft = (proposal: Proposal, userId: string): boolean =>
  proposal.status === 'DRAFT' && proposal.changes.every((c) => c.authorIds.every((id) => id === userId))

type Submitted = { readonly state: State; readonly events: readonly DomainEvent[]; readonly errors: readonly Problem[] }
const submitted = (state: State, ctx: Context): Submitted => {
  const result = decide(state, { kind: 'SUBMIT', expectedRevision: null, comment: null }, ctx)
  return result.ok ? { ...result.value, errors: [] } : { state, events: [], errors: problemsOf(result.error) }
}

/** What an edit writes, with the proposal left as it is. */
const onlyWritten = (outcome: EditOutcome, before: Customer, proposal: Proposal | null): RowPlan => {
  const wrote = outcome.written.length > 0
  const concerned = proposal !== null && concerns(before, outcome.state.customer, proposal.changes)
  return {
    outcome: wrote ? 'UPDATED' : 'UNCHANGED',
    written: outcome.written,
    proposed: [],
    proposalId: proposal?.id ?? null,
    errors: [],
    next: wrote ? { state: { customer: outcome.state.customer, proposal } } : null,
    direct: outcome.direct,
    wants: null,
    events: outcome.events
      .filter((e) => e.type === 'CustomerUpdated')
      .map((e) => (concerned ? { ...e, proposalId: proposal.id } : e)),
  }
}

/** How a service account or a file edits: everything of an edit but the edit itself. */
export type SystemEdit = Omit<EditCommand, 'edit'>

/**
 * Plans an edit that no person made in the client: by a service account or a row of a file. It never replaces or submits
 * another's change. `read` makes the edit for a record with these pending changes. `errors` of a plan say why a submit was refused.
 */
export const planSystemEdit = (
  read: (pending: readonly Change[]) => Result<RawEdit>,
  how: SystemEdit,
  state: State,
  ctx: Context,
): Result<RowPlan> => {
  const { customer, proposal } = state
  const edited = (on: State, within = ctx): Result<EditOutcome> => {
    const edit = read(on.proposal?.changes ?? [])
    return edit.ok ? decideEdit(on, { ...how, edit: edit.value }, within) : edit
  }
  const { autoSubmit } = ctx.company.parameters
  const proposes = (outcome: EditOutcome): RowPlan => {
    const sent = autoSubmit ? submitted(outcome.state, ctx) : { state: outcome.state, events: [], errors: [] }
    const proposalId = outcome.state.proposal?.id ?? null
    return {
      outcome: 'PROPOSED',
      written: outcome.written,
      proposed: outcome.proposed,
      proposalId,
      errors: sent.errors,
      next: { state: sent.state },
      direct: false,
      wants: null,
      events: [...outcome.events, ...sent.events],
    }
  }
  // First as if nothing were proposed yet: that tells what would be written and what would be proposed.
  const alone = edited({ customer, proposal: null }, { ...ctx, others: [] })
  if (!alone.ok) {
    // What a draft of the caller's own adds is edited by its id, and is there only with the draft.
    const joined = proposal !== null && isOwnDraft(proposal, ctx.actor.id) ? edited(state) : alone
    return joined.ok ? ok(proposes(joined.value)) : alone
  }
  const fresh = alone.value.state.proposal
  if (fresh === null || fresh.changes.length === 0)
    return ok({ ...onlyWritten(alone.value, customer, proposal), proposalId: null })
  // What waits for its time already is proposed as much as what is open; anything else about the same values has to wait.
  const isScheduled = (c: Change): boolean => ctx.others.some((p) => p.status === 'SCHEDULED' && isProposed(p, c))
  if (fresh.changes.every(isScheduled)) return ok(onlyWritten(alone.value, customer, proposal))
  const held = lockedByScheduled(fresh.changes, ctx)
  if (held !== null)
    return refused(new DomainError('OPEN_PROPOSAL', held.message, { at: ['account'], detail: held.detail }))
  if (proposal === null) return ok(proposes(alone.value))
  if (fresh.changes.every((c) => isProposed(proposal, c))) {
    const written = onlyWritten(alone.value, customer, proposal)
    // A draft of the caller's own whose submit was refused before is tried again; nothing else is touched, least of all what
    // somebody has recalled.
    if (!autoSubmit || proposal.runs.length > 0 || !isOwnDraft(proposal, ctx.actor.id)) return ok(written)
    const sent = submitted({ customer: alone.value.state.customer, proposal }, ctx)
    if (sent.errors.length > 0) return ok({ ...written, errors: sent.errors })
    return ok({
      ...written,
      outcome: 'PROPOSED',
      next: { state: sent.state },
      events: [...written.events, ...sent.events],
    })
  }
  if (isOwnDraft(proposal, ctx.actor.id)) {
    const joined = edited(state)
    return joined.ok ? ok(proposes(joined.value)) : joined
  }
  const message =
    'Another proposal for this customer is open, and this edit would change it. Send it again when that one is closed.'
  return refused(new DomainError('OPEN_PROPOSAL', message, { at: ['account'], detail: { proposalId: proposal.id } }))
}

const planUpdate = (row: ImportRow, state: State, { mode, importId }: ImportTerms, ctx: Context): RowPlan => {
  const how: SystemEdit = {
    expectedVersion: null,
    reason: null,
    creditCheck: null,
    source: 'IMPORT',
    mode,
    importId,
  }
  const places: Places = new Map()
  const planned = planSystemEdit((pending) => editOf(row, state.customer, pending, places), how, state, ctx)
  if (planned.ok) return planned.value
  const { error } = planned
  if (error.code === 'OPEN_PROPOSAL')
    return { ...nothing, outcome: 'REFUSED', proposalId: error.detail.proposalId ?? null, errors: problemsOf(error) }
  if (error.code !== 'CHANGES_REJECTED') {
    const errors = problemsOf(error).map((p) => (p.at === undefined ? p : { ...p, at: placeInRow(p.at, row, places) }))
    return { ...nothing, outcome: 'INVALID', errors }
  }
  return {
    ...nothing,
    outcome: 'REFUSED',
    errors: (error.detail.fields ?? []).map((name) => ({
      code: 'CHANGES_REJECTED',
      message: `${labelOf(name)} is under approval and takes no changes from a file or a service account; a person has to propose it.`,
      at: findField(name)?.record === 'customer' ? ['set', name] : [name.split('.')[0] ?? name],
    })),
  }
}

/** Accounts are matched as the customers' own are written. */
const accountNamed = (value: unknown): string | null => (typeof value === 'string' ? normalAccount(value.trim()) : null)

const wanted = (row: ImportRow, plan: RowPlan, accounts: ReadonlySet<string>): RowPlan => {
  const invoiced = plan.outcome === 'INVALID' ? accountNamed(row.set?.invoiceAccount) : null
  return invoiced === null || invoiced === '' || invoiced === row.account || accounts.has(invoiced)
    ? plan
    : { ...plan, wants: invoiced }
}

/**
 * Plans one row. `state`: the customer as it is with its open proposal, null when there is none; `duplicate`: its account stands
 * in the file more than once.
 */
const planRow = (
  row: ImportRow,
  state: State | null,
  duplicate: boolean,
  terms: ImportTerms,
  ctx: Context,
): RowPlan => {
  if (duplicate)
    return {
      ...nothing,
      outcome: 'INVALID',
      errors: [
        {
          code: 'INVALID_VALUE',
          message: duplicateMessage(row.account),
          at: ['account'],
        },
      ],
    }
  if (state !== null) return planUpdate(row, state, terms, ctx)
  const created = decideCreate(row, 'IMPORT', ctx)
  if (!created.ok)
    return { ...nothing, outcome: 'INVALID', errors: ofUnknownAccount(problemsOf(created.error), row, ctx) }
  const { customer, events } = created.value
  const written = [...Object.keys(row.set ?? {}), ...childRecords.filter((r) => (row[r] ?? []).length > 0)]
  return { ...nothing, outcome: 'CREATED', written, errors: [], next: { created: customer }, events }
}

/** Who sends no name rarely means to make a customer: the account is mistyped, or another company's. Then it says so. */
const ofUnknownAccount = (problems: readonly Problem[], row: ImportRow, { company }: Context): readonly Problem[] => {
  const at = ({ at: place }: Problem): string => place?.join('.') ?? ''
  if ((row.set?.name ?? '') !== '' || problems.some((problem) => at(problem) === 'account')) return problems
  const message = `There is no customer "${row.account}" in ${company.code}; a new one needs a name.`
  return problems.map((problem) => (at(problem) === 'set.name' ? { ...problem, message } : problem))
}

/** How rows are taken: what governed fields come to, and the job that they are part of; null: a call of its own. */
export type ImportTerms = { readonly mode: EditMode; readonly importId: string | null }

/** What a row's customer brings into the context: its other unclosed proposals, and who else has its tax number. */
export type Surroundings = Pick<Context, 'others' | 'sameTaxNumber'>
const alone: Surroundings = { others: [], sameTaxNumber: [] }

/**
 * Plans the rows of a call, or some of a file's. `states`: the customers that there are, by account. A row may name a customer that another row makes,
 * wherever that stands: what is not usable for want of it is planned again, so that sending the rows again changes nothing.
 */
export const planRows = (
  rows: readonly ImportRow[],
  states: ReadonlyMap<string, State>,
  terms: ImportTerms,
  ctx: Context,
  around: (row: ImportRow, state: State) => Surroundings = () => alone,
): RowPlan[] => {
  const twice = duplicateAccounts(rows)
  const accounts = new Set(ctx.accounts)
  const planned = (row: ImportRow): RowPlan => {
    const state = states.get(row.account) ?? null
    const surroundings = state === null ? alone : around(row, state)
    const plan = wanted(
      row,
      planRow(row, state, twice.has(row.account), terms, { ...ctx, ...surroundings, accounts }),
      accounts,
    )
    if (plan.outcome === 'CREATED') accounts.add(row.account)
    return plan
  }
  let plans = rows.map(planned)
  for (let known = ctx.accounts.size; known < accounts.size;) {
    known = accounts.size
    plans = plans.map((plan, i) => {
      const row = rows[i]
      return plan.outcome === 'INVALID' && row !== undefined ? planned(row) : plan
    })
  }
  return plans
}
