// A company so small that everything that can happen in it is tried: three people, a service account, every order of what they can do.
// However it comes about, nobody decides on their own change.
import { describe, expect, it, vi } from 'vitest'
import type { Company } from '../../server/domain/company.ts'
import { decide, type Command } from '../../server/domain/decide.ts'
import type { Absence } from '../../server/domain/directory.ts'
import { isOpen, type Proposal } from '../../server/domain/proposal.ts'
import type { Context, State } from '../../server/domain/state.ts'
import { approval, assignment, step, workflow } from './workflow/definitions.ts'
import { createCompany, customer, person, runnable, workflowOf } from './company.ts'
import { editOf } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })
const depth = Number(process.env.DEPTH ?? 6)

const names = ['ann', 'ben', 'cyd'] as const
const people = [
  person('ann', ['CLERK'], { managerId: 'ben' }),
  person('ben', ['CLERK'], { managerId: 'cyd' }),
  person('cyd', ['ADMINISTRATOR']),
  person('bot', ['INTEGRATION'], { kind: 'SERVICE', responsibleId: 'ben' }),
  person('maker', ['ADMINISTRATOR']),
]
const version = runnable(
  'w1',
  1,
  workflow(
    approval({ name: 'First', steps: [step({ guards: ['name'], assign: [assignment({ users: ['ben', 'cyd'] })] })] }),
    approval({ name: 'Second', steps: [step({ assign: [assignment({ users: ['ann', 'bot', 'cyd'] })] })] }),
  ),
  { createdById: 'maker', activatedByIds: ['maker'] },
)
const away: readonly Absence[] = names.flatMap((userId) =>
  names
    .filter((other) => other !== userId)
    .map((standInId) => {
      const times = { from: '2026-01-01T00:00:00.000Z', until: '2027-01-01T00:00:00.000Z' }
      return { id: `${userId} ${standInId}`, userId, standInId, ...times, workflowId: null }
    }),
)
const base = createCompany({
  people,
  groups: {},
  governed: ['name', 'paymentTerms'],
  workflows: [workflowOf(version, { ownerId: 'cyd' })],
})
const companies = new Map<string, Company>()
const companyWith = (absent: readonly string[]): Company => {
  const key = absent.join()
  const known = companies.get(key)
  if (known !== undefined) return known
  const absences = away.filter((a) => absent.includes(a.id))
  const company = { ...base, directory: { ...base.directory, absences } }
  companies.set(key, company)
  return company
}

/** A moment, and who has had a hand in the open proposal until then: noted here, not read off it. */
type Moment = { readonly state: State; readonly absent: readonly string[]; readonly hands: readonly string[] }

/** Whoever brings these about has had a hand in it. */
const makers = ['ChangeProposed', 'ChangeReplaced', 'ProposalSubmitted', 'ProposalResubmitted']

let ids = 0
const contextFor = (who: string, company: Company): Context => {
  const actor = company.directory.people.get(who)
  if (actor === undefined) throw new Error(who)
  const fresh = (): string => `id-${++ids}`
  return {
    ...{ actor, company, now: '2026-06-01T00:00:00.000Z', newId: fresh, newSalt: fresh },
    ...{ accounts: new Set(['US-001']), others: [], sameTaxNumber: [] },
    runnable: () => version,
  }
}

/** What anybody might say in this state. */
const sayable = (proposal: Proposal | null): readonly (readonly [who: string, command: Command])[] => {
  const said: [string, Command][] = []
  const edits = {
    ann: [{ name: 'Contoso A' }, { name: 'Contoso B' }],
    ben: [{ paymentTerms: 'N60' }],
    bot: [{ name: 'Contoso A' }],
  }
  for (const [who, sets] of Object.entries(edits)) for (const set of sets) said.push([who, editOf({ set })])
  if (proposal === null) return said
  for (const who of ['ann', 'ben', 'bot']) said.push([who, { kind: 'SUBMIT', expectedRevision: null, comment: null }])
  said.push(['cyd', { kind: 'RECALL', comment: 'Wait' }])
  for (const item of proposal.items) {
    if (item.status !== 'OPEN' || item.kind === 'RETURN') continue
    const answer = { workItemId: item.id, revision: proposal.revision, comment: 'Because' }
    for (const who of [...names, 'bot']) said.push([who, { ...answer, kind: 'APPROVE' }])
    for (const toId of names) said.push(['cyd', { kind: 'REASSIGN', workItemId: item.id, toId, comment: null }])
  }
  return said
}
/** What they might say as well who may approve; who may not is refused this just so. */
const alsoSayable = (command: Command): readonly Command[] => {
  if (command.kind !== 'APPROVE') return []
  const { workItemId, revision, comment } = command
  const answer = { workItemId, revision, comment }
  return [
    { ...answer, kind: 'REJECT' },
    { ...answer, kind: 'REQUEST_CHANGE', toId: null },
    ...[...names, 'bot'].map((toId): Command => ({ kind: 'DELEGATE', workItemId, toId, comment: null })),
  ]
}
/** Who is away when somebody goes or comes back: never more than two at once. */
const awayOr = (absent: readonly string[], id: string): readonly string[] => {
  if (absent.includes(id)) return absent.filter((a) => a !== id)
  const others = absent.filter((a) => a.slice(0, 3) !== id.slice(0, 3))
  return others.length > 1 ? absent : [...others, id].sort()
}
/** Whose approvals the last run goes by, whenever they were given. */
const approvers = ({ runs, decisions }: Proposal): readonly (string | null)[] => {
  const run = runs.at(-1)
  const kept = Object.values(run?.steps ?? {}).flatMap((fact) =>
    fact.kind === 'KEPT' ? fact.decisionIds : fact.kind === 'ASKED' ? Object.values(fact.kept) : [],
  )
  return decisions.filter((d) => d.runId === run?.id || kept.includes(d.id)).map((d) => d.actorId)
}

