// What can be wrong with an element of each kind, and with those that it holds.
import type {
  ApprovalElement,
  AutomaticAction,
  Branch,
  Case,
  Definition,
  Element as WorkflowElement,
  Step,
} from './definition.ts'
import { whyNotEligible } from './eligibility.ts'
import type { Asked } from './validate-assignee.ts'
import type { PlacedApproval } from './validate-coverage.ts'
import { checkCondition, checkFields, checkNames, checkPerson, type Report, type Setting } from './validate-report.ts'
import { checkStep } from './validate-step.ts'
import { checkSubworkflow } from './validate-subworkflow.ts'
import { checkLimit } from './validate-time.ts'
import { anApproval, type Ways } from './ways.ts'

/** What goes along on the walk through a definition. */
export type Walk = {
  readonly setting: Setting
  readonly definition: Definition
  readonly ways: Ways
  /** Filled on the way: every approval with its place. */
  readonly approvals: PlacedApproval[]
}

const checkAutomatic = (report: Report, action: AutomaticAction, setting: Setting): void => {
  checkCondition(report.at('when'), action.when, setting)
  if (action.fields.length === 0)
    report.at('fields').error('The action answers for no field; name the fields that it answers for.')
  checkFields(report.at('fields'), action.fields)
}

const checkFinalApprover = (report: Report, userId: string, { company, makers }: Setting): void => {
  const person = checkPerson(report, userId, company)
  if (person !== undefined && whyNotEligible(userId, makers, company.directory) !== null)
    report.warning(
      `${person.name} may not decide in this workflow (they save or activate it, or their roles do not let them), so that they are never asked; name somebody else.`,
    )
}

const checkApproval = (report: Report, approval: ApprovalElement, previous: boolean, walk: Walk): void => {
  const { steps, allow, automatic, timeLimit, onTimeLimit, finalApproverId } = approval
  const { setting } = walk
  walk.approvals.push({ report, approval })
  if (steps.length === 0) report.at('steps').error('The approval has no steps; add one.')
  checkNames(
    report,
    'step',
    steps.map(({ name }) => name),
    (index) => ['steps', index, 'name'],
  )
  steps.forEach((step, index) => {
    const asked: Asked = { setting, kind: 'approval', previous: previous || index > 0 }
    checkStep(report.at('steps', index), step, asked, { overridden: timeLimit !== null })
  })
  if (allow !== null && !allow.includes('APPROVE'))
    report.at('allow').error('Nobody may approve here, so that nothing could ever go on; allow APPROVE.')
  automatic?.forEach((action, index) => checkAutomatic(report.at('automatic', index), action, setting))
  if (timeLimit !== null) {
    checkLimit(report.at('timeLimit'), timeLimit, setting.company)
    if (onTimeLimit === null)
      report
        .at('timeLimit')
        .error('Nothing is said of what happens when this runs out; give onTimeLimit, or limit the steps instead.')
  } else if (onTimeLimit !== null)
    report
      .at('onTimeLimit')
      .error('Without a limit this never comes about; give the element a timeLimit, or remove this.')
  if (finalApproverId !== null) checkFinalApprover(report.at('finalApproverId'), finalApproverId, setting)
}

const checkBranches = (
  report: Report,
  list: 'outcomes' | 'branches',
  branches: readonly Branch[],
  previous: (index: number) => boolean,
  walk: Walk,
): void => {
  const word = list === 'outcomes' ? 'outcome' : 'branch'
  checkNames(
    report,
    word,
    branches.map(({ name }) => name),
    (index) => [list, index, 'name'],
    'error',
  )
  branches.forEach(({ elements }, index) =>
    checkElements(report.at(list, index, 'elements'), elements, previous(index), walk),
  )
}

type Picked = { readonly step: Step; readonly outcomes: readonly Branch[] }
const checkDecision = (report: Report, { step, outcomes }: Picked, previous: boolean, walk: Walk): void => {
  const asked: Asked = { setting: walk.setting, kind: 'decision', previous }
  checkStep(report.at('step'), step, asked, { outcomes: outcomes.map(({ name }) => name) })
  if (outcomes.length < 2)
    report.at('outcomes').error('There is nothing to choose here; give two outcomes or more, or remove the decision.')
  checkBranches(report, 'outcomes', outcomes, () => previous, walk)
}

