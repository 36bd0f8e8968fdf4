// What can be wrong with a step: whom it names, what it guards, when it is asked, how long it may take.
import type { Step } from './definition.ts'
import { didYouMean } from './nearest.ts'
import { isOfRecord, knownPlaceholders, unknownPlaceholders } from './placeholders.ts'
import { checkAssignment, type Asked } from './validate-assignee.ts'
import { checkCondition, checkFields, type Report } from './validate-report.ts'
import { checkTime } from './validate-time.ts'

/** `outcomes`: names of those of a decision. `overridden`: the element has a limit of its own. */
export const checkStep = (
  report: Report,
  step: Step,
  asked: Asked,
  more: { readonly outcomes?: readonly string[]; readonly overridden?: boolean } = {},
): void => {
  for (const member of ['subject', 'instructions'] as const) {
    for (const placeholder of unknownPlaceholders(step[member] ?? '')) {
      const hint = isOfRecord(placeholder)
        ? ': bank accounts, addresses and contacts have none. Use a field of the customer itself, e.g. {{proposed.creditLimit}}.'
        : didYouMean(placeholder, knownPlaceholders, '; use e.g. {{proposed.creditLimit}} or {{submitter.name}}.')
      report.at(member).error(`There is no placeholder "{{${placeholder}}}"${hint}`)
    }
  }
  if (step.guards?.length === 0)
    report.at('guards').error('This guards no field; name the fields, or leave guards out for all of them.')
  checkFields(report.at('guards'), step.guards ?? [])
  if (step.when !== null) checkCondition(report.at('when'), step.when, asked.setting)
  if (step.assign.length === 0) report.at('assign').error('The step names nobody; add an assignment.')
  step.assign.forEach((assignment, index) => checkAssignment(report.at('assign', index), assignment, asked))
  if (asked.kind === 'decision' && step.assign.length > 1 && step.join !== 'ANY')
    report
      .at('join')
      .error('One answer makes a decision, so that several assignments can only be joined by ANY; use ANY.')
  checkTime(report, step, asked, { outcomes: more.outcomes ?? [], overridden: more.overridden ?? false })
}
