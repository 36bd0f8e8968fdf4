// DOMAIN section 5: an automated element that asks a webhook, and goes on by what it answers.
import { describe, expect, it } from 'vitest'
import type { KnownWebhook } from '../../server/domain/company.ts'
import { nextDue } from '../../server/domain/due.ts'
import { previewSubmit } from '../../server/domain/explain.ts'
import type { WebhookCall } from '../../server/domain/proposal.ts'
import { callLifeMs, nextCall, openCalls, retryDelaysMs } from '../../server/domain/workflow/calls.ts'
import { validateDefinition } from '../../server/domain/workflow/validate.ts'
import { World, type Setup } from './world.ts'
import { approval, assignment, parse, step, workflow, type Json } from './workflow/definitions.ts'

const bureau: KnownWebhook = { id: 'hook', name: 'Bureau', active: true }
const by = (name: string, who: string): Json => step({ name, assign: [assignment({ users: [who] })] })
const ask = (name: string, ...who: string[]): Json => approval({ name, steps: who.map((each) => by(name, each)) })
const outcome = (name: string, ...elements: Json[]): Json => ({ name, elements })
const asks = (...outcomes: Json[]): Json => ({
  automated: { name: 'Credit', webhookId: 'hook', ...(outcomes.length > 0 && { outcomes }) },
})
const last = ask('Last', 'olga')
const good = outcome('good', ask('Good', 'cora'))
const bad = outcome('bad', ask('Bad', 'carl'))

const drafted = (definition: Json, setup: Setup = {}): World => {
  const world = new World({ definition, webhooks: [bureau], ...setup })
  world.edit('clara', { creditLimit: '60000' })
  return world
}
const submitted = (definition: Json, setup: Setup = {}): World => {
  const world = drafted(definition, setup)
  world.submit('clara')
  return world
}
const callOf = (world: World, n = 0): WebhookCall => {
  const found = openCalls(world.proposal)[n]
  if (found === undefined) throw new Error('Nothing is asked')
  return found.call
}
const begin = (world: World, call = callOf(world)): WebhookCall => {
  world.system({ kind: 'CALL_BEGIN', callId: call.id, leaseMs: 20 * 60_000 })
  return openCalls(world.proposal).find((each) => each.call.id === call.id)?.call ?? call
}
const answer = (world: World, said: string, comment: string | null = null, call = callOf(world)): void =>
  void world.system({ kind: 'CALL_ANSWERED', callId: call.id, outcome: said, comment })
const fail = (world: World, failure = 'It answered with status 500.', call = callOf(world)): void =>
  void world.system({ kind: 'CALL_FAILED', callId: call.id, attempt: call.attempts, failure })
/** Tries until it is given up; how long each pause was, in seconds. */
const failForGood = (world: World): number[] => {
  const pauses: number[] = []
  while (world.status === 'PENDING') {
    const next = Date.parse(nextCall(world.proposal) ?? '')
    world.wait(Math.max(0, next - Date.parse(world.now)) / 3_600_000)
    const begun = begin(world)
    fail(world, 'It answered with status 500.', begun)
    const again = nextCall(world.proposal)
    if (again !== null) pauses.push(Math.round((Date.parse(again) - Date.parse(world.now)) / 1000))
  }
  return pauses
}
const goOn = (world: World): void => void world.do('adam', { kind: 'RESUME', comment: 'Mended' })