type Chosen = { readonly cases: readonly Case[]; readonly else: readonly WorkflowElement[] | null }
const checkCases = (report: Report, chosen: Chosen, previous: boolean, walk: Walk): void => {
  if (chosen.cases.length === 0) report.at('cases').error('The condition has no case; add one, or remove the element.')
  checkNames(
    report,
    'case',
    chosen.cases.map(({ name }) => name),
    (index) => ['cases', index, 'name'],
  )
  chosen.cases.forEach(({ when, elements }, index) => {
    checkCondition(report.at('cases', index, 'when'), when, walk.setting)
    checkElements(report.at('cases', index, 'elements'), elements, previous, walk)
  })
  if (chosen.else !== null) checkElements(report.at('else'), chosen.else, previous, walk)
}

const checkParallel = (report: Report, branches: readonly Branch[], previous: boolean, walk: Walk): void => {
  if (branches.length < 2)
    report.at('branches').error('One branch alone is not parallel; give two or more, or put its elements in its place.')
  const approves = branches.map(({ elements }) => walk.ways.through(elements).some.has(anApproval))
  // Of branches that run at once, any may have been approved in before.
  const beside = (index: number) => approves.some((does, other) => does && other !== index)
  checkBranches(report, 'branches', branches, (index) => previous || beside(index), walk)
}

const checkWebhook = (report: Report, webhookId: string, alsoChecks: boolean, { company }: Setting): void => {
  const webhook = company.webhooks.get(webhookId)
  const place = report.at('webhookId')
  if (alsoChecks) report.error('The system either checks or asks a webhook here; remove check or webhookId.')
  if (webhook === undefined) place.error(`${company.code} has no such webhook; name one of its webhooks.`)
  else if (!webhook.active)
    place.error(
      `The webhook "${webhook.name}" is switched off and would never be asked; switch it on, or name another.`,
    )
}

type Automated = Extract<WorkflowElement, { readonly automated: unknown }>['automated']
const checkAutomated = (report: Report, automated: Automated, previous: boolean, walk: Walk): void => {
  const { check, webhookId } = automated
  const outcomes = automated.outcomes ?? []
  if (webhookId !== null) checkWebhook(report, webhookId, check !== null, walk.setting)
  else if (check === null)
    report.error(
      'Nothing is said of what the system does here; give a built-in check, e.g. DUPLICATE_TAX_NUMBER, or a webhook (webhookId).',
    )
  else
    outcomes.forEach(({ name }, index) => {
      if (name !== 'passed' && name !== 'failed')
        report
          .at('outcomes', index, 'name')
          .error(`A check has passed or failed, never "${name}"; call the outcome "passed" or "failed".`)
    })
  checkBranches(report, 'outcomes', outcomes, () => previous, walk)
}

const checkElement = (report: Report, element: WorkflowElement, previous: boolean, walk: Walk): void => {
  if ('approval' in element) return checkApproval(report.at('approval'), element.approval, previous, walk)
  if ('task' in element)
    return checkStep(report.at('task', 'step'), element.task.step, { setting: walk.setting, kind: 'task', previous })
  if ('decision' in element) return checkDecision(report.at('decision'), element.decision, previous, walk)
  if ('condition' in element) return checkCases(report.at('condition'), element.condition, previous, walk)
  if ('parallel' in element) return checkParallel(report.at('parallel'), element.parallel.branches, previous, walk)
  if ('automated' in element) return checkAutomated(report.at('automated'), element.automated, previous, walk)
  checkSubworkflow(report.at('subworkflow'), element.subworkflow, walk.definition, walk.setting)
}

const nameOf = (element: WorkflowElement): string =>
  Object.values(element).map((body: { readonly name: string }) => body.name)[0] ?? ''

/** Everything wrong with the elements of a sequence and with what they hold. `previous`: an approval can come before it. */
export const checkElements = (
  report: Report,
  elements: readonly WorkflowElement[],
  previous: boolean,
  walk: Walk,
): void => {
  let before = previous
  elements.forEach((element, index) => {
    checkElement(report.at(index), element, before, walk)
    before ||= walk.ways.of(element).some.has(anApproval)
  })
  checkNames(report, 'element', elements.map(nameOf), (index) => [
    index,
    Object.keys(elements[index] ?? {})[0] ?? '',
    'name',
  ])
}
