// From the text of a condition to something that runs: what an expression may use, that it stays short, that its types fit, and
// sentences for what is wrong with it.
import type { ASTNode } from '@marcbachmann/cel-js'
import { limits, type Scope } from './cel.ts'
import { conditionStructures } from './condition-values.ts'
import { didYouMean } from './nearest.ts'

const maxLength = 10_000

const comprehensions = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])
// What is not listed is refused: `matches` can run long, `cel.bind` lets values double at each level, `dyn` and `json` escape the type
// check, and `has` is true of every member, empty or not.
const functions = new Set(['size', 'string', 'int', 'double', 'decimal', 'timestamp', 'duration'])
const methods = new Set([
  'size',
  'contains',
  'startsWith',
  'endsWith',
  'lowerAscii',
  'upperAscii',
  'trim',
  'indexOf',
  'lastIndexOf',
  'substring',
  'split',
  'join',
  'abs',
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getFullYear',
  'getHours',
  'getMilliseconds',
  'getMinutes',
  'getMonth',
  'getSeconds',
])
const instead = new Map([
  ['matches', 'patterns can run long; use contains(), startsWith(), endsWith() or =='],
  ['has', 'every field is always there; write e.g. customer.creditRating != null'],
  ['dyn', 'it would switch the type check off'],
  ['bind', 'write the value out where it is needed'],
])

const operands = (node: ASTNode): readonly ASTNode[] => {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case 'map':
      return node.args.flat()
    case '!_':
    case '-_':
      return [node.args]
    default:
      return node.args
  }
}

/** customer.bankAccounts → ['customer', 'bankAccounts']; null where it is not a plain path. */
const pathOf = (node: ASTNode): string[] | null => {
  if (node.op === 'id') return [node.args]
  if (node.op !== '.') return null
  const left = pathOf(node.args[0])
  return left && [...left, node.args[1]]
}

/** The type of a path by the structures; undefined where it leaves them. */
const typeOf = (scope: Scope, path: readonly string[]): string | undefined => {
  const [root, ...rest] = path
  let type = root === undefined ? undefined : scope.variables.get(root)
  for (const name of rest) type = conditionStructures.find((each) => each.name === type)?.members.get(name)?.type
  return type
}

/** Why this expression is refused although it may be correct CEL: what it may not use, whatever the types. */
const refusalOf = (scope: Scope, node: ASTNode, inside: boolean): string | null => {
  let within = inside
  if (node.op === 'call' || node.op === 'rcall') {
    const name = node.args[0]
    const comprehension = node.op === 'rcall' && comprehensions.has(name)
    if (!comprehension && !(node.op === 'call' ? functions : methods).has(name)) {
      const why = instead.get(name) ?? `use one of ${[...(node.op === 'call' ? functions : methods)].join(', ')}`
      return `${name}() cannot be used in a condition: ${why}.`
    }
    if (comprehension && node.op === 'rcall') {
      if (inside)
        return `${name}() cannot stand inside another of all, exists, exists_one, map, filter; write one predicate.`
      const path = pathOf(node.args[1])
      if (path === null || typeOf(scope, path)?.startsWith('list<') === false) {
        return `${name}() goes only over the lists of customer, proposed, changes and people, e.g. proposed.bankAccounts or submitter.groups.`
      }
      const variable = node.args[2][0]
      if (variable?.op === 'id' && scope.variables.has(variable.args)) {
        return `${name}() needs a variable of its own: "${variable.args}" has a meaning already; call it e.g. "x".`
      }
      within = true
    }
  }
  if (node.op === '[]' && node.args[1].op !== 'value') {
    return 'Brackets take only a written number or name; write e.g. customer.creditLimit.'
  }
  for (const operand of operands(node)) {
    const refusal = refusalOf(scope, operand, within)
    if (refusal !== null) return refusal
  }
  return null
}

const tooLarge = `The expression is too large: at most ${limits.maxAstNodes} parts, nested at most ${limits.maxDepth} deep. Split it over several steps.`

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'whole number',
  double: 'number',
  bool: 'yes/no',
  null: 'empty',
  Decimal: 'amount',
  'google.protobuf.Timestamp': 'time',
}
const plainTypes = (text: string): string => text.replace(/[A-Za-z.]+/g, (word) => kinds[word] ?? word)

/** A sentence from the library's error: what is wrong and, for a name, the nearest that there is. */
const explain = (
  scope: Scope,
  error: { code?: unknown; summary?: unknown; message: string; node?: unknown },
): string => {
  const summary = typeof error.summary === 'string' ? error.summary : error.message
  const node = error.node as ASTNode | undefined
  const quoted = summary.split(': ')[1] ?? ''
  switch (error.code) {
    case 'unknown_variable':
      return `There is no "${quoted}" here${didYouMean(quoted, scope.variables.keys(), `; use ${[...scope.variables.keys()].join(', ')}.`)}`
    case 'no_such_key': {
      const left = node?.op === '.' ? pathOf(node.args[0]) : null
      const type = left && typeOf(scope, left)
      const known = conditionStructures
        .filter((each) => type === null || type === undefined || each.name === type)
        .flatMap((each) => [...each.members.keys()])
      const of = left ? ` in ${left.join('.')}` : ''
      return `There is no "${quoted}"${of}${didYouMean(quoted, known, `; use one of ${[...new Set(known)].join(', ')}.`)}`
    }
    case 'no_such_overload':
      return `These do not go together: ${plainTypes(quoted)}. Use values of the same kind on both sides.`
    case 'limit_exceeded':
      return tooLarge
    case 'no_matching_overload':
      return `${summary.replace(/^found no matching overload for /, 'A function is used on values that it does not take: ')}.`
    default:
      return `${summary.split('\n')[0] ?? 'It is not an expression'}. Correct the expression.`
  }
}

/** The run of a checked expression over its variables: anything may come out, and it may throw. */
export type Program = (variables: object) => unknown

/** Parses, bounds and type-checks an expression; it must come to true or false. */
export const compileProgram = (
  scope: Scope,
  expression: string,
): { ok: true; program: Program } | { ok: false; message: string } => {
  const failed = (message: string): { ok: false; message: string } => ({ ok: false, message })
  if (expression.trim() === '') return failed('The condition is empty; write an expression or leave the condition out.')
  if (expression.length > maxLength) return failed(`The expression is too long: at most ${maxLength} characters.`)
  try {
    const strict = scope.strict.parse(expression)
    const refusal = refusalOf(scope, strict.ast, false)
    if (refusal !== null) return failed(refusal)
    const checked = strict.check()
    if (!checked.valid)
      return failed(checked.error ? explain(scope, checked.error) : 'The expression does not type-check.')
    if (checked.type !== 'bool') {
      return failed(
        `A condition must come to true or false, but this comes to ${plainTypes(checked.type ?? 'something else')}; compare it with something.`,
      )
    }
    const running = scope.running.parse(expression)
    const runs = running.check()
    if (!runs.valid) return failed(runs.error ? explain(scope, runs.error) : 'The expression does not type-check.')
    return { ok: true, program: (variables) => running(variables) as unknown }
  } catch (error) {
    // A long row of ! or - takes the parser's stack before it counts as too many parts.
    if (error instanceof RangeError) return failed(tooLarge)
    return failed(error instanceof Error ? explain(scope, error) : 'It is not an expression.')
  }
}
