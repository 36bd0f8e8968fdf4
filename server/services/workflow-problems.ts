// Problems of workflow definitions: as a refusal, and of a version that is stored.
import type { Company } from '../domain/company.ts'
import { DomainError } from '../domain/errors.ts'
import { parseDefinition } from '../domain/workflow/parse.ts'
import { validateDefinition } from '../domain/workflow/validate.ts'
import type { WorkflowProblem, WorkflowVersion } from '../domain/workflow/workflow.ts'

export const invalidWorkflow = (problems: readonly WorkflowProblem[]): DomainError => {
  const errors = problems.filter((p) => p.severity === 'ERROR')
  const head = ['name', 'rank', 'ownerId', 'isDefault', 'activation', 'note'].find((part) => part === errors[0]?.path)
  return new DomainError(
    'INVALID_WORKFLOW',
    `The workflow has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}: ${errors[0]?.path}: ${errors[0]?.message}`,
    { at: [head ?? 'definition'], detail: { workflowProblems: problems } },
  )
}

/** Problems of a stored version against the company as it is now. */
export const problemsOf = (version: WorkflowVersion, company: Company): readonly WorkflowProblem[] => {
  const parsed = parseDefinition(version.definition)
  if (!parsed.ok) return parsed.problems
  const self = { id: version.workflowId, ...version.settings }
  return validateDefinition(parsed.definition, company, self, [version.createdById, ...version.activatedByIds])
}