describe('an element that asks a webhook', () => {
  it('waits, runs, and says whom it waits for', () => {
    const world = submitted(workflow(asks(good, bad), last))
    const call = callOf(world)
    expect([world.status, world.asked, nextCall(world.proposal), nextDue(world.proposal)]).toEqual([
      ...['PENDING', [], call.since, null],
    ])
    expect(world.route.map((e) => e.status)).toEqual(['RUNNING', 'TO_COME'])
    expect(
      world.route[0]?.branches.map((b) => [b.name, b.taken, b.elements[0]?.steps[0]?.assignments[0]?.peopleIds]),
    ).toEqual([
      ['good', null, ['cora']],
      ['bad', null, ['carl']],
    ])
    expect(world.blockers).toEqual([
      expect.objectContaining({
        code: 'WAITING_FOR_SYSTEM',
        message: 'Waits for the answer of "Bureau" at "Credit".',
        since: call.since,
      }),
    ])
  })
  it('goes the way that is answered, by a decision of the system that says who has given it', () => {
    const world = submitted(workflow(asks(good, bad), last))
    begin(world)
    answer(world, 'bad', 'Two reminders')
    expect([world.asked, nextCall(world.proposal)]).toEqual([['carl'], null])
    const [decision] = world.proposal.decisions
    expect(decision).toMatchObject({
      ...{ actorId: null, automatic: true, outcome: 'CHOSEN', choice: 'bad', comment: 'Two reminders' },
    })
    expect(world.route[0]).toMatchObject({
      status: 'RUNNING',
      decisionIds: [decision?.id],
      branches: [{ taken: false }, { taken: true }],
    })
    expect(world.events.find((e) => e.type === 'AutomaticAction')).toMatchObject({
      actorId: null,
      data: { path: 'elements.0', webhookId: 'hook', webhook: 'Bureau', outcome: 'bad', comment: 'Two reminders' },
    })
    world.approve('carl')
    expect(world.route[0]?.status).toBe('DONE')
    world.approve('olga')
    expect(world.status).toBe('APPLIED')
  })
  it('without outcomes goes on when it has passed, and stops with a sentence when it has failed', () => {
    const passed = submitted(workflow(asks(), last))
    answer(passed, 'passed')
    expect(passed.asked).toEqual(['olga'])
    const world = submitted(workflow(asks(), last))
    answer(world, 'failed', 'Nobody knows them')
    expect(world.proposal).toMatchObject({
      status: 'FAULTED',
      fault: {
        code: 'INVALID_VALUE',
        message: '"Credit" has failed: Nobody knows them.',
        at: ['elements', '0', 'automated'],
      },
    })
    goOn(world)
    expect([world.status, callOf(world).attempts]).toEqual(['PENDING', 0])
    answer(world, 'passed')
    expect(world.asked).toEqual(['olga'])
  })
  it('covers nothing by its answer', () => {
    const world = submitted(workflow(asks()))
    answer(world, 'passed')
    expect([world.status, world.askedSteps]).toEqual(['PENDING', ['Not covered by the workflow']])
  })
  it('takes no answer that names none of its outcomes', () => {
    const world = submitted(workflow(asks(good, bad), last))
    for (const said of ['Good', 'passed', '']) expect(() => answer(world, said)).toThrow('none of the outcomes')
    expect([world.asked, world.proposal.decisions]).toEqual([[], []])
  })
})

describe('a request that brings no answer', () => {
  it('is made again after longer and longer pauses, and stops the run after a day', () => {
    const world = submitted(workflow(asks(good, bad), last))
    const { id, since } = callOf(world)
    const pauses = failForGood(world)
    expect(pauses.slice(0, 6)).toEqual([10, 60, 300, 900, 3600, 3600])
    expect(new Set(pauses.slice(5))).toEqual(new Set([3600]))
    expect(pauses.length).toBeGreaterThan(20)
    const call = world.proposal.runs[0]?.elements['elements.0']?.call
    expect([call?.id, call?.attempts]).toEqual([id, pauses.length + 1])
    const spent = Date.parse(world.now) - Date.parse(since)
    expect(spent).toBeLessThanOrEqual(callLifeMs)
    expect(spent).toBeGreaterThan(callLifeMs - 2 * (retryDelaysMs.at(-1) ?? 0))
    expect(world.proposal).toMatchObject({ status: 'FAULTED', fault: { code: 'NO_ANSWER' } })
    expect(world.blockers[0]?.message).toMatch(
      /^The webhook "Bureau" has not answered "Credit": it was asked \d+ times, the last time without success\. It answered with status 500\. Recall/,
    )
  })
  it('is told of with what came of it and when it is made again', () => {
    const world = submitted(workflow(asks(good, bad), last))
    fail(world, 'The endpoint refused the connection.', begin(world))
    expect(world.blockers[0]?.message).toMatch(
      /The last of 1 requests has failed\. The endpoint refused the connection\. It is asked again on 2026-11-22 \d\d:\d\d UTC\.$/,
    )
  })
  it('is made again when nothing has been heard of it', () => {
    const world = submitted(workflow(asks(good, bad), last))
    const first = begin(world)
    expect(begin(world)).toEqual(first)
    world.wait(1)
    expect(begin(world)).toMatchObject({ id: first.id, attempts: 2 })
    // What the first one says of itself now is old news; an answer is an answer.
    const before = world.proposal
    fail(world, 'Too late', first)
    expect(world.proposal).toBe(before)
    answer(world, 'good', null, first)
    expect(world.asked).toEqual(['cora'])
  })
  it('for good is begun afresh by whoever resumes, as another question', () => {
    const world = submitted(workflow(asks(good, bad), last))
    const { id } = callOf(world)
    failForGood(world)
    goOn(world)
    expect(callOf(world)).toMatchObject({ attempts: 0, failure: null })
    expect(callOf(world).id).not.toBe(id)
    answer(world, 'good')
    expect(world.asked).toEqual(['cora'])
  })
})