const untold = ['createdAt', 'updatedAt', 'closedAt', 'proposedAt', 'submittedAt', 'on', 'version', 'comments', 'salt']
/** Two moments from which the same can follow are the same: times are left out, ids and digests only told apart. */
const canonical = ({ state: { customer: record, proposal }, absent, hands }: Moment): string => {
  const decided = new Set(proposal?.decisions.map((d) => d.runId))
  const pending = proposal?.status === 'PENDING'
  const about = proposal && {
    ...proposal,
    ...{ revision: 0, createdById: '', involved: [...new Set(proposal.involved.map((i) => i.userId))].sort() },
    items: proposal.items.filter((i) => pending && i.status !== 'WITHDRAWN' && i.runId === proposal.runs.at(-1)?.id),
    // A run that was ended before anybody answered has left nothing.
    runs: proposal.runs.filter((r) => r.end === null || decided.has(r.id)).map((r) => ({ ...r, number: 0 })),
    decisions: proposal.decisions.map((d) => ({ ...d, revision: 0, at: '' })),
    changes: proposal.changes.map((c) => ({ ...c, authorIds: [] })),
  }
  const text = JSON.stringify(
    [record.values.name, record.values.paymentTerms, absent, hands, about],
    (key, value: unknown) => (untold.includes(key) ? undefined : value),
  )
  const known = new Map<string, string>()
  const nameOf = (id: string): string => known.get(id) ?? `#${known.set(id, `#${known.size}`).size - 1}`
  return text.replace(/id-\d+|[0-9a-f]{64}/g, nameOf)
}

describe('in a company of three people and a service account', () => {
  it('no way leads to deciding on one’s own change', () => {
    // Thousands are refused; nobody reads where.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    const start: Moment = { state: { customer: customer(), proposal: null }, absent: [], hands: [] }
    const seen = new Set([canonical(start)])
    const did = new Map<string, number>()
    let front: Moment[] = [start]
    for (let turn = 0; turn < depth; turn++) {
      const following: Moment[] = []
      const reach = (moment: Moment): void => {
        const key = canonical(moment)
        if (seen.has(key)) return
        seen.add(key)
        following.push(moment)
      }
      for (const moment of front) {
        const { state, absent, hands } = moment
        const company = companyWith(absent)
        // People go and come back while they are asked.
        if (state.proposal?.status === 'PENDING')
          for (const { id } of away) reach({ ...moment, absent: awayOr(absent, id) })
        const attempt = (who: string, command: Command): void => {
          const result = decide(state, command, contextFor(who, company))
          if (!result.ok) return
          const by = `${command.kind} ${who}`
          did.set(by, (did.get(by) ?? 0) + 1)
          const { proposal } = result.value.state
          const decides = ['APPROVE', 'REJECT', 'REQUEST_CHANGE'].includes(command.kind)
          if (decides && hands.includes(who))
            expect.fail(`${by} what they had a hand in: ${JSON.stringify(state.proposal)}`)
          const before = state.proposal?.id === proposal?.id ? hands : []
          const own = result.value.events.some((e) => makers.includes(e.type))
            ? who === 'bot'
              ? ['bot', 'ben']
              : [who]
            : []
          const after = [...new Set([...before, ...own])].sort()
          if (proposal?.status === 'PENDING' || proposal?.status === 'APPLIED')
            for (const id of approvers(proposal)) expect(after).not.toContain(id)
          for (const more of alsoSayable(command)) attempt(who, more)
          if (proposal === null || isOpen(proposal))
            reach({ state: result.value.state, absent: proposal?.status === 'PENDING' ? absent : [], hands: after })
        }
        for (const [who, command] of sayable(state.proposal)) attempt(who, command)
      }
      front = following
    }
    Error.stackTraceLimit = stackTraceLimit
    // The model is no good if hardly anything can happen in it.
    expect(seen.size).toBeGreaterThan(2000)
    for (const by of [
      'APPROVE ann',
      'APPROVE ben',
      'APPROVE cyd',
      'REJECT cyd',
      'DELEGATE ann',
      'REASSIGN cyd',
      'EDIT bot',
      'RECALL cyd',
    ])
      expect([by, (did.get(by) ?? 0) > 0]).toEqual([by, true])
    if (process.env.DEPTH !== undefined) process.stdout.write(`${seen.size} ${JSON.stringify([...did])}\n`)
  })
})
