import { describe, expect, it } from 'vitest'
import type { Definition } from '../../server/domain/workflow/definition.ts'
import { StaleWrite } from '../../server/store/errors.ts'
import { newId } from '../../server/store/ids.ts'
import { saveProposal } from '../../server/store/save-proposal.ts'
import {
  activateVersion,
  countRunning,
  deactivateWorkflow,
  deleteWorkflow,
  insertWorkflow,
  listVersions,
  loadVersion,
  loadWorkflow,
  loadWorkflows,
  saveWorkflow,
  saveWorkflowVersion,
} from '../../server/store/workflows.ts'
import { aChange, aProposal, aRun, at, connectTest, createWorld, storedCustomer } from './fixtures.ts'

const { db } = await connectTest()
const world = await createWorld(db)
const { companyId, mia, clara } = world
const definition: Definition = { elements: [{ subworkflow: { name: 'Other', workflowId: newId() } }] }

const newWorkflow = async (rank = 1) => {
  const workflow = {
    id: newId(),
    name: 'Changes',
    ownerId: mia,
    rank,
    isDefault: true,
    activation: 'true',
    lockVersion: 1,
  }
  await db.transaction((tx) => insertWorkflow(tx, companyId, workflow))
  return workflow
}
const addVersion = (workflowId: string, note: string | null = null) =>
  db.transaction((tx) =>
    saveWorkflowVersion(tx, companyId, { workflowId, definition, settings, note, createdById: clara, createdAt: at }),
  )
const activate = (workflowId: string, version: number, userId: string) =>
  db.transaction((tx) => activateVersion(tx, companyId, { workflowId, version, settings }, { userId, at }))

const settings = { name: 'Limits', ownerId: mia, rank: 3, isDefault: false, activation: null }

describe('a workflow', () => {
  it('has numbered versions of which one may be active, and remembers who activated it', async () => {
    const workflow = await newWorkflow()
    expect(await loadWorkflow(db, companyId, workflow.id)).toEqual({ ...workflow, activeVersion: null })
    expect([await addVersion(workflow.id), await addVersion(workflow.id, 'better')]).toEqual([1, 2])
    await activate(workflow.id, 2, mia)
    await activate(workflow.id, 1, mia)
    await activate(workflow.id, 2, clara)
    await activate(workflow.id, 2, mia)
    const active = {
      workflowId: workflow.id,
      version: 2,
      definition,
      settings,
      note: 'better',
      createdById: clara,
      createdAt: at,
      activatedByIds: [mia, clara],
    }
    expect((await loadWorkflow(db, companyId, workflow.id))?.activeVersion).toEqual(active)
    expect(await loadVersion(db, companyId, workflow.id, 2)).toEqual(active)
    expect(await loadVersion(db, companyId, workflow.id, 3)).toBeNull()
    expect(
      (await listVersions(db, companyId, workflow.id)).map(({ version, activatedByIds }) => [version, activatedByIds]),
    ).toEqual([
      [2, [mia, clara]],
      [1, [mia]],
    ])
    await db.transaction((tx) => deactivateWorkflow(tx, companyId, workflow.id))
    expect((await loadWorkflow(db, companyId, workflow.id))?.activeVersion).toBeNull()
  })

  it('is one company’s own, listed by rank', async () => {
    const [second, first] = [await newWorkflow(7), await newWorkflow(6)]
    const ids = (await loadWorkflows(db, companyId)).map(({ id }) => id)
    expect(ids.slice(-2)).toEqual([first.id, second.id])
    expect(await loadWorkflow(db, newId(), first.id)).toBeNull()
    expect(await loadWorkflows(db, newId())).toEqual([])
  })

  it('is not saved over what somebody else has saved meanwhile', async () => {
    const before = await newWorkflow()
    const after = { ...before, name: 'Renamed', lockVersion: 2 }
    await db.transaction((tx) => saveWorkflow(tx, companyId, before, after))
    await expect(db.transaction((tx) => saveWorkflow(tx, companyId, before, after))).rejects.toThrow(StaleWrite)
    expect((await loadWorkflow(db, companyId, before.id))?.name).toBe('Renamed')
  })

  it('gives concurrent savers numbers of their own', async () => {
    const { id } = await newWorkflow()
    const numbers = await Promise.all([addVersion(id), addVersion(id), addVersion(id)])
    expect(numbers.toSorted()).toEqual([1, 2, 3])
  })

  it('counts the proposals that are on their way through it', async () => {
    const run = aRun(world)
    const customer = await storedCustomer(db, world)
    const proposal = { ...aProposal(world, customer, [aChange(world, customer)]), runs: [run] }
    await db.transaction((tx) => saveProposal(tx, null, proposal))
    expect((await countRunning(db, companyId)).get(run.workflowId)).toBe(1)
    const ended = { ...run, end: { how: 'RECALLED' as const, at: null, on: at } }
    await db.transaction((tx) => saveProposal(tx, proposal, { ...proposal, version: 2, runs: [ended] }))
    expect((await countRunning(db, companyId)).get(run.workflowId)).toBeUndefined()
  })

  it('counts those that have pinned it as a subworkflow, each once', async () => {
    const [outer, inner] = [newId(), newId()]
    const run = { ...aRun(world), workflowId: outer, pinned: { [inner]: 2, [outer]: 1 } }
    const customer = await storedCustomer(db, world)
    const proposal = { ...aProposal(world, customer, [aChange(world, customer)]), runs: [run] }
    await db.transaction((tx) => saveProposal(tx, null, proposal))
    const running = await countRunning(db, companyId)
    expect([running.get(outer), running.get(inner)]).toEqual([1, 1])
  })

  it('that is deleted is in no list any more, and is still found', async () => {
    const workflow = await newWorkflow(9)
    await addVersion(workflow.id)
    await activate(workflow.id, 1, mia)
    await db.transaction((tx) => deleteWorkflow(tx, companyId, workflow.id, at))
    expect((await loadWorkflows(db, companyId)).map(({ id }) => id)).not.toContain(workflow.id)
    expect(await loadWorkflow(db, companyId, workflow.id)).toMatchObject({
      name: 'Limits',
      isDefault: false,
      activeVersion: null,
    })
    expect(await loadVersion(db, companyId, workflow.id, 1)).toMatchObject({ version: 1, settings })
  })
})
