// Which workflows a submit chooses once several are active: whoever activates one is told what no submit comes to.
import { describe, expect, it } from 'vitest'
import { approval, workflow, type Json } from './definitions.ts'
import { company, other, problemsOf, sentence, toDo } from './problems.ts'

const plain = workflow(approval())
const runs = (workflowId: string): Json => workflow({ subworkflow: { name: 'Other', workflowId } })
type Own = { readonly activation?: string; readonly isDefault?: boolean }
const told = (definition: Json, own: Own, ...workflows: ReturnType<typeof other>[]): string[] => {
  const problems = problemsOf(definition, {
    in: { ...company, workflows },
    self: { id: 'own', isDefault: false, ...own },
    makers: ['adam'],
  })
  const about = problems.filter(({ path }) => path === 'activation')
  for (const { severity, message } of about) {
    expect(severity).toBe('WARNING')
    expect(message).toMatch(sentence)
    expect(message).toMatch(toDo)
  }
  return about.map(({ message }) => message)
}
const main = { ...other('main', plain), isDefault: true }

describe('a workflow without a condition that is not the default', () => {
  it('is said not to be chosen while others are active', () => {
    expect(told(plain, {}, main)).toEqual([expect.stringContaining('as a subworkflow it runs')])
  })
  it.each<[string, Own, ReturnType<typeof other>[]]>([
    ['it is the only active one', {}, [other('own', plain), other('idle', null)]],
    ['it has a condition', { activation: 'true' }, [main]],
    ['it is the default', { isDefault: true }, [{ ...other('large', plain), activation: 'true' }]],
  ])('nothing is said when %s', (_what, own, workflows) => {
    expect(told(plain, own, ...workflows)).toEqual([])
  })
})

describe('the one workflow that was active alone', () => {
  it('is said not to be chosen any more, unless it is run from here', () => {
    expect(told(plain, { isDefault: true }, other('first', plain))).toEqual([
      expect.stringContaining('"first" is not chosen by any submit any more'),
    ])
    expect(told(runs('first'), { isDefault: true }, other('first', plain))).toEqual([])
    expect(told(plain, { isDefault: true }, { ...other('first', plain), activation: 'true' })).toEqual([])
    expect(told(plain, { activation: 'true' }, main)).toEqual([])
  })
})
