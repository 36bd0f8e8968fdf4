// What the gate and the exclusions rest on (DOMAIN sections 2, 8, 9 and 12): raw SQL that would loosen it without a word.
import { sql, type SQL } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Tx } from '../../server/db/connect.ts'
import { initialParameters } from '../../server/domain/company.ts'
import { saveParameters } from '../../server/store/companies.ts'
import { newId } from '../../server/store/ids.ts'
import { saveMember } from '../../server/store/members.ts'
import { loadProposal } from '../../server/store/proposals.ts'
import { saveProposal } from '../../server/store/save-proposal.ts'
import { insertUser } from '../../server/store/users.ts'
import { activateVersion, insertWorkflow, saveWorkflowVersion } from '../../server/store/workflows.ts'
import {
  aChange,
  anItem,
  append,
  aProposal,
  aRun,
  at,
  connectTest,
  createWorld,
  refusalOf,
  storedCustomer,
} from '../store/fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db, { fields: ['creditLimit'] })
const { companyId, clara, mia } = world

const refusal = (work: (tx: Tx) => Promise<unknown>) => refusalOf(db, work)
const refusalOfSql = (...statements: SQL[]) =>
  refusal(async (tx) => {
    for (const statement of statements) await tx.execute(statement)
  })

/** A proposal that runs, with an item: every table of its parts has a row. */
const running = async () => {
  const customer = await storedCustomer(db, world)
  const changes = [aChange(world, customer)]
  const run = aRun(world)
  const proposal = {
    ...aProposal(world, customer, changes),
    status: 'PENDING' as const,
    runs: [run],
    items: [anItem(world, run, changes)],
  }
  await db.transaction((tx) => saveProposal(tx, null, proposal))
  return { proposal, run }
}

describe('emptying a table', () => {
  it.each([
    'approval_fields',
    'changes',
    'direct_writes',
    'event_contents',
    'proposals cascade',
    'runs',
    'work_items',
    'involvements',
    'workflow_versions cascade',
    'workflow_activations',
    'memberships cascade',
    'log_heads',
    'queues cascade',
    'queue_members',
    'calendars',
    'absences',
    'companies cascade',
  ])('at once is refused: %s', async (table) => {
    expect(await refusalOfSql(sql.raw(`truncate ${table}`))).toBe('CS003')
  })

  it('of switches does not free a governed field in the same transaction', async () => {
    const { id } = await storedCustomer(db, world)
    const raise = sql`update customers set credit_limit = 1 where id = ${id}`
    expect(await refusalOfSql(sql`truncate approval_fields`, raise)).toBe('CS003')
    expect(await refusalOfSql(sql`delete from approval_fields where company_id = ${companyId}`, raise)).toBe('CS002')
  })
})

describe('a parameter', () => {
  it.each([
    ['approvals_enabled', sql`approvals_enabled = false`],
    ['entity_behavior', sql`entity_behavior = 'ALLOW_WITHOUT_APPROVAL'`],
    ['auto_submit', sql`auto_submit = not auto_submit`],
    ['authors_may_not_approve', sql`authors_may_not_approve = false`],
    ['conflict_policy', sql`conflict_policy = 'OVERWRITE'`],
  ])('changes only with its event in the same transaction: %s', async (_name, set) => {
    const made = await createWorld(db)
    const write = sql`update companies set ${set} where id = ${made.companyId}`
    const event = { type: 'ParametersChanged', data: {} } as const
    expect(await refusalOfSql(write)).toBe('CS002')
    // Neither an earlier event nor another company's allows it.
    await db.transaction((tx) => append(tx, made, event))
    expect(await refusal(async (tx) => append(tx, world, event).then(() => tx.execute(write)))).toBe('CS002')
    expect(await refusal(async (tx) => tx.execute(write).then(() => append(tx, made, event)))).toBeNull()
  })

  it('that is saved as it was needs no event', async () => {
    const made = await createWorld(db)
    expect(await refusal((tx) => saveParameters(tx, made.companyId, initialParameters))).toBeNull()
  })
})

