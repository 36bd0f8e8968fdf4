// The whole process over HTTP: tasks, choices, queues, handing over, approving in part, scheduling, reverting, faults, absences.
import { afterAll, describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf, type Input, type Result } from './operations.ts'

let ahead = 0
const app = await startTestApp({ clock: () => new Date(Date.now() + ahead) })
const { run, runWhole, read, submitted, customerOf, userId, footprint } = operationsOf(app)
const company = 'USMF'
const [cora, carl, olga, tess, mia, adam] = await Promise.all(
  ['cora', 'carl', 'olga', 'tess', 'mia', 'adam'].map((name) => userId(name)),
)

const done = new Set<string>()
/** Runs a command with a key of its own, and again: the second time is answered alike and does nothing. */
const once = async (user: string, mutation: string, input: Input): Promise<Result> => {
  const keyed = { ...input, idempotencyKey: `${mutation} ${done.size} ${JSON.stringify(input)}`.slice(0, 255) }
  const first = await runWhole(user, mutation, keyed)
  expect([mutation, first]).toEqual([mutation, { data: first.data }])
  const before = await footprint()
  expect([mutation, await runWhole(user, mutation, keyed)]).toEqual([
    mutation,
    { data: first.data, extensions: { replayed: true } },
  ])
  expect([mutation, await footprint()]).toEqual([mutation, before])
  done.add(mutation)
  return first.data[mutation]!
}
afterAll(() => {
  expect([...done].sort()).toEqual(
    [
      'approve',
      'cancelRun',
      'choose',
      'claim',
      'completeTask',
      'delegate',
      'moveToQueue',
      'reassign',
      'release',
      'resumeRun',
      'returnTask',
      'revertProposal',
      'scheduleProposal',
    ].sort(),
  )
})

/** A workflow that is taken for these customers alone. */
const workflowFor = async (accounts: readonly string[], elements: readonly Input[]): Promise<void> => {
  const saved = await run('adam', 'saveWorkflow', {
    company,
    name: `For ${accounts.join(', ')}`,
    activation: accounts.map((a) => `customer.account == "${a}"`).join(' || '),
    definition: { elements },
    activate: true,
  })
  if (saved.workflow === undefined) throw new Error(JSON.stringify(saved))
}
const asks = (to: Input, more: Input = {}) => ({ name: 'Step', assign: [{ to }], ...more })
const approval = (to: Input, more: Input = {}, step: Input = {}) => ({
  approval: { name: 'Approval', steps: [asks(to, step)], ...more },
})

type Named = { name: string } | null
type Seat = {
  id: string
  kind: string
  status: string
  subject: string
  assignee: Named
  standIn: Named
  queue: Named
  dueAt: string | null
  whenDue: string | null
  overdue: boolean
  escalationLevel: number
  choices: string[] | null
  changes: { id: string; field: Named }[]
  proposal: { id: string; revision: number }
  actions: { action: string; allowed: boolean; reason: string | null }[]
}
const seat = `id kind status subject assignee { name } standIn { name } queue { name } dueAt whenDue overdue escalationLevel choices
  changes { id field { name } } proposal { id revision } actions { action allowed reason }`
/** The one open item of a customer's proposal, as somebody sees it. */
const openItem = async (account: string, as: string): Promise<Seat> => {
  const { proposal } = (await customerOf(as, account, `proposal { workItems(open: true) { ${seat} } }`)) as {
    proposal: { workItems: Seat[] }
  }
  const [item, another] = proposal.workItems
  if (item === undefined || another !== undefined) throw new Error(`${account}: ${JSON.stringify(proposal)}`)
  return item
}
const answerTo = async (account: string, as: string): Promise<{ workItemId: string; revision: number }> => {
  const { id, proposal } = await openItem(account, as)
  return { workItemId: id, revision: proposal.revision }
}
const allowed = ({ actions }: Seat): string[] => actions.filter((a) => a.allowed).map((a) => a.action)
const see = async <T>(as: string, account: string, selection: string): Promise<T> =>
  (await customerOf(as, account, selection)) as T

for (const [name, memberIds] of [
  ['desk', [cora, carl]],
  ['back office', [tess]],
] as const)
  await run('adam', 'saveQueue', { company, name, memberIds })
