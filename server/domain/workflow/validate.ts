// Validation of a definition when it is saved and activated (DOMAIN section 5): errors block activation, warnings do not. Each
// problem has the path of what it is about and a sentence that says what to do.
import { whyNotEligible } from './eligibility.ts'
import type { Company } from '../company.ts'
import { catalogue, childRecords, coversField } from '../fields.ts'
import { compileVersion } from './compile.ts'
import type { ApprovalElement, AutomaticAction, Definition, Element } from './definition.ts'
import {
  checkCondition,
  checkFields,
  checkNames,
  checkPerson,
  checkStep,
  doesNotRun,
  reportInto,
  type Report,
} from './validate-step.ts'
import type { RunnableVersion, WorkflowProblem } from './workflow.ts'

const elementWords = {
  approval: 'An approval',
  task: 'A task',
  decision: 'A decision',
  condition: 'A condition as an element',
  parallel: 'A parallel',
  automated: 'An automated element',
  subworkflow: 'A subworkflow',
} as const
type ElementKind = keyof typeof elementWords
const isKind = (key: string): key is ElementKind => Object.hasOwn(elementWords, key)
const kindOf = (element: Element): ElementKind => Object.keys(element).find(isKind) ?? 'approval'
const nameOf = (element: Element): string =>
  Object.values(element).map((body: { readonly name: string }) => body.name)[0] ?? ''

const checkAutomatic = (report: Report, action: AutomaticAction): void => {
  checkCondition(report.at('when'), action.when)
  if (action.fields.length === 0)
    report.at('fields').error('The action answers for no field; name the fields that it answers for.')
  checkFields(report.at('fields'), action.fields)
}

const checkApproval = (
  report: Report,
  approval: ApprovalElement,
  version: RunnableVersion,
  company: Company,
  makers: ReadonlySet<string>,
): void => {
  const { steps, allow, automatic } = approval
  if (steps.length === 0) report.at('steps').error('The approval has no steps; add one.')
  checkNames(
    report,
    'step',
    steps.map(({ name }) => name),
    (index) => ['steps', index, 'name'],
  )
  steps.forEach((step, index) => checkStep(report.at('steps', index), step, version, company, makers))
  if (allow?.includes('DELEGATE'))
    report.at('allow').error('Delegating does not run yet; remove DELEGATE from the allowed actions.')
  if (allow !== null && !allow.includes('APPROVE')) {
    report.at('allow').error('Nobody may approve here, so that nothing could ever go on; allow APPROVE.')
  }
  if (approval.partial) doesNotRun(report.at('partial'), 'Approving a part of a proposal')
  automatic?.forEach((action, index) => checkAutomatic(report.at('automatic', index), action))
  if (approval.timeLimit !== null) doesNotRun(report.at('timeLimit'), 'A time limit')
  if (approval.onTimeLimit !== null) doesNotRun(report.at('onTimeLimit'), 'A verdict at the time limit')
  if (approval.finalApproverId !== null) checkPerson(report.at('finalApproverId'), approval.finalApproverId, company)
}

/** Governed fields, and records as a whole as soon as one of their fields is governed. */
const governedFields = (company: Company): string[] => [
  ...company.approvalFields,
  ...childRecords.filter((record) => [...company.approvalFields].some((field) => coversField(record, field))),
]

/** Fields that a run might reach its end without anybody being asked for: found by the guards of steps, before any run. */
const checkCoverage = (
  report: Report,
  approvals: readonly { index: number; approval: ApprovalElement }[],
  company: Company,
): void => {
  const steps = approvals.flatMap(({ approval }) => approval.steps)
  const guarded = (field: string, always: boolean): boolean =>
    steps.some(
      (step) =>
        (!always || step.when === null) &&
        (step.guards === null || step.guards.some((guard) => coversField(guard, field))),
    )
  const labelled = (names: readonly string[]): string =>
    catalogue.flatMap(({ name, label }) => (names.includes(name) ? `${label} (${name})` : [])).join(', ')
  const approve = approvals.flatMap(({ index, approval }) =>
    (approval.automatic ?? []).map((action, i) => ({
      fields: action.then === 'APPROVE' ? action.fields : [],
      report: report.at(index, 'approval', 'automatic', i, 'fields'),
    })),
  )
  for (const action of approve) {
    const alone = action.fields.filter((field) => !guarded(field, false))
    if (alone.length > 0) {
      action.report.warning(
        `No step guards ${labelled(alone)}: only this action approves it, without a person. Add a step that guards it.`,
      )
    }
  }
  const open = governedFields(company).filter(
    (field) => !guarded(field, true) && !approve.some(({ fields }) => fields.includes(field) && !guarded(field, false)),
  )
  if (open.length > 0) {
    report.warning(
      `No step guards ${labelled(open)} in every case. What no step covers is asked of the final approver or the workflow's owner; add a step without condition.`,
    )
  }
}

/**
 * Everything that is wrong with a definition in this company, or suspicious. `self` is the workflow that it belongs to; its own
 * problems have the paths `activation` and `ownerId`. `makers`: who saves or activates it; they may not decide in it (DOMAIN section 8).
 */
export const validateDefinition = (
  definition: Definition,
  company: Company,
  self: { readonly activation: string | null; readonly ownerId: string },
  makers: readonly string[] = [],
): WorkflowProblem[] => {
  const excluded = new Set(company.parameters.authorsMayNotApprove ? makers : [])
  const problems: WorkflowProblem[] = []
  const report = reportInto(problems)
  const elements = report.at('elements')
  if (self.activation !== null) checkCondition(report.at('activation'), self.activation)
  checkPerson(report.at('ownerId'), self.ownerId, company)
  const mayNot = whyNotEligible(self.ownerId, excluded, company.directory)
  if (mayNot === 'IS_AUTHOR' || mayNot === 'NOT_PERMITTED')
    report
      .at('ownerId')
      .warning(
        'The owner may not decide in this workflow (they save or activate it, or their roles do not let them), so that nobody is left to ask for what no step covers; name another owner.',
      )
  // Only its conditions of hierarchies are needed here: who is found is found by the rules of a run.
  const version = compileVersion({
    workflowId: '',
    version: 0,
    definition,
    settings: { name: '', rank: 0, isDefault: false, ...self },
    note: null,
    createdById: '',
    createdAt: '',
    activatedByIds: [],
  })
  const approvals: { index: number; approval: ApprovalElement }[] = []
  definition.elements.forEach((element, index) => {
    if ('approval' in element) {
      approvals.push({ index, approval: element.approval })
      checkApproval(elements.at(index, 'approval'), element.approval, version, company, excluded)
    } else {
      // What it holds is not looked into: with the element it has to go.
      const kind = kindOf(element)
      doesNotRun(elements.at(index, kind), elementWords[kind])
    }
  })
  checkNames(elements, 'element', definition.elements.map(nameOf), (index) => [
    index,
    kindOf(definition.elements[index] ?? { subworkflow: { name: '', workflowId: '' } }),
    'name',
  ])
  if (definition.elements.length === 0) elements.error('The workflow has no elements; add an approval.')
  else if (approvals.length === 0) elements.error('The way to the end passes no approval; add an approval.')
  else checkCoverage(elements, approvals, company)
  return problems
}
