// A workflow definition as it comes in, in the shape of WorkflowDefinitionInput, made into the domain's Definition: null and absent
// alike, defaults filled in, everything bounded. Whether it makes sense is said by validation.
import { z } from 'zod'
import { roles } from '../directory.ts'
import { isText } from '../text.ts'
import { placedElements } from './compile.ts'
import type {
  ApprovalElement,
  Assignee,
  Assignment,
  Branch,
  Case,
  Definition,
  Element,
  Escalation,
  FinalAction,
  Hierarchy,
  Step,
  TimeLimit,
} from './definition.ts'
import type { WorkflowProblem } from './workflow.ts'

const maxElements = 200
const maxNested = 20
/** Levels of JSON that one nested element takes: its list, itself, its kind, its branches and one branch. */
const maxJsonDepth = (maxNested + 2) * 5

const control = 'Holds control characters; remove them.'
const text = (max: number) =>
  z
    .string('Give a text.')
    .trim()
    .min(1, 'Must not be empty.')
    .max(max, `Must have at most ${max} characters.`)
    .refine(isText, control)
/** Blank counts as absent. */
const optionalText = (max: number) =>
  z
    .string('Give a text or leave it out.')
    .trim()
    .max(max, `Must have at most ${max} characters.`)
    .refine(isText, control)
    .nullish()
    .transform((value) => (value === undefined || value === '' ? null : value))
const orNull = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)
const flag = z
  .boolean('Give true or false.')
  .nullish()
  .transform((value) => value ?? false)
const whole = z.int('Give a whole number.')
const oneFrom = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `Give one of ${values.join(', ')}.`)
const list = <T extends z.ZodType>(schema: T, max: number) =>
  z.array(schema, 'Give a list.').max(max, `At most ${max} entries are allowed.`)

const object = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `There is no "${issue.keys.join('", "')}" here; remove it.`
        : `Give a value with ${Object.keys(shape).join(', ')}.`,
  })

const name = text(100)
const id = text(200)
const expression = text(10_000)

type OneOf<S> = { [K in keyof S]: S[K] extends z.ZodType ? Readonly<Record<K, z.output<S[K]>>> : never }[keyof S]
/** Exactly one member, as in GraphQL's @oneOf. The members come as a function because elements hold elements. */
const oneOf = <S extends Readonly<Record<string, z.ZodType>>>(members: () => S) =>
  z.unknown().transform((value, context): OneOf<S> => {
    const refuse = (message: string): never => {
      context.issues.push({ code: 'custom', message, input: value })
      return z.NEVER
    }
    const shape = members()
    const choice = `Give exactly one of ${Object.keys(shape).join(', ')}.`
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return refuse(choice)
    const given = Object.entries(value as Readonly<Record<string, unknown>>).filter(
      ([, inner]) => inner !== null && inner !== undefined,
    )
    const [first] = given
    if (first === undefined || given.length > 1) return refuse(choice)
    const [key, inner] = first
    const schema = Object.hasOwn(shape, key) ? shape[key] : undefined
    if (schema === undefined) return refuse(choice)
    const parsed = schema.safeParse(inner)
    if (parsed.success) return { [key]: parsed.data } as OneOf<S>
    for (const issue of parsed.error.issues) {
      context.issues.push({ code: 'custom', message: issue.message, path: [key, ...issue.path], input: inner })
    }
    return z.NEVER
  })

