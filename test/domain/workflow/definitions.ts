// Definitions as they come in, short to write in a test.
import type { Definition } from '../../../server/domain/workflow/definition.ts'
import { parseDefinition } from '../../../server/domain/workflow/parse.ts'

export type Json = Readonly<Record<string, unknown>>
export const assignment = (to: Json, more: Json = {}): Json => ({ to, ...more })
export const step = (more: Json = {}): Json => ({ name: 'Credit', assign: [assignment({ group: 'credit' })], ...more })
export const approval = (more: Json = {}): Json => ({ approval: { name: 'Specialists', steps: [step()], ...more } })
export const workflow = (...elements: Json[]): Json => ({ elements })

export const parse = (definition: Json): Definition => {
  const parsed = parseDefinition(definition)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.definition
}
export const withStep = (more: Json): Json => workflow(approval({ steps: [step(more)] }))
export const assignedTo = (to: Json, more: Json = {}): Json => withStep({ assign: [assignment(to, more)] })
export const inStep = 'elements.0.approval.steps.0'
