// What a workflow says beside its definition: name, rank, default mark, note (DOMAIN section 5).
import type { Company } from '../company.ts'
import { isName } from '../names.ts'
import { isText } from '../text.ts'
import type { Workflow, WorkflowProblem } from './workflow.ts'

const maxRank = 1_000_000
const maxNote = 1000

/** Everything that is wrong with it in this company; paths are the members' names. */
export const validateHead = (
  head: Pick<Workflow, 'id' | 'name' | 'rank' | 'isDefault' | 'activation'>,
  note: string,
  company: Pick<Company, 'workflows'>,
): WorkflowProblem[] => {
  const problems: WorkflowProblem[] = []
  const error = (path: string, message: string): void => {
    problems.push({ path, severity: 'ERROR', message })
  }
  const others = company.workflows.filter((w) => w.id !== head.id)
  if (!isName(head.name, 100)) error('name', 'A workflow has a name of 1 to 100 characters.')
  if (others.some((w) => w.name === head.name))
    error('name', `There is a workflow "${head.name}" already; choose another name.`)
  if (!Number.isInteger(head.rank) || head.rank < 0 || head.rank > maxRank)
    error('rank', `A rank is a whole number from 0 to ${maxRank}; the lowest is looked at first.`)
  if (head.isDefault && others.some((w) => w.isDefault))
    error('isDefault', 'Another workflow is the default; take the mark from it first.')
  if (note.length > maxNote || !isText(note))
    error('note', `A note has at most ${maxNote} characters, none of them a control character.`)
  if (!isText(head.activation ?? '')) error('activation', 'The condition holds control characters; remove them.')
  return problems
}