describe('a membership', () => {
  const changed = (userId: string) => ({ type: 'MembershipChanged', data: { userId } }) as const
  const claraIs = { userId: clara, roles: ['CLERK'], managerId: mia, active: true } as const

  it.each([
    ['its roles', sql`roles = '{CLERK,AUDITOR}'`],
    ['its manager', sql`manager_id = null`],
    ['whether it is active', sql`active = false`],
  ])('changes only with its event in the same transaction: %s', async (_what, set) => {
    const made = await createWorld(db)
    const write = sql`update memberships set ${set} where company_id = ${made.companyId} and user_id = ${made.clara}`
    expect(await refusalOfSql(write)).toBe('CS002')
    await db.transaction((tx) => append(tx, made, changed(made.clara)))
    expect(await refusal(async (tx) => tx.execute(write).then(() => append(tx, made, changed(made.mia))))).toBe('CS002')
    expect(await refusal(async (tx) => tx.execute(write).then(() => append(tx, made, changed(made.clara))))).toBeNull()
  })

  it('that is saved as it was needs no event', async () => {
    expect(await refusal((tx) => saveMember(tx, companyId, claraIs))).toBeNull()
  })

  it('begins and ends only with its event, and stays with its user', async () => {
    const userId = newId()
    await db.transaction((tx) =>
      insertUser(tx, { id: userId, kind: 'PERSON', name: 'Ann', email: null, responsibleId: null, signIn: null }),
    )
    const join = (tx: Tx) => saveMember(tx, companyId, { userId, roles: ['READER'], managerId: null, active: true })
    const leave = sql`delete from memberships where company_id = ${companyId} and user_id = ${userId}`
    expect(await refusal(join)).toBe('CS002')
    expect(await refusal(async (tx) => join(tx).then(() => append(tx, world, changed(userId))))).toBeNull()
    expect(
      await refusalOfSql(
        sql`update memberships set user_id = gen_random_uuid() where company_id = ${companyId} and user_id = ${userId}`,
      ),
    ).toBe('CS003')
    expect(await refusalOfSql(leave)).toBe('CS002')
    expect(await refusal(async (tx) => tx.execute(leave).then(() => append(tx, world, changed(userId))))).toBeNull()
  })
})

describe('a version of a workflow', () => {
  it('stays as it was saved, as does who activated it', async () => {
    const id = newId()
    const settings = { name: 'w', ownerId: mia, rank: 1, isDefault: true, activation: null }
    const saved = {
      workflowId: id,
      definition: { elements: [] },
      settings,
      note: null,
      createdById: mia,
      createdAt: at,
    }
    const version = { workflowId: id, version: 1, settings }
    await db.transaction(async (tx) => {
      await insertWorkflow(tx, companyId, { id, ...settings, lockVersion: 1 })
      await saveWorkflowVersion(tx, companyId, saved)
      await activateVersion(tx, companyId, version, { userId: mia, at })
    })
    for (const statement of [
      sql`update workflow_versions set definition = '{"elements":[1]}' where workflow_id = ${id}`,
      sql`update workflow_versions set settings = settings || '{"isDefault":false}' where workflow_id = ${id}`,
      sql`update workflow_versions set created_by_id = ${clara} where workflow_id = ${id}`,
      sql`delete from workflow_versions where workflow_id = ${id}`,
      sql`update workflow_activations set user_id = ${clara} where workflow_id = ${id}`,
      sql`delete from workflow_activations where workflow_id = ${id}`,
    ])
      expect(await refusalOfSql(statement)).toBe('CS003')
    // Once more by the same person, and by another, is no change of what is recorded.
    const again = (userId: string) => refusal((tx) => activateVersion(tx, companyId, version, { userId, at }))
    expect([await again(mia), await again(clara)]).toEqual([null, null])
  })
})

describe('a proposal', () => {
  it('keeps who was involved', async () => {
    const { proposal } = await running()
    const of = sql`proposal_id = ${proposal.id}`
    expect(await refusalOfSql(sql`delete from involvements where ${of}`)).toBe('CS003')
    expect(await refusalOfSql(sql`update involvements set user_id = ${mia} where ${of}`)).toBe('CS003')
  })

  it.each([
    ['its parameters', sql`parameters = '{}'`],
    ['its workflow', sql`workflow_id = gen_random_uuid()`],
    ['its version', sql`version = version + 1`],
    ['its number', sql`number = number + 1`],
    ['who submitted it', sql`submitted_by_id = gen_random_uuid()`],
    ['when it was submitted', sql`submitted_at = now()`],
  ])('keeps what a run was started with: %s', async (_what, set) => {
    const { run } = await running()
    expect(await refusalOfSql(sql`update runs set ${set} where id = ${run.id}`)).toBe('CS003')
  })

  it('keeps its runs, which go on and end', async () => {
    const { proposal, run } = await running()
    expect(await refusalOfSql(sql`delete from runs where id = ${run.id}`)).toBe('CS003')
    const stored = (await loadProposal(db, companyId, proposal.id))!
    const end = { how: 'RECALLED', at: null, on: at } as const
    const after = { ...stored, version: 2, runs: stored.runs.map((one) => ({ ...one, end, steps: {} })) }
    expect(await refusal((tx) => saveProposal(tx, stored, after))).toBeNull()
  })
})

describe('the end of a log', () => {
  it('only moves on', async () => {
    const id = newId()
    const move = (position: number) =>
      refusalOfSql(sql`update log_heads set position = ${position}, hash = ${newId()} where company_id = ${id}`)
    await db.execute(sql`insert into log_heads (company_id, position, hash) values (${id}, 5, 'h')`)
    expect([await move(0), await move(4), await move(5), await move(6)]).toEqual(['CS003', 'CS003', 'CS003', null])
    expect(await refusalOfSql(sql`delete from log_heads where company_id = ${id}`)).toBe('CS003')
  })
})