const { queues } = await read<{ queues: { id: string; name: string }[] }>(
  'adam',
  '{ queues(company: "USMF") { id name } }',
)
const queueId = (name: string) => queues.find((q) => q.name === name)?.id

describe('a proposal', () => {
  test('goes through task, choice and queue, and is approved in part by whom it was handed to', async () => {
    const account = 'US-130'
    await workflowFor(
      [account],
      [
        { task: { name: 'Check', step: asks({ users: [cora] }) } },
        {
          decision: {
            name: 'Way',
            step: asks({ users: [carl] }),
            outcomes: [
              { name: 'Quick', elements: [] },
              { name: 'Thorough', elements: [approval({ queue: 'desk' })] },
            ],
          },
        },
        approval({ users: [tess] }, { name: 'Last', partial: true }),
      ],
    )
    const { id } = await submitted('clara', account, { set: { creditLimit: '1300000', name: 'Partly' } })
    const task = await openItem(account, 'cora')
    expect(task).toMatchObject({ kind: 'TASK', assignee: { name: 'Cora Novak' }, choices: null, queue: null })
    expect(allowed(task)).toEqual(['COMPLETE', 'RETURN', 'DELEGATE', 'COMMENT'])
    expect(await run('cora', 'approve', await answerTo(account, 'cora'))).toMatchObject({ code: 'NOT_OFFERED' })
    await once('cora', 'completeTask', { ...(await answerTo(account, 'cora')), comment: 'Looked up.' })

    const choice = await openItem(account, 'carl')
    expect(choice).toMatchObject({ kind: 'DECISION', choices: ['Quick', 'Thorough'] })
    expect(await run('carl', 'choose', { ...(await answerTo(account, 'carl')), choice: 'Other' })).toMatchObject({
      __typename: 'ValidationError',
      code: 'INVALID_VALUE',
      path: ['input', 'choice'],
    })
    await once('carl', 'choose', { ...(await answerTo(account, 'carl')), choice: 'Thorough' })

    const lying = await openItem(account, 'cora')
    expect(lying).toMatchObject({ kind: 'APPROVAL', assignee: null, queue: { name: 'desk' } })
    expect(allowed(lying)).toEqual(['CLAIM', 'MOVE', 'COMMENT'])
    type Shown = {
      proposal: {
        blockers: { code: string; queue: Named; waitingFor: Named[] }[]
        route: { kind: string; status: string; branches: { name: string; taken: boolean | null }[] }[]
        decisions: { outcome: string; choice: string | null; comment: string | null }[]
      }
    }
    const route = `proposal { blockers { code queue { name } waitingFor { name } } decisions { outcome choice comment }
      route { kind status steps { name dueAt assignments { queue { name } } } branches { name taken elements { name kind status steps { assignments { queue { name } } } } } } }`
    expect((await see<Shown>('clara', account, route)).proposal).toMatchObject({
      blockers: [{ code: 'WAITING_FOR_QUEUE', queue: { name: 'desk' } }],
      decisions: [
        { outcome: 'COMPLETED', choice: null, comment: 'Looked up.' },
        { outcome: 'CHOSEN', choice: 'Thorough' },
      ],
      route: [
        { kind: 'TASK', status: 'DONE', branches: [] },
        {
          kind: 'DECISION',
          branches: [
            { name: 'Quick', taken: false, elements: [] },
            {
              name: 'Thorough',
              taken: true,
              elements: [
                { kind: 'APPROVAL', status: 'RUNNING', steps: [{ assignments: [{ queue: { name: 'desk' } }] }] },
              ],
            },
          ],
        },
        { kind: 'APPROVAL', status: 'TO_COME' },
      ],
    })

    const workItemId = lying.id
    expect(await run('tess', 'claim', { workItemId })).toMatchObject({ code: 'NOT_ASSIGNED' })
    expect((await once('cora', 'claim', { workItemId })).workItem).toMatchObject({ id: workItemId, status: 'OPEN' })
    expect(await run('carl', 'claim', { workItemId })).toMatchObject({ code: 'WRONG_STATE', about: { id } })
    expect(await openItem(account, 'cora')).toMatchObject({ assignee: { name: 'Cora Novak' } })
    await once('cora', 'release', { workItemId })
    expect(await run('cora', 'moveToQueue', { workItemId, queueId: 'x' })).toMatchObject({
      code: 'NOT_FOUND',
      path: ['input', 'queueId'],
    })
    await once('cora', 'moveToQueue', { workItemId, queueId: queueId('back office'), comment: 'Yours.' })
    expect(await run('cora', 'claim', { workItemId })).toMatchObject({ code: 'NOT_ASSIGNED' })
    await run('tess', 'claim', { workItemId })
    await run('tess', 'approve', await answerTo(account, 'tess'))

    const last = await answerTo(account, 'tess')
    for (const [to, code] of [
      [await userId('clara'), 'IS_AUTHOR'],
      [await userId('dieter', 'DEMF'), 'NOT_MEMBER'],
      [adam, 'IS_AUTHOR'],
      [tess, 'NOT_PERMITTED'],
    ] as const)
      expect(await run('tess', 'delegate', { workItemId: last.workItemId, to })).toMatchObject({
        code,
        path: ['input', 'to'],
      })
    await once('tess', 'delegate', { workItemId: last.workItemId, to: olga, comment: 'Please.' })
    expect(await run('olga', 'delegate', { workItemId: last.workItemId, to: tess })).toMatchObject({
      __typename: 'NotPermittedError',
      code: 'ALREADY_ASKED',
    })
    const { changes } = await openItem(account, 'olga')
    const changeId = changes.find((c) => c.field?.name === 'name')?.id
    const given = await answerTo(account, 'olga')
    const refuse = [{ changeId, reason: 'Not its name.' }]
    for (const [wrong, code, at] of [
      [[{ changeId, reason: ' ' }], 'REASON_REQUIRED', 'reason'],
      [[{ changeId: 'x', reason: 'x' }], 'NOT_FOUND', 'changeId'],
    ] as const)
      expect(await run('olga', 'approve', { ...given, refuse: wrong })).toMatchObject({
        code,
        path: ['input', 'refuse', '0', at],
      })
    const approved = await once('olga', 'approve', { ...given, refuse })
    expect(approved.proposal).toMatchObject({ id, status: 'APPLIED', revision: given.revision + 1 })
    expect(await customerOf('clara', account, 'creditLimit')).toEqual({ creditLimit: '1300000.00' })
    const node = `query ($id: ID!) { node(id: $id) { ... on Proposal { changes { field { name } refusal { by { name } reason } } conflicts { kind } } } }`
    expect((await read<{ node: { changes: unknown[] } }>('clara', node, { id })).node.changes).toEqual(
      expect.arrayContaining([
        { field: { name: 'creditLimit' }, refusal: null },
        { field: { name: 'name' }, refusal: { by: { name: expect.any(String) as string }, reason: 'Not its name.' } },
      ]),
    )
  })

  test('is rejected by a task that is returned, which needs a reason', async () => {
    const account = 'US-131'
    await workflowFor(
      [account],
      [{ task: { name: 'Check', step: asks({ users: [cora] }) } }, approval({ users: [tess] })],
    )
    await submitted('clara', account, { set: { creditLimit: '1310000' } })
    const target = await answerTo(account, 'cora')
    expect(await run('cora', 'returnTask', { ...target, comment: ' ' })).toMatchObject({ code: 'REASON_REQUIRED' })
    const returned = await once('cora', 'returnTask', { ...target, comment: 'No such firm.' })
    expect(returned.proposal).toMatchObject({ status: 'REJECTED' })
  })

  test('with a time of its own waits for it as scheduled, beside what else is proposed', async () => {
    const account = 'US-132'
    await workflowFor([account, 'US-133'], [approval({ users: [tess] })])
    const made = await run('clara', 'updateCustomer', { company, account, set: { creditLimit: '1320000' } })
    const proposalId = made.proposal?.id ?? ''
    const effectiveAt = `${new Date().getUTCFullYear() + 1}-01-01T00:00:00.000001Z`
    const tooFar = { proposalId, effectiveAt: '2199-01-01T00:00:00Z' }
    expect(await run('clara', 'scheduleProposal', tooFar)).toMatchObject({ path: ['input', 'effectiveAt'] })
    expect(await run('clara', 'scheduleProposal', { proposalId })).toMatchObject({
      __typename: 'ValidationError',
      code: 'INVALID_VALUE',
      path: ['input', 'effectiveAt'],
    })
    expect((await once('clara', 'scheduleProposal', { proposalId, effectiveAt: null })).proposal?.id).toBe(proposalId)
    await once('clara', 'scheduleProposal', { proposalId, effectiveAt })
    await run('clara', 'submitProposal', { proposalId })
    const answer = await run('tess', 'approve', await answerTo(account, 'tess'))
    expect(answer.proposal).toMatchObject({ status: 'SCHEDULED' })
    const shown =
      'reviewStatus proposal { status } scheduledProposals { id status effectiveAt blockers { code dueAt } }'
    const waiting = {
      id: proposalId,
      status: 'SCHEDULED',
      effectiveAt,
      blockers: [{ code: 'SCHEDULED', dueAt: effectiveAt }],
    }
    expect(await see('clara', account, shown)).toEqual({
      reviewStatus: 'CHANGES_SCHEDULED',
      proposal: null,
      scheduledProposals: [waiting],
    })
    const found = async (reviewStatus: string) =>
      (
        await read<{ customers: { totalCount: number; edges: { node: { account: string; reviewStatus: string } }[] } }>(
          'clara',
          `{ customers(company: "USMF", first: 100, filter: { reviewStatus: [${reviewStatus}], search: "US-13" }) { totalCount edges { node { account reviewStatus } } } }`,
        )
      ).customers.edges.map(({ node }) => node)
    expect(await found('CHANGES_SCHEDULED')).toEqual([{ account, reviewStatus: 'CHANGES_SCHEDULED' }])
    expect((await found('NO_CHANGES')).map((c) => c.account)).not.toContain(account)

    await run('clara', 'updateCustomer', { company, account, set: { name: 'Beside' } })
    expect(await see('clara', account, `${shown} `)).toMatchObject({
      reviewStatus: 'CHANGES_NOT_SUBMITTED',
      proposal: { status: 'DRAFT' },
      scheduledProposals: [{ ...waiting, blockers: [{ code: 'SCHEDULED' }, { code: 'OTHER_PROPOSAL' }] }],
    })
    expect(await found('CHANGES_SCHEDULED')).toEqual([])
    expect((await found('CHANGES_NOT_SUBMITTED')).map((c) => c.account)).toContain(account)
    // Taken back it would be a second open proposal: the action says so, and so does the command.
    const actions = 'scheduledProposals { actions { action allowed reason } }'
    const { scheduledProposals } = await see<{ scheduledProposals: Pick<Seat, 'actions'>[] }>('clara', account, actions)
    expect(scheduledProposals[0]?.actions).toContainEqual({ action: 'RECALL', allowed: false, reason: 'WRONG_STATE' })
    const recall = { proposalId, comment: 'Not yet.' }
    expect(await run('clara', 'recallProposal', recall)).toMatchObject({ __typename: 'WrongStateError' })
    const beside = (await see<{ proposal: { id: string } }>('clara', account, 'proposal { id }')).proposal.id
    await run('clara', 'discardProposal', { proposalId: beside })
    expect((await run('clara', 'recallProposal', recall)).proposal?.status).toBe('DRAFT')
  })

  test('that was applied is proposed backwards', async () => {
    const account = 'US-133'
    const before = (await customerOf('clara', account, 'creditLimit')) as { creditLimit: string }
    const { id: proposalId } = await submitted('clara', account, { set: { creditLimit: '1330000' } })
    expect(await run('clara', 'revertProposal', { proposalId })).toMatchObject({ __typename: 'WrongStateError' })
    await run('tess', 'approve', await answerTo(account, 'tess'))
    const reverted = await once('clara', 'revertProposal', { proposalId, reason: 'Too soon.' })
    expect(reverted.proposal).toMatchObject({ status: 'DRAFT', changes: [{ proposed: { raw: before.creditLimit } }] })
    expect(await see('clara', account, 'proposal { reverts { id status } changes { source reason } }')).toEqual({
      proposal: {
        reverts: { id: proposalId, status: 'APPLIED' },
        changes: [{ source: 'REVERT', reason: 'Too soon.' }],
      },
    })
    expect(await run('clara', 'revertProposal', { proposalId })).toMatchObject({ __typename: 'PendingProposalError' })
  })

  test('is reassigned, ended and gone on with by an administrator, never for themself', async () => {
    const account = 'US-134'
    await workflowFor([account], [approval({ users: [tess] }, {}, { timeLimit: { amount: 1, unit: 'HOURS' } })])
    const { id: proposalId } = await submitted('clara', account, { set: { paymentTerms: 'Net90' } })
    const { workItemId } = await answerTo(account, 'adam')
    expect(await run('adam', 'reassign', { workItemId, to: adam })).toMatchObject({ code: 'NOT_PERMITTED' })
    await once('adam', 'reassign', { workItemId, to: mia })
    const asked = await openItem(account, 'mia')
    expect(asked).toMatchObject({
      assignee: { name: expect.stringContaining('Mia') as string },
      overdue: false,
      escalationLevel: 0,
      whenDue: 'It stays open and is shown as overdue.',
    })
    ahead = 2 * 3_600_000
    expect(await openItem(account, 'mia')).toMatchObject({ overdue: true, dueAt: asked.dueAt })
    ahead = 0
    expect(await run('adam', 'cancelRun', { proposalId, comment: ' ' })).toMatchObject({ code: 'REASON_REQUIRED' })
    expect((await once('adam', 'cancelRun', { proposalId, comment: 'Stop.' })).proposal?.status).toBe('DRAFT')
    expect(await run('adam', 'cancelRun', { proposalId, comment: 'x' })).toMatchObject({ code: 'WRONG_STATE' })

    await run('clara', 'submitProposal', { proposalId })
    const terms = { company, kind: 'PAYMENT_TERMS' }
    await run('adam', 'setReferenceValues', { ...terms, deactivate: ['Net90'] })
    const stopped = await run('tess', 'approve', await answerTo(account, 'tess'))
    expect(stopped.proposal).toMatchObject({ status: 'FAULTED', fault: { code: 'INVALID_VALUE' } })
    await run('adam', 'setReferenceValues', { ...terms, upsert: [{ code: 'Net90', name: 'Net 90' }] })
    expect((await once('adam', 'resumeRun', { proposalId, comment: 'Back.' })).proposal?.status).toBe('APPLIED')
    expect(await run('adam', 'resumeRun', { proposalId, comment: 'x' })).toMatchObject({ code: 'WRONG_STATE' })
  })

  test('is decided by a stand-in, who then sees what it is about, and both names are kept', async () => {
    const account = 'US-135'
    await workflowFor([account], [approval({ users: [tess] })])
    await submitted('clara', account, { set: { taxExemptNumber: 'T-135' } })
    const raw = 'proposal { changes { proposed { raw masked } } }'
    const masked = { proposal: { changes: [{ proposed: { raw: null, masked: true } }] } }
    expect(await see('olga', account, raw)).toEqual(masked)
    const now = Date.now()
    await run('tess', 'setAbsence', {
      standInId: olga,
      from: new Date(now - 1000).toISOString(),
      until: new Date(now + 3_600_000).toISOString(),
    })
    expect(await openItem(account, 'olga')).toMatchObject({
      assignee: { name: expect.stringContaining('Tess') as string },
      standIn: { name: expect.stringContaining('Olga') as string },
    })
    expect(await see('olga', account, raw)).toEqual({
      proposal: { changes: [{ proposed: { raw: 'T-135', masked: false } }] },
    })
    expect(await see('cora', account, raw)).toEqual(masked)
    expect(await run('tess', 'approve', await answerTo(account, 'tess'))).toMatchObject({ code: 'ABSENT' })
    const { proposal } = await run('olga', 'approve', await answerTo(account, 'olga'))
    const decided = `query ($id: ID!) { node(id: $id) { ... on Proposal { status decisions { actor { name } onBehalfOf { name } } } } }`
    expect(await read('clara', decided, { id: proposal?.id })).toMatchObject({
      node: {
        status: 'APPLIED',
        decisions: [
          {
            actor: { name: expect.stringContaining('Olga') as string },
            onBehalfOf: { name: expect.stringContaining('Tess') as string },
          },
        ],
      },
    })
  })
})