const timeLimit: z.ZodType<TimeLimit> = object({
  amount: whole,
  unit: oneFrom(['HOURS', 'DAYS', 'WEEKS', 'MONTHS']),
  workingTime: flag,
  calendar: optionalText(100),
})
const hierarchy: z.ZodType<Hierarchy> = object({
  startUserId: orNull(id),
  levels: orNull(whole),
  until: optionalText(10_000),
  take: oneFrom(['ALL', 'LAST'])
    .nullish()
    .transform((value) => value ?? 'ALL'),
})
const assignee: z.ZodType<Assignee> = oneOf(() => ({
  users: list(id, 100),
  group: name,
  role: z.enum(roles, `Give one of ${roles.join(', ')}.`),
  hierarchy,
  workflowUser: oneFrom(['SUBMITTER', 'OWNER', 'PREVIOUS_APPROVER']),
  queue: name,
}))
const assignment: z.ZodType<Assignment> = object({
  to: assignee,
  policy: oneFrom(['SINGLE', 'MAJORITY', 'PERCENT', 'ALL'])
    .nullish()
    .transform((value) => value ?? 'SINGLE'),
  percent: orNull(whole),
  quorum: oneFrom(['ANSWERS', 'APPROVALS'])
    .nullish()
    .transform((value) => value ?? 'ANSWERS'),
})
const escalation: z.ZodType<Escalation> = object({ to: assignee, timeLimit })
const finalAction: z.ZodType<FinalAction> = oneOf(() => ({
  verdict: oneFrom(['APPROVE', 'REJECT']),
  task: oneFrom(['COMPLETE', 'RETURN']),
  choice: name,
}))
const step: z.ZodType<Step> = object({
  name,
  subject: optionalText(200),
  instructions: optionalText(2000),
  guards: orNull(list(text(100), 200)),
  when: optionalText(10_000),
  assign: list(assignment, 20),
  join: oneFrom(['ALL', 'ANY'])
    .nullish()
    .transform((value) => value ?? 'ALL'),
  timeLimit: orNull(timeLimit),
  escalation: orNull(list(escalation, 20)),
  finally: orNull(finalAction),
})
const approval: z.ZodType<ApprovalElement> = object({
  name,
  steps: list(step, 20),
  allow: orNull(list(oneFrom(['APPROVE', 'REJECT', 'REQUEST_CHANGE', 'DELEGATE']), 4)),
  partial: flag,
  automatic: orNull(
    list(object({ when: expression, then: oneFrom(['APPROVE', 'REJECT']), fields: list(text(100), 200) }), 20),
  ),
  timeLimit: orNull(timeLimit),
  onTimeLimit: orNull(oneFrom(['APPROVE', 'REJECT'])),
  finalApproverId: orNull(id),
})
const element: z.ZodType<Element> = oneOf(() => ({
  approval,
  task: object({ name, step }),
  decision: object({ name, step, outcomes: list(branch, 20) }),
  condition: object({ name, cases: list(oneCase, 20), else: orNull(elements) }),
  parallel: object({ name, branches: list(branch, 20) }),
  automated: object({
    name,
    check: orNull(oneFrom(['DUPLICATE_TAX_NUMBER', 'IBAN', 'VAT_NUMBER'])),
    webhookId: orNull(id),
    outcomes: orNull(list(branch, 20)),
  }),
  subworkflow: object({ name, workflowId: id }),
}))
const elements = list(element, maxElements)
const branch: z.ZodType<Branch> = object({ name, elements })
const oneCase: z.ZodType<Case> = object({ name: optionalText(100), when: expression, elements })
const definition: z.ZodType<Definition> = object({ elements })

const jsonDepthExceeds = (value: unknown, depth: number): boolean =>
  value !== null &&
  typeof value === 'object' &&
  (depth === 0 || Object.values(value).some((inner) => jsonDepthExceeds(inner, depth - 1)))

const kinds: ReadonlySet<string> = new Set([
  'approval',
  'task',
  'decision',
  'condition',
  'parallel',
  'automated',
  'subworkflow',
])

/** Elements in unknown JSON, by their kinds. */
const countElements = (value: unknown): number => {
  if (value === null || typeof value !== 'object') return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countElements(each), 0)
  let count = 0
  for (const [key, inner] of Object.entries(value)) {
    if (kinds.has(key) && inner !== null && typeof inner === 'object') count += 1
    count += countElements(inner)
  }
  return count
}

export type ParsedDefinition =
  | { readonly ok: true; readonly definition: Definition }
  | { readonly ok: false; readonly problems: readonly WorkflowProblem[] }
const error = (path: string, message: string): WorkflowProblem => ({ path, severity: 'ERROR', message })

/**
 * Reads a definition (unknown JSON in the shape of WorkflowDefinitionInput). Problems are errors with the path of the member, e.g.
 * `elements.1.approval.steps.0.name`. What was parsed parses again to the same.
 */
export const parseDefinition = (input: unknown): ParsedDefinition => {
  const tooDeep = error('elements', `Elements are nested more than ${maxNested} deep; make the definition flatter.`)
  if (jsonDepthExceeds(input, maxJsonDepth)) return { ok: false, problems: [tooDeep] }
  // Before anything is read: what is far too large costs no more than being counted.
  const count = countElements(input)
  if (count > maxElements) {
    const message = `There are ${count} elements; at most ${maxElements} are allowed.`
    return { ok: false, problems: [error('elements', message)] }
  }
  const parsed = definition.safeParse(input)
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 100).map(({ path, message }) => error(path.join('.'), message))
    return { ok: false, problems }
  }
  const placed = placedElements(parsed.data.elements)
  if (placed.length > maxElements) {
    return {
      ok: false,
      problems: [error('elements', `There are ${placed.length} elements; at most ${maxElements} are allowed.`)],
    }
  }
  if (placed.some(({ depth }) => depth > maxNested)) return { ok: false, problems: [tooDeep] }
  return { ok: true, definition: parsed.data }
}
