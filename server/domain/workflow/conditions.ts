// Conditions of workflows (DOMAIN section 5): CEL, type-checked when saved, exact in money, bounded in size. An error at run time
// is a value of its own, never true.
//
// What is decided here and not by CEL: an empty number counts as 0 in `.delta` and `.percent`; a rise from 0 counts as
// 1,000,000,000,000 per cent (a fall, below 0, as minus that); adding or removing a child record changes each of its fields that holds something;
// `source` of a mixed proposal is INTEGRATION before IMPORT before PERSON.
import type { Person } from '../directory.ts'
import { conditionScope, managerScope } from './cel.ts'
import { compileProgram, type Program } from './expression.ts'
import { conditionContext, managerContext } from './condition-values.ts'
import type { ConditionInput } from './condition-changes.ts'

export type { ConditionInput } from './condition-changes.ts'
export type ConditionResult =
  { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly message: string }
export type CompiledCondition = { readonly expression: string; evaluate(input: ConditionInput): ConditionResult }
/** `until` of a hierarchy: over `manager`, a person with the names of their groups. */
export type ManagerCondition = {
  readonly expression: string
  evaluate(manager: Person, groups: readonly string[]): ConditionResult
}
export type Compiled<C> =
  { readonly ok: true; readonly condition: C } | { readonly ok: false; readonly message: string }

const yes: ConditionResult = { ok: true, value: true }
const no: ConditionResult = { ok: true, value: false }

/** The library's own messages may quote values, sensitive ones among them: only what kind of error it was is said. */
const reasons: Readonly<Record<string, string>> = {
  no_such_overload: 'a value that is empty here is compared or computed with',
  no_matching_overload: 'a function is used on a value that is empty here',
  division_by_zero: 'it divides by zero',
  modulo_by_zero: 'it divides by zero',
  numeric_overflow: 'a number grows too large',
  index_out_of_bounds: 'it asks for a place in a list that is not there',
}
const failure = (error: unknown): ConditionResult => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const divides = error instanceof Error && error.message.includes('Division by zero')
  const reason = divides ? 'it divides by zero' : (reasons[code] ?? 'a function was given a value that it cannot take')
  return { ok: false, message: `The condition cannot be evaluated for this record: ${reason}.` }
}

const run = (program: Program, variables: () => object): ConditionResult => {
  try {
    const value = program(variables())
    if (value === true) return yes
    if (value === false) return no
    return { ok: false, message: 'The condition came to neither true nor false.' }
  } catch (error) {
    return failure(error)
  }
}

/** Compiles a condition over `customer`, `proposed`, `changes`, `submitter`, `source`, `now`; a refusal says what to correct. */
export const compileCondition = (expression: string): Compiled<CompiledCondition> => {
  const compiled = compileProgram(conditionScope, expression)
  if (!compiled.ok) return compiled
  const { program } = compiled
  return { ok: true, condition: { expression, evaluate: (input) => run(program, () => conditionContext(input)) } }
}

/** Compiles the `until` of a hierarchy: a condition over `manager`. */
export const compileManagerCondition = (expression: string): Compiled<ManagerCondition> => {
  const compiled = compileProgram(managerScope, expression)
  if (!compiled.ok) return compiled
  const { program } = compiled
  return {
    ok: true,
    condition: { expression, evaluate: (manager, groups) => run(program, () => managerContext(manager, groups)) },
  }
}
