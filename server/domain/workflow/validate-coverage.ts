// Ways to the end that pass no approval, fields that some way leaves uncovered, and fields that only the system approves.
import type { Company } from '../company.ts'
import { catalogue, childRecords, coversField } from '../fields.ts'
import type { ApprovalElement, Definition, Step } from './definition.ts'
import type { Report, Setting } from './validate-report.ts'
import { anApproval, gapsOf, waysOver, type Gap } from './ways.ts'
import type { RunnableVersion } from './workflow.ts'

/** An approval of the definition with the place where its problems are shown. */
export type PlacedApproval = { readonly report: Report; readonly approval: ApprovalElement }

/** Governed fields, and records as a whole as soon as one of their fields is governed. */
const governedFields = (company: Company): string[] => [
  ...company.approvalFields,
  ...childRecords.filter((record) => [...company.approvalFields].some((field) => coversField(record, field))),
]
const labelled = (names: readonly string[]): string =>
  catalogue.flatMap(({ name, label }) => (names.includes(name) ? `${label} (${name})` : [])).join(', ')
const guards = (step: Step, field: string): boolean =>
  step.guards === null || step.guards.some((guard) => coversField(guard, field))

const timedElement = ({ timeLimit, onTimeLimit }: ApprovalElement): boolean =>
  timeLimit !== null && onTimeLimit === 'APPROVE'
const timedStep = (step: Step, { timeLimit }: ApprovalElement): boolean =>
  timeLimit === null && step.timeLimit !== null && step.finally !== null && 'verdict' in step.finally
    ? step.finally.verdict === 'APPROVE'
    : false

/** What no person is sure to be asked about: only an automatic action or a timer approves it. Names those of automatic actions. */
const checkSystemAlone = (
  approvals: readonly PlacedApproval[],
  others: readonly ApprovalElement[],
  governed: readonly string[],
): ReadonlySet<string> => {
  const all = [...approvals.map(({ approval }) => approval), ...others]
  const byPerson = all.flatMap((approval) =>
    timedElement(approval) ? [] : approval.steps.filter((step) => !timedStep(step, approval)),
  )
  const steps = all.flatMap((approval) => approval.steps)
  const automatic = new Set<string>()
  const timed = (report: Report, under: readonly Step[]): void => {
    const alone = governed.filter(
      (field) => under.some((step) => guards(step, field)) && !byPerson.some((step) => guards(step, field)),
    )
    if (alone.length > 0)
      report.warning(
        `When nobody answers in time the system alone approves ${labelled(alone)}. Reject instead, or add a step without this that guards it.`,
      )
  }
  for (const { report, approval } of approvals) {
    approval.automatic?.forEach((action, index) => {
      const alone = action.fields.filter((field) => !steps.some((step) => guards(step, field)))
      if (action.then !== 'APPROVE' || alone.length === 0) return
      alone.forEach((field) => automatic.add(field))
      report
        .at('automatic', index, 'fields')
        .warning(
          `No step guards ${labelled(alone)}: only this action approves it, without a person. Add a step that guards it.`,
        )
    })
    if (timedElement(approval)) timed(report.at('onTimeLimit'), approval.steps)
    else
      approval.steps.forEach((step, index) => {
        if (timedStep(step, approval)) timed(report.at('steps', index, 'finally'), [step])
      })
  }
  return automatic
}

const noApproval = ({ kind, taken }: Gap): string => {
  if (kind === 'SUBWORKFLOW')
    return 'The workflow that runs here can end without an approval; add an approval there, or one here before or behind it.'
  if (taken === null) return 'The way to the end passes no approval; add an approval.'
  return `${taken}, the way to the end passes no approval; add one to it, or one before or behind this element.`
}

const uncovered = ({ kind, taken, keys }: Gap): string => {
  const asked =
    "What no step covers is asked of the final approver or the workflow's owner; add a step without condition."
  if (kind === 'SUBWORKFLOW')
    return `The workflow that runs here does not guard ${labelled(keys)} in every case. ${asked}`
  const sentence = `o step guards ${labelled(keys)} in every case.`
  return `${taken === null ? 'N' : `${taken}, n`}${sentence} ${asked}`
}

/** `approvals`: those of the definition itself. `reached`: the active versions that it runs as subworkflows, by workflow. */
export const checkCoverage = (
  report: Report,
  { elements }: Definition,
  approvals: readonly PlacedApproval[],
  reached: ReadonlyMap<string, RunnableVersion>,
  { company }: Setting,
): void => {
  if (elements.length === 0) return report.error('The workflow has no elements; add an approval.')
  const governed = governedFields(company)
  const ways = waysOver(governed, (id) => reached.get(id))
  const bare = gapsOf(ways, elements, [anApproval])
  for (const gap of bare) report.at(...gap.place).error(noApproval(gap))
  const inOthers = [...reached.values()]
    .flatMap((version) => [...version.elements.values()])
    .flatMap((element) => ('approval' in element ? [element.approval] : []))
  const automatic = checkSystemAlone(approvals, inOthers, governed)
  if (bare.length > 0) return
  const open = governed.filter((field) => !automatic.has(field))
  for (const gap of gapsOf(ways, elements, open)) report.at(...gap.place).warning(uncovered(gap))
}
