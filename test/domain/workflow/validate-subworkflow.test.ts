// The rules of workflows that run other workflows.
import { describe, expect, it } from 'vitest'
import { approval, assignment, step, workflow, type Json } from './definitions.ts'
import { company, other, problemsOf, sentence, toDo } from './problems.ts'

const sub = (workflowId: string, name = workflowId): Json => ({ subworkflow: { name, workflowId } })
const having = (...workflows: ReturnType<typeof other>[]) => ({ ...company, workflows })
const at = 'elements.0.subworkflow.workflowId'
const alone = (definition: Json, ...workflows: ReturnType<typeof other>[]) =>
  problemsOf(definition, { in: having(...workflows), self: { id: 'own' } })

describe('a subworkflow', () => {
  it.each<[string, string, ReturnType<typeof other>[], string]>([
    ['that there is not', 'gone', [], 'name one of this company'],
    ['that is not active', 'idle', [other('idle', null)], 'activate it first'],
    ['that is the workflow itself', 'own', [other('own', workflow(approval()))], 'cannot run itself'],
    [
      'that runs the workflow again',
      'b',
      [other('own', workflow(approval())), other('b', workflow(sub('own')))],
      'b → own → b',
    ],
    [
      'that runs the workflow again by another',
      'b',
      [other('own', null), other('b', workflow(sub('c'))), other('c', workflow(approval(), sub('own')))],
      'b → c → own → b',
    ],
    [
      'that is in a circle of its own',
      'b',
      [other('b', workflow(sub('c'))), other('c', workflow(sub('b')))],
      'b → c → b',
    ],
  ])('%s is an error', (_what, id, workflows, part) => {
    const problems = alone(workflow(sub(id)), ...workflows)
    expect(problems).toEqual([{ path: at, severity: 'ERROR', message: expect.stringContaining(part) as string }])
    expect(problems[0]?.message).toMatch(sentence)
    expect(problems[0]?.message).toMatch(toDo)
  })

  const chain = (length: number) =>
    Array.from({ length }, (_, i) => other(`w${i + 1}`, workflow(i + 1 < length ? sub(`w${i + 2}`) : approval())))
  it('goes ten deep and no deeper', () => {
    expect(alone(workflow(sub('w1')), ...chain(10))).toEqual([])
    expect(alone(workflow(sub('w1')), ...chain(11))).toEqual([
      { path: 'elements', severity: 'ERROR', message: expect.stringContaining('11 subworkflows deep') as string },
    ])
  })

  it('may not come to more than a thousand elements, however they multiply', () => {
    const twice = (i: number) =>
      other(`w${i}`, workflow(...(i < 10 ? [sub(`w${i + 1}`, 'a'), sub(`w${i + 1}`, 'b')] : [approval()])))
    const workflows = Array.from({ length: 10 }, (_, i) => twice(i + 1))
    expect(alone(workflow(sub('w5')), ...workflows)).toEqual([])
    expect(alone(workflow(sub('w1')), ...workflows)).toEqual([
      { path: 'elements', severity: 'ERROR', message: expect.stringContaining('1535 elements') as string },
    ])
  })

  it('is measured in the workflows that run this one as well', () => {
    const above = other('above', workflow(sub('own')))
    expect(alone(workflow(sub('w1')), above, ...chain(9))).toEqual([])
    expect(alone(workflow(sub('w1')), above, ...chain(10)).map(({ message }) => message)).toEqual([
      expect.stringContaining('the workflow "above" goes 11 subworkflows deep'),
    ])
  })

  it('may be run by a new workflow, which none can run yet', () => {
    const found = problemsOf(workflow(sub('b')), { in: having(other('b', workflow(approval()))), self: {} })
    expect(found).toEqual([])
  })

  it('has somebody to decide in it, whoever made what runs', () => {
    const carl = workflow(approval({ steps: [step({ name: 'Carl', assign: [assignment({ users: ['carl'] })] })] }))
    const made = (makers: string[], deep: Json) => [other('b', deep), other('c', carl, makers)]
    const find = (makers: string[], inner: string[]) =>
      problemsOf(workflow(sub('b')), { in: having(...made(inner, workflow(sub('c')))), makers }).map(
        ({ path, message }) => [path, message],
      )
    expect(find(['adam'], ['adam'])).toEqual([])
    expect(find(['carl'], ['adam'])).toEqual([[at, expect.stringContaining('"Carl"')]])
    const own = workflow(approval({ steps: [step({ assign: [assignment({ users: ['mia'] })] })] }), sub('b'))
    const byMia = problemsOf(own, { in: having(other('b', workflow(approval()), ['mia'])), makers: ['adam'] })
    expect(byMia.map(({ path, severity }) => [path, severity])).toEqual([
      ['elements.0.approval.steps.0.assign.0.to', 'ERROR'],
    ])
  })
})
