// What holds for every workflow and whatever people do.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Command } from '../../server/domain/decide.ts'
import type { Role } from '../../server/domain/directory.ts'
import type { DomainEvent } from '../../server/domain/events.ts'
import { nextDue } from '../../server/domain/due.ts'
import { blockersOf } from '../../server/domain/explain.ts'
import { isOpen, type Proposal, type ProposalStatus, type StepFact } from '../../server/domain/proposal.ts'
import { uncoveredElement, uncoveredStep } from '../../server/domain/workflow/coverage.ts'
import { nextCall, openCalls } from '../../server/domain/workflow/calls.ts'
import { scenario, simulate, type Scenario } from './generated.ts'
import type { Life, Played } from './life.ts'
import { covers, elementAt, holdsNow, livingApprovals, missingFor, Parties, stepAt } from './oracle.ts'

// Seconds on a quiet machine.
vi.setConfig({ testTimeout: 90_000 })
// More by hand: RUNS=20 tries twenty times as many.
const times = Number(process.env.RUNS ?? 1)

/** Asserts over many lives; a failure prints seed, path and the smallest life that shows it. */
const forEveryLife = (see: (scenario: Scenario) => void, numRuns = 70, maxMoves = 8): void =>
  fc.assert(fc.property(scenario(maxMoves), see), { numRuns: numRuns * times })
const inEveryLife = (see: (life: Life, played: Played) => void, numRuns?: number): void =>
  forEveryLife((each) => void simulate(each, see), numRuns)

const submitted = ['PENDING', 'SCHEDULED', 'APPLIED', 'FAULTED', 'REJECTED', 'DISCARDED'] as const
const next: Record<ProposalStatus, readonly ProposalStatus[]> = {
  DRAFT: submitted,
  CHANGES_REQUESTED: submitted,
  REJECTED: submitted,
  PENDING: ['SCHEDULED', 'APPLIED', 'CONFLICTED', 'FAULTED', 'REJECTED', 'CHANGES_REQUESTED', 'DRAFT'],
  CONFLICTED: [...submitted, 'DRAFT'],
  SCHEDULED: ['APPLIED', 'CONFLICTED', 'FAULTED', 'DRAFT'],
  FAULTED: ['PENDING', 'SCHEDULED', 'APPLIED', 'CONFLICTED', 'REJECTED', 'DRAFT'],
  APPLIED: [],
  DISCARDED: [],
}

const contentOf = (proposal: Proposal | null): string =>
  JSON.stringify([
    proposal?.effectiveAt ?? null,
    (proposal?.changes ?? []).map((c) => `${c.id}=${c.digest} ${c.refusal === null}`).sort(),
  ])
const asked = (fact: StepFact | undefined) => (fact?.kind === 'ASKED' ? fact : null)
const seatsOf = (fact: StepFact | undefined): string[] => [
  ...new Set(asked(fact)?.assignments.flatMap((a) => a.items) ?? []),
]

const told = (e: DomainEvent, ...names: string[]): string => JSON.stringify(names.map((name) => e.data[name] ?? null))

