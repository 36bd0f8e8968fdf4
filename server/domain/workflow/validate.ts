// Validation of a definition when it is saved and activated (DOMAIN section 5): errors block activation, warnings do not. Each
// problem has the path of what it is about and a sentence that says what to do.
import type { Company } from '../company.ts'
import type { Definition } from './definition.ts'
import { whyNotEligible } from './eligibility.ts'
import { reachedFrom } from './subworkflows.ts'
import { checkCoverage, type PlacedApproval } from './validate-coverage.ts'
import { checkElements } from './validate-element.ts'
import {
  checkCondition,
  checkPerson,
  reportInto,
  settingOf,
  type Report,
  type Self,
  type Setting,
} from './validate-report.ts'
import { checkSizes } from './validate-subworkflow.ts'
import { waysOver } from './ways.ts'
import type { RunnableVersion, WorkflowProblem } from './workflow.ts'

/** More are not read by anybody, and a definition of bad will could have any number. */
const maxProblems = 300

/** Who may decide nothing: makers of the definition and of every version that it runs, and who answers for those of them that are services. */
const makersOf = (
  makers: readonly string[],
  reached: ReadonlyMap<string, RunnableVersion>,
  company: Company,
): ReadonlySet<string> => {
  if (!company.parameters.authorsMayNotApprove) return new Set()
  const all = [...makers, ...[...reached.values()].flatMap((each) => [each.createdById, ...each.activatedByIds])]
  return new Set(all.flatMap((userId) => [userId, company.directory.people.get(userId)?.responsibleId ?? userId]))
}

/** Of several active ones only those with a condition and the default are chosen: what that leaves to be run by others alone. */
const checkChoice = (
  report: Report,
  reached: ReadonlyMap<string, RunnableVersion>,
  { self, company }: Setting,
): void => {
  const isChosen = ({ activation, isDefault }: Pick<Self, 'activation' | 'isDefault'>): boolean =>
    activation !== null || isDefault === true
  const [other, ...more] = company.workflows.filter(({ id, activeVersion }) => id !== self.id && activeVersion !== null)
  if (other === undefined || self.isDefault === undefined) return
  if (!isChosen(self))
    report.warning(
      'It is not chosen by any submit: it has no condition and is not the default. Give it a condition ("true" says always), or make it the default; as a subworkflow it runs.',
    )
  if (more.length === 0 && !isChosen(other) && !reached.has(other.id))
    report.warning(
      `With this one active, "${other.name}" is not chosen by any submit any more: it has no condition and is not the default. Give it a condition ("true" says always), or make it the default.`,
    )
}

const checkSelf = (report: Report, reached: ReadonlyMap<string, RunnableVersion>, setting: Setting): void => {
  const { self, company, makers } = setting
  if (self.activation !== null) checkCondition(report.at('activation'), self.activation, setting)
  checkChoice(report.at('activation'), reached, setting)
  const owner = report.at('ownerId')
  if (checkPerson(owner, self.ownerId, company) === undefined) return
  if (whyNotEligible(self.ownerId, makers, company.directory) !== null)
    owner.warning(
      'The owner may not decide in this workflow (they save or activate it, or their roles do not let them), so that nobody is left to ask for what no step covers; name another owner.',
    )
}

/**
 * Everything that is wrong with a definition in this company, or suspicious. `self` is the workflow that it belongs to; its own
 * problems have the paths `activation` and `ownerId`. `makers`: who saves or activates it; they may not decide in it (DOMAIN section 8).
 */
export const validateDefinition = (
  definition: Definition,
  company: Company,
  self: Self,
  makers: readonly string[] = [],
): WorkflowProblem[] => {
  const problems: WorkflowProblem[] = []
  const report = reportInto(problems)
  const elements = report.at('elements')
  const reached = reachedFrom(definition, company.workflows)
  const setting = settingOf(company, self, makersOf(makers, reached, company))
  checkSelf(report, reached, setting)
  const approvals: PlacedApproval[] = []
  const ways = waysOver([], (id) => reached.get(id))
  checkElements(elements, definition.elements, false, { setting, definition, ways, approvals })
  checkSizes(elements, definition, setting)
  checkCoverage(elements, definition, approvals, reached, setting)
  if (problems.length <= maxProblems) return problems
  // Errors are what stands in the way: they are told first.
  const errors = problems.filter(({ severity }) => severity === 'ERROR')
  return [...errors, ...problems.filter(({ severity }) => severity === 'WARNING')].slice(0, maxProblems)
}
