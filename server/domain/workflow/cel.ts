// The CEL environments of conditions: types, operators of exact decimals, and the size of what is accepted.
//
// There are two environments over the same structures. In the strict one a member that may be empty has its plain type, so the
// type check is complete; no condition is run in it. In the running one such a member is `dyn<type>`, the library's way to let null
// through; its own check would accept any method on such a member.
import { Environment } from '@marcbachmann/cel-js'
import { bounded, decimal, Decimal } from '../decimal.ts'
import { childTypes, sameRecord } from './condition-records.ts'
import { conditionStructures, conditionVariables, managerVariables } from './condition-values.ts'

export const limits = { maxAstNodes: 500, maxDepth: 20, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 8 }

type Operand = Decimal | bigint | number
const exact = (value: Operand): Decimal => (typeof value === 'object' ? value : decimal(value))

/** Ordered comparisons and sums with whole and broken numbers on either side. */
const registerDecimal = (environment: Environment): void => {
  environment.registerType('Decimal', { ctor: Decimal, fields: {} })
  const pairs = [
    ['Decimal', 'Decimal'],
    ['Decimal', 'int'],
    ['int', 'Decimal'],
    ['Decimal', 'double'],
    ['double', 'Decimal'],
  ] as const
  for (const [left, right] of pairs) {
    const compare = (op: string, holds: (order: number) => boolean) =>
      environment.registerOperator(`${left} ${op} ${right}`, (a: Operand, b: Operand) => holds(exact(a).cmp(exact(b))))
    const compute = (op: string, result: (a: Decimal, b: Decimal) => Decimal) =>
      environment.registerOperator(`${left} ${op} ${right}: Decimal`, (a: Operand, b: Operand) =>
        bounded(result(exact(a), exact(b))),
      )
    compare('<', (order) => order < 0)
    compare('<=', (order) => order <= 0)
    compare('>', (order) => order > 0)
    compare('>=', (order) => order >= 0)
    compute('+', (a, b) => a.plus(b))
    compute('-', (a, b) => a.minus(b))
    compute('*', (a, b) => a.times(b))
    compute('/', (a, b) => a.div(b))
    // The library derives != and the mirrored pair.
    if (left === 'Decimal') compare('==', (order) => order === 0)
  }
  environment
    .registerOperator('-Decimal', (value: Decimal) => value.neg())
    .registerFunction('decimal(string): Decimal', (text: string) => decimal(text))
    .registerFunction('decimal(int): Decimal', (value: bigint) => decimal(value))
    .registerFunction('decimal(double): Decimal', (value: number) => decimal(value))
    .registerFunction('double(Decimal): double', (value: Decimal) => value.toNumber())
    .registerFunction('string(Decimal): string', (value: Decimal) => value.toString())
    .registerFunction('Decimal.abs(): Decimal', (value: Decimal) => value.abs())
}

const environmentOf = (variables: ReadonlyMap<string, string>, strict: boolean): Environment => {
  const environment = new Environment({ limits, homogeneousAggregateLiterals: strict })
  registerDecimal(environment)
  for (const type of ['string', 'int', 'Decimal']) environment.registerOperator(`${type} == null`, (a, b) => a === b)
  for (const { name, ctor, members } of conditionStructures) {
    const fields: Record<string, string> = {}
    for (const [member, { type, nullable }] of members) fields[member] = nullable && !strict ? `dyn<${type}>` : type
    environment.registerType(name, { ctor, fields })
  }
  for (const type of Object.values(childTypes)) environment.registerOperator(`${type} == ${type}`, sameRecord)
  for (const [name, type] of variables) environment.registerVariable(name, type)
  return environment
}

export type Scope = {
  readonly variables: ReadonlyMap<string, string>
  readonly strict: Environment
  readonly running: Environment
}
const scopeOf = (variables: ReadonlyMap<string, string>): Scope => ({
  variables,
  strict: environmentOf(variables, true),
  running: environmentOf(variables, false),
})
export const conditionScope = scopeOf(conditionVariables)
export const managerScope = scopeOf(managerVariables)
