// What holds for every workflow and whatever people do.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { itemActions, proposalActions, type Action } from '../../server/domain/actions.ts'
import { conflictsOf } from '../../server/domain/conflict.ts'
import type { Command } from '../../server/domain/decide.ts'
import { blockersOf, previewSubmit } from '../../server/domain/explain.ts'
import { isOpen, type ChangeRef, type Proposal, type ProposalStatus } from '../../server/domain/proposal.ts'
import { project, validateRecord } from '../../server/domain/record.ts'
import { people, scenario, simulate, type Scenario } from './generated.ts'
import { missingFor, Parties } from './oracle.ts'
import { editOf, type World } from './world.ts'

// Milliseconds on a quiet machine, seconds on a busy one.
vi.setConfig({ testTimeout: 60_000 })

/** Asserts over many lives; a failure prints seed, path and the smallest life that shows it. */
const forEveryLife = (see: (scenario: Scenario) => void, numRuns = 150, maxMoves = 3): void =>
  fc.assert(fc.property(scenario(maxMoves), see), { numRuns })

const next: Record<ProposalStatus, readonly ProposalStatus[]> = {
  DRAFT: ['PENDING', 'SCHEDULED', 'APPLIED', 'CONFLICTED', 'FAULTED', 'REJECTED', 'DISCARDED'],
  PENDING: ['SCHEDULED', 'APPLIED', 'CONFLICTED', 'FAULTED', 'REJECTED', 'CHANGES_REQUESTED', 'DRAFT'],
  CHANGES_REQUESTED: ['PENDING', 'SCHEDULED', 'APPLIED', 'CONFLICTED', 'FAULTED', 'REJECTED', 'DISCARDED'],
  REJECTED: ['PENDING', 'SCHEDULED', 'APPLIED', 'CONFLICTED', 'FAULTED', 'DISCARDED'],
  CONFLICTED: ['PENDING', 'SCHEDULED', 'APPLIED', 'FAULTED', 'REJECTED', 'DRAFT', 'DISCARDED'],
  SCHEDULED: ['APPLIED', 'CONFLICTED', 'FAULTED', 'DRAFT'],
  FAULTED: ['DRAFT'],
  APPLIED: [],
  DISCARDED: [],
}

const digestsOf = (proposal: Proposal | null): string =>
  (proposal?.changes ?? [])
    .map((c) => `${c.id}=${c.digest}`)
    .sort()
    .join()

