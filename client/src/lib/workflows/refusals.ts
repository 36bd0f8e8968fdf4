// What the server says against a definition, where there is no place for it in the design.
import type { Problem } from '../documents/fragments.ts'
import type { WorkflowProblem } from '../documents/workflows.ts'

/** The problems of a definition that was checked or refused; undefined when it was refused for something else. */
export const problemsIn = (answer: object | null): readonly WorkflowProblem[] | undefined =>
  (answer as { workflowProblems?: readonly WorkflowProblem[] } | null)?.workflowProblems

/** With the sentences of its errors in place of one that counts them. */
export const sayProblems = (problem: Problem | null): Problem | null => {
  const errors = problemsIn(problem)?.filter(({ severity }) => severity === 'ERROR') ?? []
  return problem && errors.length > 0
    ? { ...problem, message: [...new Set(errors.map(({ message }) => message))].join(' ') }
    : problem
}
