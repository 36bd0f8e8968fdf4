// Who makes the rules and who leaves: neither can bend a proposal that is on its way.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'

const app = await startTestApp()
const { run, submitted, answer, queue, proposalOf, read, userId } = operationsOf(app)
const company = 'USMF'
const [standard] = (
  await read<{ workflows: { id: string; name: string }[] }>('adam', '{ workflows(company: "USMF") { id name } }')
).workflows
if (standard === undefined) throw new Error('the demo world has a workflow')
const asking = (name: string, id: string) => ({
  elements: [{ approval: { name, steps: [{ name, assign: [{ to: { users: [id] } }] }] } }],
})

describe('a save that activates nothing', () => {
  test('leaves owner, rank and activation of what is active as they are until its version is activated', async () => {
    const tess = await userId('tess')
    const heads = () =>
      read(
        'adam',
        '{ workflows(company: "USMF") { id name rank isDefault activation owner { name } activeVersion { version } } }',
      )
    const before = await heads()
    const saved = await run('adam', 'saveWorkflow', {
      company,
      workflowId: standard.id,
      name: 'Renamed',
      ownerId: tess,
      rank: 7,
      activation: 'proposed.creditLimit > 0',
      definition: asking('Treasury', tess),
    })
    expect(saved.code).toBeUndefined()
    expect(await heads()).toEqual(before)
    await run('adam', 'activateWorkflow', { workflowId: standard.id, version: 2 })
    expect(await heads()).toMatchObject({
      workflows: [{ name: 'Renamed', rank: 7, activation: 'proposed.creditLimit > 0', activeVersion: { version: 2 } }],
    })
    await run('adam', 'activateWorkflow', { workflowId: standard.id, version: 1 })
    expect(await heads()).toEqual(before)
  })

  test('is refused when the only people it asks are who saves it', async () => {
    const adam = await userId('adam')
    const refused = await run('adam', 'saveWorkflow', {
      company,
      name: 'Mine alone',
      definition: asking('Me', adam),
    })
    expect(refused).toMatchObject({ code: 'INVALID_WORKFLOW' })
  })
})

describe('somebody who is deactivated', () => {
  test('leaves their seats: the others decide, and their own queue is empty', async () => {
    const { id } = await submitted('clara', 'US-120', { set: { creditLimit: '500000' } })
    await answer('mia', 'US-120')
    await answer('carl', 'US-120')
    expect(await proposalOf('clara', id)).toMatchObject({ status: 'PENDING' })
    await run('adam', 'setMember', { company, userId: await userId('cora'), active: false })
    expect(await proposalOf('clara', id)).toMatchObject({ status: 'APPLIED' })
    expect((await queue('carl')).map((item) => item.proposal.customer.account)).not.toContain('US-120')
    await run('adam', 'setMember', { company, userId: await userId('cora'), active: true })
  })

  test('passes a step that nobody else holds on to the owner of the workflow', async () => {
    const { id } = await submitted('clara', 'US-121', { set: { name: 'Contoso South' } })
    await run('adam', 'setMember', { company, userId: await userId('mia'), active: false })
    expect(await proposalOf('clara', id)).toMatchObject({ status: 'PENDING' })
    expect((await queue('olga')).map((item) => item.proposal.customer.account)).toContain('US-121')
    await run('adam', 'setMember', { company, userId: await userId('mia'), active: true })
  })
})