describe('from any sequence of commands', () => {
  it('applies nothing without living cover for exactly its digests', () => {
    let applied = 0
    forEveryLife((life) => {
      const parties = new Parties()
      simulate(life, (world, played) => {
        if (played.result.ok) parties.follow(world, played.who, played.result.value.events)
        const { proposal } = world.state
        const done = played.result.ok && proposal?.runs.at(-1)?.end?.how === 'APPROVED'
        const before = played.before.proposal?.runs.at(-1)
        if (!done || (before?.id === proposal.runs.at(-1)?.id && before?.end?.how === 'APPROVED')) return
        applied++
        expect(missingFor(world, proposal, parties.excluded(world, proposal))).toEqual([])
      })
    }, 300)
    expect(applied).toBeGreaterThan(40)
  })

  it('lets nobody decide who had a hand in it, unless the company allows that', () => {
    let byAuthors = 0
    forEveryLife((life) => {
      const parties = new Parties()
      simulate(life, (world, played) => {
        const { proposal } = world.state
        const decided = played.result.ok && ['APPROVE', 'REJECT', 'REQUEST_CHANGE'].includes(played.command.kind)
        if (decided && proposal !== null) {
          const excluded = parties.excluded(world, proposal)
          expect([...excluded]).not.toContain(played.who)
          expect(world.company.directory.people.get(played.who)?.active).toBe(true)
          if (proposal.involved.some((i) => i.userId === played.who)) byAuthors++
        }
        if (played.result.ok) parties.follow(world, played.who, played.result.value.events)
      })
    })
    expect(byAuthors).toBeGreaterThan(0)
  })

  it('keeps the number of seats of a step, gives nobody two of them, and lets nobody answer twice', () => {
    forEveryLife((life) => {
      const seats = new Map<string, readonly string[]>()
      simulate(life, (world) => {
        const { proposal } = world.state
        const { people } = world.as('clara').company.directory
        for (const run of proposal?.runs ?? []) {
          for (const [path, fact] of Object.entries(run.steps)) {
            if (fact.kind !== 'ASKED') continue
            const now = [...new Set(fact.assignments.flatMap((a) => a.items))]
            const then = seats.get(`${run.id} ${path}`) ?? now
            seats.set(`${run.id} ${path}`, now)
            const closed = then.filter((id) => !now.includes(id))
            const opened = now.filter((id) => !then.includes(id))
            // Only the seat of somebody who has been deactivated closes, and only then another one may open.
            for (const id of closed) {
              const item = proposal?.items.find((i) => i.id === id)
              expect(item?.status).toBe('WITHDRAWN')
              expect(people.get(item?.assigneeId ?? '')?.active).not.toBe(true)
            }
            if (closed.length === 0) expect(opened).toEqual([])
            const items = proposal?.items.filter((i) => now.includes(i.id)) ?? []
            expect(new Set(items.map((i) => i.assigneeId)).size).toBe(items.length)
            const answers = proposal?.decisions.filter((d) => d.runId === run.id && d.stepPath === path) ?? []
            expect(new Set(answers.map((d) => d.actorId)).size).toBe(answers.length)
          }
        }
        const open = proposal?.items.filter((i) => i.status === 'OPEN') ?? []
        expect(new Set(open.map((i) => `${i.stepPath} ${i.assigneeId}`)).size).toBe(open.length)
      })
    })
  })

  it('changes nothing by what it refuses, and raises the revision with the content and only then', () => {
    forEveryLife((life) => {
      simulate(life, (world, { before, result }) => {
        const [was, is] = [before.proposal, world.state.proposal]
        if (!result.ok) return expect(world.state).toBe(before)
        if (was !== null && is !== null && was.id !== is.id) return expect(isOpen(was)).toBe(false)
        const changed = digestsOf(was) !== digestsOf(is)
        if (was !== null && is !== null) expect(is.revision - was.revision).toBe(changed ? 1 : 0)
        for (const change of is?.changes ?? []) {
          const earlier = was?.changes.find((c) => c.id === change.id)
          const same =
            earlier &&
            JSON.stringify([earlier.base, earlier.proposed]) === JSON.stringify([change.base, change.proposed])
          if (same === true && earlier) expect(change.digest).toBe(earlier.digest)
        }
        return undefined
      })
    })
  })

  it('moves between states as the table of DOMAIN 4 says and keeps one open proposal', () => {
    const seen = new Set<string>()
    forEveryLife((life) => {
      simulate(life, (world, { before, result }) => {
        const [was, is] = [before.proposal, world.state.proposal]
        if (!result.ok || is === null) return
        if (was?.id !== is.id) {
          expect(was === null || !isOpen(was)).toBe(true)
          expect(['DRAFT', 'DISCARDED']).toContain(is.status)
        } else if (was.status !== is.status) {
          expect(next[was.status]).toContain(is.status)
          seen.add(`${was.status} → ${is.status}`)
        }
      })
    })
    expect(seen.size).toBeGreaterThan(5)
  })

  it('leaves no pending proposal that waits for nobody without saying so', () => {
    forEveryLife((life) => {
      simulate(life, (w) => {
        const { proposal, customer } = w.state
        if (proposal?.status !== 'PENDING') return
        const blockers = blockersOf({ customer, proposal }, w.as('adam'))
        const waiting = blockers.filter((b) => b.code === 'WAITING_FOR_PEOPLE')
        expect(waiting.every((b) => b.waitingForIds.length > 0)).toBe(true)
        expect(waiting.length > 0 || blockers.some((b) => b.code === 'NO_ELIGIBLE_APPROVER')).toBe(true)
      })
    })
  })
})

