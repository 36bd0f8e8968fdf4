// What all checks of a definition share: where problems go, what they are held against, and the checks that stand in many places.
import type { Company } from '../company.ts'
import type { Person } from '../directory.ts'
import { catalogue, findField } from '../fields.ts'
import { compileCondition, compileManagerCondition, type ManagerCondition } from './conditions.ts'
import { didYouMean } from './nearest.ts'
import type { WorkflowProblem } from './workflow.ts'

type Place = readonly (string | number)[]
/** Collects problems under a path. */
export type Report = {
  readonly at: (...inside: Place) => Report
  readonly error: (message: string) => void
  readonly warning: (message: string) => void
}
export const reportInto = (problems: WorkflowProblem[], path = ''): Report => ({
  at: (...inside) => reportInto(problems, [path, ...inside].filter((part) => part !== '').join('.')),
  error: (message) => problems.push({ path, severity: 'ERROR', message }),
  warning: (message) => problems.push({ path, severity: 'WARNING', message }),
})

/** The workflow that a definition belongs to. */
export type Self = {
  /** Null or absent: a new one, which no other workflow can run yet. */
  readonly id?: string | null
  readonly activation: string | null
  /** Absent: not known, as of a definition by itself. */
  readonly isDefault?: boolean
  readonly ownerId: string
}

/** What a definition is held against. */
export type Setting = {
  readonly company: Company
  readonly self: Self
  /** Whoever had a hand in what runs: they decide nothing in it. Empty where authors may approve. */
  readonly makers: ReadonlySet<string>
  /** What is wrong with a condition, as a sentence; null: nothing. */
  readonly conditionFault: (expression: string) => string | null
  readonly managerConditionFault: (expression: string) => string | null
  /** Those of `until` that were found right so far, by their text. */
  readonly managerConditions: ReadonlyMap<string, ManagerCondition>
}

/** The same condition stands in many steps: each text is compiled once. */
export const settingOf = (company: Company, self: Self, makers: ReadonlySet<string>): Setting => {
  const faults = new Map<string, string | null>()
  const managerFaults = new Map<string, string | null>()
  const managerConditions = new Map<string, ManagerCondition>()
  const once = (known: Map<string, string | null>, text: string, fault: () => string | null): string | null => {
    const found = known.get(text)
    if (found !== undefined) return found
    const said = fault()
    known.set(text, said)
    return said
  }
  return {
    company,
    self,
    makers,
    managerConditions,
    conditionFault: (text) =>
      once(faults, text, () => {
        const compiled = compileCondition(text)
        return compiled.ok ? null : compiled.message
      }),
    managerConditionFault: (text) =>
      once(managerFaults, text, () => {
        const compiled = compileManagerCondition(text)
        if (compiled.ok) managerConditions.set(text, compiled.condition)
        return compiled.ok ? null : compiled.message
      }),
  }
}

/** Says where a name stands a second time in its list. */
export const checkNames = (
  report: Report,
  what: string,
  names: readonly (string | null)[],
  place: (index: number) => Place,
  severity: 'error' | 'warning' = 'warning',
): void => {
  const seen = new Set<string>()
  names.forEach((name, index) => {
    if (name !== null && seen.has(name))
      report.at(...place(index))[severity](`Another ${what} is called "${name}" too; give each a name of its own.`)
    if (name !== null) seen.add(name)
  })
}

export const checkCondition = (report: Report, expression: string, setting: Setting): void => {
  const fault = setting.conditionFault(expression)
  if (fault !== null) report.error(fault)
}

export const checkFields = (report: Report, fields: readonly string[]): void => {
  fields.forEach((field, index) => {
    if (findField(field) !== undefined) return
    const hint = didYouMean(
      field,
      catalogue.map(({ name }) => name),
      '; use names of the field catalogue such as creditLimit or bankAccounts.',
    )
    report.at(index).error(`There is no field "${field}"${hint}`)
  })
}

/** Somebody who is to be asked: a member of the company who is active. */
export const checkPerson = (report: Report, userId: string, company: Company): Person | undefined => {
  const person = company.directory.people.get(userId)
  if (person === undefined) report.error(`This person is not a member of ${company.code}; name a member.`)
  else if (!person.active) report.error(`${person.name} is not active any more; name somebody else.`)
  else return person
  return undefined
}
