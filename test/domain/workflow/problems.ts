// A company with queues, calendars and other workflows, and what validation says of a definition in it, short to compare.
import { initialParameters, type Company } from '../../../server/domain/company.ts'
import { compileVersion } from '../../../server/domain/workflow/compile.ts'
import { validateDefinition } from '../../../server/domain/workflow/validate.ts'
import type { Workflow, WorkflowProblem } from '../../../server/domain/workflow/workflow.ts'
import { parse, type Json } from './definitions.ts'
import { company as small } from './fixtures.ts'

const queue = (id: string, name: string, ...memberIds: string[]) => [id, { id, name, memberIds }] as const
const open = { from: '08:00', to: '16:00' }

export const company: Company = {
  ...small,
  directory: {
    ...small.directory,
    queues: new Map([
      queue('q1', 'desk', 'cora', 'clara'),
      queue('q2', 'nobody'),
      queue('q3', 'left', 'gone', 'audrey'),
      queue('q4', 'single', 'cora'),
    ]),
  },
  calendars: [
    {
      id: 'k1',
      name: 'Berlin',
      zone: 'Europe/Berlin',
      week: [open, open, open, open, open, null, null],
      holidays: [],
      isDefault: true,
    },
  ],
}
export const trusting: Company = { ...company, parameters: { ...initialParameters, authorsMayNotApprove: false } }

/** A workflow called as its id, with `definition` active unless it is null; made by `makers`, the first of whom saved it. */
export const other = (id: string, definition: Json | null, makers: readonly string[] = ['adam']): Workflow => ({
  id,
  name: id,
  ownerId: 'olga',
  rank: 1,
  isDefault: false,
  activation: null,
  activationCondition: null,
  lockVersion: 1,
  activeVersion:
    definition === null
      ? null
      : compileVersion({
          workflowId: id,
          version: 1,
          definition: parse(definition),
          settings: { name: id, ownerId: 'olga', rank: 1, isDefault: false, activation: null },
          note: null,
          createdById: makers[0] ?? 'adam',
          createdAt: '',
          activatedByIds: makers,
        }),
})

export type Wanted = {
  readonly in?: Company
  readonly self?: {
    readonly id?: string
    readonly activation?: string
    readonly isDefault?: boolean
    readonly ownerId?: string
  }
  readonly makers?: readonly string[]
}
export const problemsOf = (definition: Json, wanted: Wanted = {}): WorkflowProblem[] =>
  validateDefinition(
    parse(definition),
    wanted.in ?? company,
    { id: 'own', activation: null, ownerId: 'olga', ...wanted.self },
    wanted.makers ?? [],
  )

/** A rule by its name, a definition that breaks it, and the one problem: severity, path, and a part of what is to be done. */
export type Row = [
  rule: string,
  definition: Json,
  severity: 'ERROR' | 'WARNING',
  path: string,
  part: string,
  wanted?: Wanted,
]

/** What a sentence of a problem looks like: it ends, and it says what to do. */
export const sentence = /^\S.{20,}[.?]$/s
export const toDo =
  /\b(?:add|name|use|give|remove|make|put|call|allow|take|reject|correct|activate|choose|split|write|compare|did you mean|run fewer|end with|limit is)\b/i
