// What can be wrong with limits, escalation paths and final actions (DOMAIN section 10).
import type { Company } from '../company.ts'
import type { FinalAction, Step, TimeLimit } from './definition.ts'
import { didYouMean } from './nearest.ts'
import { checkAsked, type Asked } from './validate-assignee.ts'
import type { Report } from './validate-report.ts'

const maxAmount = 1000

export const checkLimit = (report: Report, limit: TimeLimit, { calendars }: Company): void => {
  if (limit.amount < 1 || limit.amount > maxAmount)
    report.at('amount').error(`A limit is 1 to ${maxAmount} hours, days, weeks or months, not ${limit.amount}.`)
  const { calendar } = limit
  if (calendar === null || calendars.some(({ name }) => name === calendar)) return
  const names = calendars.map(({ name }) => name)
  const others =
    names.length > 0
      ? `; use one of ${names.join(', ')}.`
      : "; make the calendar first, or leave it out for the company's working time."
  report.at('calendar').error(`There is no calendar "${calendar}"${didYouMean(calendar, names, others)}`)
}

/** How each kind of element ends by itself. */
const endings = {
  approval: { member: 'verdict', say: 'An approval ends with a verdict: give finally as verdict APPROVE or REJECT.' },
  task: { member: 'task', say: 'A task ends as done or sent back: give finally as task COMPLETE or RETURN.' },
  decision: { member: 'choice', say: 'A decision ends with an outcome: give finally as choice and its name.' },
} as const

const checkFinal = (report: Report, action: FinalAction, kind: Asked['kind'], outcomes: readonly string[]): void => {
  const { member, say } = endings[kind]
  const given = Object.keys(action)[0] ?? member
  if (given !== member) return report.at(given).error(say)
  if (!('choice' in action) || outcomes.includes(action.choice)) return
  const others = outcomes.length > 0 ? `; use one of ${outcomes.join(', ')}.` : '; add the outcome first.'
  report.at('choice').error(`There is no outcome "${action.choice}"${didYouMean(action.choice, outcomes, others)}`)
}

/** `outcomes`: names of those of a decision. `overridden`: the element has a limit of its own. */
export const checkTime = (
  report: Report,
  step: Step,
  asked: Asked,
  { outcomes, overridden }: { readonly outcomes: readonly string[]; readonly overridden: boolean },
): void => {
  const { timeLimit, finally: action } = step
  const escalation = step.escalation ?? []
  if (timeLimit !== null) {
    const limit = report.at('timeLimit')
    checkLimit(limit, timeLimit, asked.setting.company)
    if (overridden)
      limit.warning("The element's own limit takes the place of this one, which never runs out; remove one of the two.")
    else if (escalation.length === 0 && action === null)
      limit.warning(
        'When time runs out nothing happens but that the item is shown as overdue; add an escalation path or a final action.',
      )
  }
  const needsLimit = 'Without a limit this never comes about; give the step a timeLimit, or remove this.'
  if (timeLimit === null && escalation.length > 0) report.at('escalation').error(needsLimit)
  if (timeLimit === null && action !== null) report.at('finally').error(needsLimit)
  escalation.forEach((entry, index) => {
    const place = report.at('escalation', index)
    checkAsked(place.at('to'), entry.to, asked)
    checkLimit(place.at('timeLimit'), entry.timeLimit, asked.setting.company)
  })
  if (action !== null) checkFinal(report.at('finally'), action, asked.kind, outcomes)
}