describe('a question that is not asked any more', () => {
  it.each([
    ['is recalled', (world: World) => world.recall('clara')],
    ['is cancelled', (world: World) => world.do('adam', { kind: 'CANCEL', comment: 'No' })],
    ['is rejected', (world: World) => world.reject('mia')],
    ['is sent back', (world: World) => world.requestChange('mia')],
  ])('because the proposal %s, is not answered any more', (_, end) => {
    const branches = [outcome('a', asks(good, bad)), outcome('b', ask('Beside', 'mia'))]
    const world = submitted(workflow({ parallel: { name: 'Both', branches } }, last))
    const call = begin(world)
    end(world)
    const before = world.proposal
    expect(nextCall(world.proposal)).toBeNull()
    answer(world, 'good', null, call)
    fail(world, 'No', call)
    expect(world.proposal).toBe(before)
    world.submit('clara')
    const submittedAgain = world.proposal
    answer(world, 'good', null, call)
    expect(world.proposal).toBe(submittedAgain)
    expect(callOf(world).id).not.toBe(call.id)
  })
  it('is asked again after a resubmission, whatever it had answered; what people answered behind it stays', () => {
    const world = submitted(workflow(asks(good, bad), last))
    answer(world, 'good')
    world.approve('cora')
    world.recall('clara')
    world.submit('clara')
    expect(world.asked).toEqual([])
    answer(world, 'good')
    expect([world.asked, world.route[0]?.branches[0]?.elements[0]?.status]).toEqual([['olga'], 'KEPT'])
  })
  it('stands still while the run is stopped elsewhere, and has all its time when it goes on', () => {
    const failing = { name: 'Rated', cases: [{ when: "customer.creditRating.startsWith('A')", elements: [] }] }
    const branches = [outcome('a', asks(good, bad)), outcome('b', ask('Beside', 'mia'), { condition: failing })]
    const world = submitted(workflow({ parallel: { name: 'Both', branches } }, last))
    const call = begin(world)
    world.approve('mia')
    expect([world.status, nextCall(world.proposal)]).toEqual(['FAULTED', null])
    const before = world.proposal
    answer(world, 'good', null, call)
    expect(world.proposal).toBe(before)
    world.wait(100)
    world.writeDirectly({ creditRating: 'A1' })
    goOn(world)
    expect(callOf(world)).toMatchObject({ id: call.id, attempts: 0, since: call.since })
    answer(world, 'good')
    expect(world.asked).toEqual(['cora'])
  })
})

