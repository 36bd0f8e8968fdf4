// Some rows of an import: read as they were sent, planned, and carried out. What comes next is planned while the database writes what
// came before; it holds only if nothing has moved by the time that it is locked.
import { isDeepStrictEqual } from 'node:util'
import type { Reader, Tx } from '../db/connect.ts'
import { compileLayout } from '../domain/columns.ts'
import type { Company } from '../domain/company.ts'
import { normalAccount } from '../domain/create.ts'
import type { Person } from '../domain/directory.ts'
import type { Problem } from '../domain/errors.ts'
import type { ImportRow } from '../domain/import.ts'
import type { ImportJob, Layout } from '../domain/import-job.ts'
import { lockAccounts, unclosedProposals, type LockedAccount } from '../store/customer-locks.ts'
import { readyEvents, type ReadyEvents } from '../store/events.ts'
import { notPlanned, readRows, type RowResult, type StagedRow } from '../store/import-jobs.ts'
import type { App } from './app.ts'
import { carryOutRows, eventsOf, planOf, type Planned } from './import-rows.ts'
import { looksForTaxNumbers } from './loading.ts'

export type Who = { readonly company: Company; readonly actor: Person; readonly now: string }
export type Phase = 'PLAN' | 'COMMIT'

/** Layouts are compiled once for a run. */
const compiled = new WeakMap<Layout, ReturnType<typeof compileLayout>>()
const readerOf = (layout: Layout): ReturnType<typeof compileLayout> => {
  let known = compiled.get(layout)
  if (known === undefined) compiled.set(layout, (known = compileLayout(layout)))
  return known
}

type Read = { readonly staged: StagedRow; readonly row: ImportRow | null; readonly problem: Problem | null }
export const readStaged = (job: ImportJob, rows: readonly StagedRow[]): Read[] => {
  if (job.layout === null) throw new Error('An import whose rows are here has no layout')
  const read = readerOf(job.layout)
  return rows.map((staged) => {
    if (staged.problem !== null) return { staged, row: null, problem: staged.problem }
    const parsed = read(staged.content)
    if ('problem' in parsed) return { staged, row: null, problem: parsed.problem }
    return { staged, row: { ...parsed.row, account: normalAccount(parsed.row.account) }, problem: null }
  })
}

const resultsOf = (
  read: readonly Read[],
  rows: readonly ImportRow[],
  { states, plans, proposalsMark }: Planned,
  phase: Phase,
): RowResult[] => {
  let n = 0
  return read.map(({ staged, problem }) => {
    if (problem !== null)
      return {
        row: staged.row,
        outcome: 'INVALID',
        written: [],
        proposed: [],
        proposalId: null,
        errors: [problem],
        wants: null,
        customerVersion: notPlanned,
        proposals: null,
      }
    const plan = plans[n]
    const state = states.get(rows[n]?.account ?? '')
    n += 1
    if (plan === undefined) throw new Error('A row has not been planned')
    const { outcome, written, proposed, proposalId, errors, wants } = plan
    return {
      row: staged.row,
      outcome,
      written,
      proposed,
      // The id of what would be made means nothing to anybody.
      proposalId: phase === 'COMMIT' || proposalId === state?.proposal?.id ? proposalId : null,
      errors,
      wants,
      customerVersion: state?.customer.version ?? null,
      proposals: state === undefined ? null : proposalsMark(state.customer.id),
    }
  })
}

