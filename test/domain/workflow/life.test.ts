// When a workflow may be taken out of use.
import { expect, it } from 'vitest'
import { whyNotDeactivate, whyNotDelete } from '../../../server/domain/workflow/life.ts'
import { approval, workflow, type Json } from './definitions.ts'
import { other } from './problems.ts'

const own = other('own', workflow(approval()))
const sub: Json = { subworkflow: { name: 'Own', workflowId: 'own' } }
const deep: Json = { condition: { name: 'C', cases: [{ when: 'true', elements: [] }], else: [sub] } }

it.each([
  ['nothing runs on it and nothing runs it', [own], 0, null, null],
  ['another workflow runs it that is not active', [own, other('b', null)], 0, null, null],
  ['something runs on it', [own], 1, null, 'One proposal is on the way'],
  ['several things run on it', [own], 3, null, '3 proposals are on the way'],
  ['an active version runs it', [own, other('b', workflow(sub))], 0, 'run by "b"', 'run by "b"'],
  [
    'active versions run it somewhere inside',
    [own, other('b', workflow(deep)), other('c', workflow(sub))],
    0,
    '"b", "c"',
    '"b", "c"',
  ],
  ['its own active version names it', [other('own', workflow(approval(), sub))], 0, null, null],
] as const)('%s', (_when, workflows, running, deactivate, remove) => {
  for (const [why, said] of [
    [whyNotDeactivate(own, workflows, running), deactivate],
    [whyNotDelete(own, workflows, running), remove],
  ] as const) {
    if (said === null) expect(why).toBeNull()
    else
      expect(why).toMatchObject({
        code: 'WRONG_STATE',
        at: ['workflowId'],
        detail: { running },
        message: expect.stringContaining(said) as string,
      })
  }
})