describe('without its webhook', () => {
  it.each([
    ['deleted', [], 'has been deleted'],
    ['switched off', [{ ...bureau, active: false }], 'is switched off'],
  ])('a run stops with a sentence, at the next request as well: %s', (_, webhooks, why) => {
    const fault = {
      status: 'FAULTED',
      fault: { code: 'INVALID_WORKFLOW', message: expect.stringContaining(why) as string },
    }
    expect(submitted(workflow(asks(good, bad)), { webhooks }).proposal).toMatchObject(fault)
    const world = submitted(workflow(asks(good, bad), last))
    world.company = { ...world.company, webhooks: new Map(webhooks.map((each) => [each.id, each])) }
    begin(world)
    expect(world.proposal).toMatchObject(fault)
    world.company = { ...world.company, webhooks: new Map([[bureau.id, bureau]]) }
    goOn(world)
    answer(world, 'good')
    expect(world.asked).toEqual(['cora'])
  })
})

describe('a preview', () => {
  const preview = (definition: Json) => {
    const world = drafted(definition)
    return previewSubmit(world.found, world.as('clara'))
  }
  it('shows every branch and asks nobody, the system included', () => {
    const world = drafted(workflow(asks(good, bad), last))
    const { route, errors, blockers } = previewSubmit(world.found, world.as('clara'))
    expect([errors, blockers]).toEqual([[], []])
    expect(route.map((e) => [e.status, ...e.branches.map((b) => b.taken)])).toEqual([
      ['TO_COME', null, null],
      ['TO_COME'],
    ])
    world.submit('clara')
    expect(world.status).toBe('PENDING')
  })
  it('foresees no last question where each branch covers the changes, and one where one of them does not', () => {
    const kinds = (definition: Json) => preview(definition).route.map((e) => e.kind)
    expect(kinds(workflow(asks(good, bad)))).toEqual(['AUTOMATED'])
    expect(kinds(workflow(asks(good, outcome('bad'))))).toEqual(['AUTOMATED', 'UNCOVERED'])
  })
  it('does not miss in a branch whom it may never have to ask', () => {
    const nobody = outcome('bad', ask('Bad', 'clara'))
    expect(preview(workflow(asks(good, nobody), last)).errors).toEqual([])
    expect(preview(workflow(asks(good, bad), ask('Last', 'clara'))).errors).toMatchObject([
      { code: 'NO_ELIGIBLE_APPROVER' },
    ])
  })
})

describe('a definition', () => {
  const problems = (element: Json, setup: Setup = {}): string[] => {
    const { company } = new World({ webhooks: [bureau], ...setup })
    const self = { id: null, activation: null, ownerId: 'adam' }
    return validateDefinition(parse(workflow(element, last)), company, self, ['wanda'])
      .filter((p) => p.severity === 'ERROR')
      .map((p) => `${p.path}: ${p.message}`)
  }
  const of = (more: Json): Json => ({ automated: { name: 'Credit', ...more } })

  it('names a webhook of the company that is not switched off', () => {
    expect(problems(asks(good, bad))).toEqual([])
    expect(problems(asks())).toEqual([])
    expect(problems(of({ webhookId: 'other' }))).toEqual([
      'elements.0.automated.webhookId: USMF has no such webhook; name one of its webhooks.',
    ])
    expect(problems(asks(), { webhooks: [{ ...bureau, active: false }] })[0]).toContain('is switched off')
  })
  it('has either a check or a webhook, and outcomes of different names', () => {
    expect(problems(of({ webhookId: 'hook', check: 'IBAN' }))).toEqual([
      'elements.0.automated: The system either checks or asks a webhook here; remove check or webhookId.',
    ])
    expect(problems(of({}))[0]).toContain('Nothing is said of what the system does here')
    expect(problems(asks(good, good))[0]).toContain('Another outcome is called "good" too')
  })
  it('leads somewhere by each of its outcomes', () => {
    const { company } = new World({ webhooks: [bureau] })
    const self = { id: null, activation: null, ownerId: 'adam' }
    const found = validateDefinition(parse(workflow(asks(good, outcome('bad')))), company, self, ['wanda'])
    expect(found[0]).toMatchObject({ path: 'elements.0.automated.outcomes.1.elements', severity: 'ERROR' })
    expect(found[0]?.message).toContain('"bad"')
  })
})