describe('from any sequence of commands', () => {
  it('applies nothing without living cover for exactly its digests, and nothing that was refused', () => {
    const seen = { approved: 0 }
    forEveryLife((each) => {
      const parties = new Parties()
      simulate(each, (life, { who, before, result, after }) => {
        if (!result.ok) return
        parties.follow(life, who, result.value.events)
        for (const { type, data } of result.value.events) {
          if (type !== 'ProposalApplied') continue
          const refused = (after?.changes ?? []).filter((c) => c.refusal !== null).map((c) => c.id)
          for (const { changeId } of data.changes as { changeId: string }[]) expect(refused).not.toContain(changeId)
        }
        const [run, then] = [after?.runs.at(-1), before.proposal?.runs.at(-1)]
        // The last step of the route asks for what nothing has covered, and for nothing else.
        if (after && result.value.events.some((e) => e.type === 'ElementStarted' && e.data.path === uncoveredElement)) {
          const asks = run?.steps[uncoveredStep]
          const given = livingApprovals(life, after, new Set()).filter((d) => d.runId === run?.id)
          for (const ref of asks?.kind === 'ASKED' ? asks.changes : [])
            for (const c of after.changes.filter((change) => change.id === ref.id))
              expect(given.filter((d) => d.elementPath !== uncoveredElement && covers(life, after, d, c))).toEqual([])
        }
        if (!after || run?.end?.how !== 'APPROVED' || (then?.id === run.id && then.end?.how === 'APPROVED')) return
        seen.approved++
        expect(missingFor(life, after, parties.excluded(life, after))).toEqual([])
      })
    }, 150)
    expect(seen.approved).toBeGreaterThan(10)
  })

  it('lets nobody decide who had a hand in it, unless the company allows that, nor waits for them', () => {
    forEveryLife((each) => {
      const parties = new Parties()
      simulate(each, (life, { who, command, result, after }) => {
        if (!result.ok || who === null) return
        if (['APPROVE', 'REJECT', 'REQUEST_CHANGE', 'CHOOSE'].includes(command.kind) && after !== null) {
          expect([...parties.excluded(life, after)]).not.toContain(who)
          expect(life.person(who)?.active).toBe(true)
        }
        parties.follow(life, who, result.value.events)
        const excluded = after?.status === 'PENDING' ? parties.excluded(life, after) : new Set<string>()
        for (const item of after?.items ?? []) {
          if (after === null || item.status !== 'OPEN' || (item.kind !== 'APPROVAL' && item.kind !== 'DECISION'))
            continue
          expect([...excluded]).not.toContain(item.assigneeId)
          expect([...excluded]).not.toContain(life.sitterAt(after, item))
        }
      })
    }, 100)
  })

  it('keeps the number of seats of a step but for people who leave and escalations, and gives nobody two', () => {
    inEveryLife((life, { before, after, now }) => {
      if (after === null) return
      const was = before.proposal?.id === after.id ? before.proposal : null
      for (const run of after.runs)
        for (const [path, fact] of Object.entries(run.steps)) {
          const items = after.items.filter((i) => seatsOf(fact).includes(i.id))
          expect(new Set(items.map((i) => i.assigneeId ?? i.id)).size).toBe(items.length)
          const given = after.decisions.filter((d) => d.runId === run.id && d.stepPath === path && !d.automatic)
          const kept = after.decisions.filter((d) => Object.values(asked(fact)?.kept ?? {}).includes(d.id))
          const people = [...given, ...kept].map((d) => d.actorId)
          expect(new Set(people).size).toBe(people.length)
          const then = was?.runs.find((r) => r.id === run.id)?.steps[path]
          if (asked(then) === null || asked(fact) === null) continue
          if ((asked(fact)?.level ?? 0) !== (asked(then)?.level ?? 0)) {
            expect(now >= (asked(then)?.dueAt ?? now)).toBe(true)
            continue
          }
          const closed = seatsOf(then).filter((id) => !seatsOf(fact).includes(id))
          const opened = seatsOf(fact).filter((id) => !seatsOf(then).includes(id))
          // Only the seat of somebody who has been deactivated closes, and only then another one may open.
          for (const id of closed) {
            const item = after.items.find((i) => i.id === id)
            expect(item?.status).toBe('WITHDRAWN')
            expect(life.person(item?.assigneeId ?? '')?.active).not.toBe(true)
          }
          if (closed.length === 0) expect(opened).toEqual([])
        }
      const open = after.items.filter((i) => i.status === 'OPEN' && i.kind !== 'RETURN')
      const own = open.filter((i) => i.assigneeId !== null).map((i) => `${i.stepPath} ${i.assigneeId}`)
      expect(new Set(own).size).toBe(own.length)
      const sitting = open.flatMap((i) => {
        const who = life.sitterAt(after, i)
        return who === null ? [] : [`${i.stepPath} ${who}`]
      })
      expect(new Set(sitting).size).toBe(sitting.length)
    }, 150)
  })

  it('asks, passes over and branches as the conditions say', () => {
    inEveryLife((life, { before, after }) => {
      const run = after?.runs.at(-1)
      if (!after || !run) return
      const then = before.proposal?.runs.find((r) => r.id === run.id)
      const live = after.changes.filter((c) => c.refusal === null)
      for (const [path, fact] of Object.entries(run.steps)) {
        const step = stepAt(life, run, path.replace(/\.step(s\.\d+)?$/, ''), path)
        if (then?.steps[path] !== undefined || step === undefined) continue
        const due = step.when === null || holdsNow(step.when, live)
        if (fact.kind !== 'SKIPPED') expect([path, due]).toEqual([path, true])
        else if (fact.why === 'CONDITION_FALSE') expect([path, due]).toEqual([path, false])
      }
      for (const [path, { taken }] of Object.entries(run.elements)) {
        const element = elementAt(life, run, path)
        if (taken === undefined || then?.elements[path]?.taken !== undefined) continue
        if (element === undefined || !('condition' in element)) continue
        const index = element.condition.cases.findIndex((c) => holdsNow(c.when, live))
        const otherwise = element.condition.else === null ? 'none' : 'else'
        expect([path, taken]).toEqual([path, index < 0 ? otherwise : `cases.${index}`])
      }
    })
  })

  it('takes every command from whom it may come and from nobody else', () => {
    const roles: Readonly<Partial<Record<Command['kind'], readonly Role[]>>> = {
      ...{ EDIT: ['CLERK', 'INTEGRATION'], SUBMIT: ['CLERK', 'INTEGRATION'], SCHEDULE: ['CLERK', 'INTEGRATION'] },
      ...{ DISCARD_CHANGES: ['CLERK', 'INTEGRATION'], DISCARD_PROPOSAL: ['CLERK', 'INTEGRATION'] },
      ...{ REBASE: ['CLERK', 'INTEGRATION'], REVERT: ['CLERK', 'INTEGRATION'] },
      ...{ CANCEL: ['ADMINISTRATOR'], RESUME: ['ADMINISTRATOR'], REASSIGN: ['ADMINISTRATOR'] },
    }
    inEveryLife((life, { who, command, result, before }) => {
      if (!result.ok || who === null) return
      const person = life.person(who)
      expect(person?.active).toBe(true)
      const needs = roles[command.kind]
      if (needs !== undefined) expect(person?.roles.some((r) => needs.includes(r))).toBe(true)
      if ('revision' in command) expect(command.revision).toBe(before.proposal?.revision)
      if (command.kind === 'REASSIGN') expect(command.toId).not.toBe(who)
      if (command.kind === 'RECALL') {
        const run = before.proposal?.runs.at(-1)
        const owner = run && life.version(run.workflowId, run.version)?.settings.ownerId
        const may = [run?.submittedById, owner].includes(who) || person?.roles.includes('ADMINISTRATOR')
        expect([who, may]).toEqual([who, true])
      }
      if (!('workItemId' in command) || command.kind === 'REASSIGN') return
      // Who answers or hands on has the seat, or stands in there; what lies in a queue is its members' alone.
      const item = before.proposal?.items.find((i) => i.id === command.workItemId)
      const queue = life.company.directory.queues.get(item?.queueId ?? '')
      const stands = life.company.directory.absences.some((a) => a.standInId === who)
      if (item?.assigneeId !== who && !stands) expect(queue?.memberIds).toContain(who)
    })
  })

  it('changes nothing by what it refuses, and raises the revision with the content and only then', () => {
    inEveryLife((life, { before, result, after }) => {
      const was = before.proposal
      if (!result.ok) {
        expect(life.customer).toBe(before.customer)
        expect(after).toBe(was)
        return
      }
      if (was === null || after === null) return
      if (was.id !== after.id) return expect(isOpen(was)).toBe(false)
      expect(after.revision - was.revision).toBe(contentOf(was) === contentOf(after) ? 0 : 1)
      for (const change of after.changes) {
        const earlier = was.changes.find((c) => c.id === change.id)
        const same = JSON.stringify([earlier?.base, earlier?.proposed, earlier?.creditCheck])
        // What was refused is proposed anew by another edit.
        if (earlier?.refusal === null && same === JSON.stringify([change.base, change.proposed, change.creditCheck]))
          expect(change.digest).toBe(earlier.digest)
      }
    })
  })

  it('moves between states as the table of DOMAIN 4 says and keeps one open proposal beside those that are scheduled', () => {
    inEveryLife((life, { before, result, after }) => {
      const was = before.proposal
      expect(life.proposals.filter((p) => isOpen(p) && p.status !== 'SCHEDULED').length).toBeLessThan(2)
      if (!result.ok || after === null) return
      if (was?.id !== after.id) {
        expect(was === null || !isOpen(was)).toBe(true)
        expect(['DRAFT', 'DISCARDED']).toContain(after.status)
      } else if (was.status !== after.status) {
        expect([was.status, ...next[was.status]]).toContain(after.status)
        if (was.status === 'SCHEDULED') expect(life.open === null || life.open.id === after.id).toBe(true)
      }
    })
  })

  it('leaves no pending proposal that waits for nobody without saying so', () => {
    inEveryLife((life, { after }) => {
      if (after?.status !== 'PENDING') return
      const blockers = blockersOf({ customer: life.customer, proposal: after }, life.context('adam', after))
      for (const { code, waitingForIds, queueId, message } of blockers) {
        expect(message).toMatch(/[.]$/)
        if (code === 'WAITING_FOR_PEOPLE') expect(waitingForIds.filter((id) => life.person(id)?.active)).not.toEqual([])
        if (code === 'WAITING_FOR_QUEUE') expect(queueId).not.toBeNull()
      }
      const open = after.items.filter((i) => i.status === 'OPEN' && i.kind !== 'RETURN')
      const asked = openCalls(after)
      expect(open.length + asked.length).toBeGreaterThan(0)
      const codes = blockers.map((b) => b.code)
      expect(codes.filter((code) => code === 'WAITING_FOR_SYSTEM')).toHaveLength(asked.length)
      expect(nextCall(after) === null).toBe(asked.length === 0)
      if (open.some((i) => i.assigneeId !== null)) expect(codes).toContain('WAITING_FOR_PEOPLE')
      if (open.some((i) => i.assigneeId === null && i.queueId !== null)) expect(codes).toContain('WAITING_FOR_QUEUE')
      if (open.some((i) => i.assigneeId === null && i.queueId === null)) expect(codes).toContain('NO_ELIGIBLE_APPROVER')
    }, 80)
  })

  it('lets each timer act once, and never leaves one behind that should have acted', () => {
    forEveryLife((each) => {
      const timed = new Map<string, number>()
      const count = (key: string): void => {
        timed.set(key, (timed.get(key) ?? 0) + 1)
        expect([key, timed.get(key)]).toEqual([key, 1])
      }
      simulate(each, (life, { command, result, before, after, now }) => {
        if (!result.ok || after === null) return
        const { events } = result.value
        // An entry of an escalation path is asked once; what the clock decides of a step or an element it decides once.
        const levels = events.flatMap((e) =>
          e.type === 'WorkItemEscalated' ? [told(e, 'runId', 'path', 'level')] : [],
        )
        for (const level of new Set(levels)) count(level)
        for (const e of events)
          if (e.type === 'DecisionRecorded' && e.data.timer === true) count(told(e, 'runId', 'path', 'outcome'))
        for (const e of events) if (e.type === 'WorkItemOverdue') count(`${e.workItemId} overdue`)
        if (command.kind !== 'TIME') return
        for (const e of events) expect(e.actorId === undefined || e.actorId === null).toBe(true)
        const due = nextDue(after)
        const waits = after.status === 'SCHEDULED' && life.open !== null
        if (!waits) expect(due === null || due > now).toBe(true)
        const again = life.ask(null, { kind: 'TIME' }, after)
        expect(again.ok && again.value.events).toEqual([])
        if (again.ok) expect(again.value.state.proposal).toBe(after)
        const was = before.proposal === null ? null : nextDue(before.proposal)
        if (was !== null && was <= now && !waits) expect(events).not.toEqual([])
      })
    }, 120)
  })

  it('comes, in some hundreds of lives, to everything that the process knows', () => {
    const seen = new Set<string>()
    let turn = 0
    for (const each of fc.sample(scenario(8), { numRuns: 400, seed: 7 }))
      simulate(each, (life, { command, result, after }) => {
        seen.add(result.ok ? command.kind : `${command.kind} ${result.error.code}`)
        if (!result.ok || after === null) return
        seen.add(after.status)
        for (const e of result.value.events) seen.add(e.type)
        if (result.value.events.some((e) => e.onBehalfOfId !== undefined)) seen.add('a stand-in')
        if (after.status !== 'PENDING' || turn++ % 3 > 0) return
        const ctx = life.context('adam', after)
        for (const { code } of blockersOf({ customer: life.customer, proposal: after }, ctx)) seen.add(code)
      })
    const commands = [
      'APPROVE',
      'REJECT',
      'REQUEST_CHANGE',
      'COMPLETE',
      'RETURN',
      'CHOOSE',
      'DELEGATE',
      'REASSIGN',
      'CLAIM',
    ]
    const calls = ['CALL_BEGIN', 'CALL_ANSWERED', 'CALL_FAILED', 'WAITING_FOR_SYSTEM']
    const more = ['RELEASE', 'MOVE', 'RECALL', 'CANCEL', 'RESUME', 'REBASE', 'REVERT', 'TIME', 'PROCEED', 'a stand-in']
    const events = [
      'ElementKept',
      'WorkItemEscalated',
      'WorkItemOverdue',
      'ChangeRefused',
      'ProposalFaulted',
      'ProposalScheduled',
    ]
    const blockers = ['WAITING_FOR_PEOPLE', 'WAITING_FOR_QUEUE', 'NO_ELIGIBLE_APPROVER', 'STAND_IN_EXCLUDED']
    const refusals = [
      'DELEGATE ALREADY_ASKED',
      'DELEGATE IS_AUTHOR',
      'DELEGATE ABSENT',
      'APPROVE STALE_REVISION',
      'EDIT PENDING_PROPOSAL',
    ]
    const wanted = [...commands, ...calls, ...more, ...events, ...blockers, ...refusals, ...Object.keys(next)]
    expect(wanted.filter((each) => !seen.has(each))).toEqual([])
  })
})