type Which = Parameters<typeof readRows>[2]
/** Rows by their numbers come in the order of these: what is made first may be pointed to by what follows. */
const inOrder = (which: Which, rows: readonly StagedRow[]): readonly StagedRow[] => {
  if ('after' in which) return rows
  const found = new Map(rows.map((row) => [row.row, row]))
  return which.flatMap((row) => found.get(row) ?? [])
}
/** Rows with what was planned for them. */
type Prepared = {
  readonly read: readonly Read[]
  readonly rows: readonly ImportRow[]
  readonly planned: Planned
  /** What there is to be appended when it is carried out. */
  readonly events: ReadyEvents
}
const prepare = async (
  reader: Reader,
  who: Who,
  job: ImportJob,
  which: Which,
  phase: Phase,
  known?: ReadonlySet<string>,
): Promise<Prepared> => {
  const read = readStaged(job, inOrder(which, await readRows(reader, job, which)))
  const rows = read.flatMap(({ row }) => row ?? [])
  const planned = await planOf(reader, who, rows, { importId: job.id, ...(known && { known }) })
  const occasion = { companyId: job.companyId, actorId: who.actor.id, at: who.now }
  return { read, rows, planned, events: readyEvents(occasion, phase === 'COMMIT' ? eventsOf(rows, planned) : []) }
}

export type Range = { readonly after: number; readonly upTo: number }
/** What was planned ahead of its turn, and on which set-up. */
export type Ahead = Prepared & { readonly range: Range; readonly phase: Phase; readonly setupVersion: number }

/** Plans a range whose turn has not come; null where a plan depends on what the rows before it come to. */
export const planAhead = async (app: App, job: ImportJob, range: Range, phase: Phase): Promise<Ahead | null> => {
  const company = await app.setup.company(app.db, job.companyId)
  const actor = company?.directory.people.get(job.createdById)
  if (company === null || actor === undefined) return null
  if (company.workflows.some(({ activeVersion }) => activeVersion !== null && looksForTaxNumbers(activeVersion)))
    return null
  const who = { company, actor, now: app.clock().toISOString() }
  return { ...(await prepare(app.db, who, job, range, phase)), range, phase, setupVersion: company.setupVersion }
}

/** Are these customers what they were planned as, and their proposals too? */
const stillStands = async (
  tx: Tx,
  companyId: string,
  { rows, planned }: Prepared,
  locked: readonly LockedAccount[],
): Promise<boolean> => {
  const found = new Map(locked.map((customer) => [customer.account, customer]))
  for (const { account } of rows) {
    const state = planned.states.get(account)
    if (found.get(account)?.version !== state?.customer.version) return false
  }
  const ids = locked.map(({ id }) => id)
  const marks = ids.length === 0 ? new Map<string, string>() : await unclosedProposals(tx, companyId, ids)
  return ids.every((id) => (marks.get(id) ?? null) === planned.proposalsMark(id))
}

/** Plans rows by their numbers, or carries them out as well. `known`: accounts that other rows are planned to make. */
export const planStaged = async (
  tx: Tx,
  who: Who,
  job: ImportJob,
  which: Which,
  phase: Phase,
  { known, ahead = null }: { readonly known?: ReadonlySet<string>; readonly ahead?: Ahead | null } = {},
): Promise<RowResult[]> => {
  if (phase === 'PLAN') {
    const { read, rows, planned } = ahead ?? (await prepare(tx, who, job, which, phase, known))
    return resultsOf(read, rows, planned, phase)
  }
  const staged = ahead?.rows ?? readStaged(job, await readRows(tx, job, which)).flatMap(({ row }) => row ?? [])
  const locked = await lockAccounts(
    tx,
    job.companyId,
    staged.map(({ account }) => account),
  )
  const stands = ahead !== null && (await stillStands(tx, job.companyId, ahead, locked))
  const { read, rows, planned, events } = stands ? ahead : await prepare(tx, who, job, which, phase, known)
  await carryOutRows({ tx, ...who }, rows, planned)
  await events.append(tx)
  return resultsOf(read, rows, planned, phase)
}

/** Does a row come to the same? Ids of proposals and versions aside. */
export const sameResult = (one: RowResult, other: RowResult | undefined): boolean =>
  one.outcome === other?.outcome &&
  isDeepStrictEqual(
    [one.written, one.proposed, one.errors.map(plain)],
    [other.written, other.proposed, other.errors.map(plain)],
  )
const plain = ({ code, message, at }: Problem): unknown[] => [code, message, at ?? []]