describe('actions', () => {
  const contents = ['CONFLICT', 'INVALID_VALUE', 'NO_ELIGIBLE_APPROVER', 'NO_WORKFLOW']

  const commandFor = (world: World, action: Action, changeRefs: readonly ChangeRef[]): Command | null => {
    const { proposal, customer } = world.state
    const revision = proposal?.revision ?? 0
    switch (action) {
      case 'EDIT':
        return proposal !== null && isOpen(proposal) ? editOf({ set: { name: `Name ${revision}` } }) : null
      case 'SUBMIT':
        return { kind: 'SUBMIT', expectedRevision: revision, comment: null }
      case 'DISCARD':
        return { kind: 'DISCARD_PROPOSAL', expectedRevision: revision }
      case 'COMMENT':
        return { kind: 'COMMENT', text: 'Please' }
      case 'RECALL':
        return { kind: 'RECALL', comment: 'Wait' }
      case 'REBASE': {
        const conflicts = conflictsOf(customer, proposal?.changes ?? [])
        const keep = conflicts.filter((c) => c.kind === 'CHANGED').map((c) => c.change.id)
        const drop = conflicts.filter((c) => c.kind === 'RECORD_REMOVED').map((c) => c.change.id)
        return { kind: 'REBASE', keep, drop, expectedRevision: revision, expectedCustomerVersion: customer.version }
      }
      default:
        return changeRefs.length === 0 ? null : null
    }
  }

  const agree = (world: World): void => {
    const { proposal, customer } = world.state
    if (proposal === null) return
    const alreadyInvalid =
      validateRecord(project(customer, proposal.changes), customer, world.company, new Set(['US-001'])).length > 0
    for (const { id: who } of people) {
      const ctx = world.as(who)
      for (const { action, allowed, reason, message } of proposalActions(ctx, proposal)) {
        const command = commandFor(world, action, [])
        if (command === null) continue
        const refusal = world.refusal(who, command)
        // What a submit meets in the content is the preview's to say, and it says exactly that.
        if (action === 'SUBMIT' && allowed) {
          const errors = previewSubmit({ customer, proposal }, ctx).errors.filter((e) => e.code !== 'CONDITION_FAILED')
          expect([action, who, refusal !== null]).toEqual([action, who, errors.length > 0])
          if (refusal !== null) expect(contents).toContain(refusal)
        } else if (allowed && refusal !== null && (action === 'REBASE' || (action === 'EDIT' && alreadyInvalid))) {
          expect(contents).toContain(refusal)
        } else {
          expect([action, who, refusal === null, refusal]).toEqual([action, who, allowed, reason])
          if (!allowed) expect(message).toMatch(/[.]$/)
        }
      }
      for (const item of proposal.items) {
        if (item.kind === 'RETURN') continue
        for (const { action, allowed, reason } of itemActions(ctx, proposal, item)) {
          if (action !== 'APPROVE' && action !== 'REJECT' && action !== 'REQUEST_CHANGE') continue
          const answer = { workItemId: item.id, revision: proposal.revision, comment: 'Because' }
          const refusal = world.refusal(
            who,
            action === 'REQUEST_CHANGE' ? { ...answer, kind: action, toId: null } : { ...answer, kind: action },
          )
          expect([action, who, refusal === null, refusal]).toEqual([action, who, allowed, reason])
        }
      }
    }
  }

  it('say yes exactly when the command would be carried out, and otherwise give its reason', () => {
    forEveryLife((life) => {
      let turn = 0
      const world = simulate(life, (w) => {
        if (turn++ % 9 === 3) agree(w)
      })
      agree(world)
    }, 35)
  })
})
