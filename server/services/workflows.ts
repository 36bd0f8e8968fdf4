// Saving workflows: it makes a new immutable version, and activates it if asked to. Checking one says what a save would say.
import type { Reader } from '../db/connect.ts'
import { DomainError } from '../domain/errors.ts'
import { mayAdminister } from '../domain/permit.ts'
import type { Definition } from '../domain/workflow/definition.ts'
import { parseDefinition } from '../domain/workflow/parse.ts'
import { validateDefinition } from '../domain/workflow/validate.ts'
import { validateHead } from '../domain/workflow/validate-head.ts'
import type { Workflow, WorkflowProblem, WorkflowSettings } from '../domain/workflow/workflow.ts'
import { newId } from '../store/ids.ts'
import {
  insertWorkflow,
  listVersions,
  loadVersion,
  saveWorkflow as storeWorkflow,
  saveWorkflowVersion,
  type WorkflowHead,
} from '../store/workflows.ts'
import type { App, Viewer } from './app.ts'
import { companyIdByCode, notFound, type Scope } from './command.ts'
import { administer } from './setup.ts'
import { activate, lockedCompany, type WorkflowAnswer } from './workflow-life.ts'
import { invalidWorkflow } from './workflow-problems.ts'

export type WorkflowInput = {
  readonly company: string
  /** Absent: a new one. */
  readonly workflowId?: string | null
  /** The newest version that was looked at. */
  readonly expectedVersion?: number | null
  readonly name: string
  readonly ownerId?: string | null
  readonly rank?: number | null
  readonly isDefault?: boolean | null
  readonly activation?: string | null
  /** In the shape of WorkflowDefinitionInput. */
  readonly definition: unknown
  readonly note?: string | null
  readonly activate?: boolean | null
  readonly idempotencyKey?: string | null
}

/** What would be saved. `before`: the workflow as it is; undefined: it is a new one. */
type Draft = {
  readonly before: Workflow | undefined
  readonly head: WorkflowHead
  readonly settings: WorkflowSettings
  readonly definition: Definition
  readonly note: string
  /** Warnings alone: with an error it is no draft. */
  readonly problems: readonly WorkflowProblem[]
}

/** Reads an input as what it would save. Errors: as of `saveWorkflow`. */
const draftOf = async (
  reader: Reader,
  { company, actor }: Pick<Scope, 'company' | 'actor'>,
  input: WorkflowInput,
): Promise<Draft> => {
  const before = company.workflows.find((w) => w.id === input.workflowId)
  const named = input.workflowId ?? null
  if (named !== null && before === undefined) throw notFound('workflow', 'workflowId')
  // What a version says beside its definition waits with it: nothing of a workflow that runs changes before it is activated.
  const last = before === undefined ? undefined : await newestSettings(reader, company.id, before)
  const settings: WorkflowSettings = {
    name: input.name.trim(),
    ownerId: input.ownerId ?? last?.ownerId ?? actor.id,
    rank: input.rank ?? last?.rank ?? company.workflows.length + 1,
    isDefault: input.isDefault ?? last?.isDefault ?? false,
    activation:
      input.activation === undefined
        ? (last?.activation ?? null)
        : input.activation?.trim() === ''
          ? null
          : input.activation,
  }
  const head: WorkflowHead = { id: before?.id ?? newId(), ...settings, lockVersion: (before?.lockVersion ?? 0) + 1 }
  const note = input.note?.trim() ?? ''
  const own = validateHead(head, note, company)
  const parsed = parseDefinition(input.definition)
  const problems = [
    ...own,
    ...(parsed.ok ? validateDefinition(parsed.definition, company, head, [actor.id]) : parsed.problems),
  ]
  if (!parsed.ok || problems.some((p) => p.severity === 'ERROR')) throw invalidWorkflow(problems)
  const expected = input.expectedVersion ?? null
  if (before !== undefined && expected !== null && !(await isNewest(reader, company.id, before.id, expected)))
    throw new DomainError(
      'STALE_VERSION',
      `Somebody has saved a newer version of "${before.name}" than ${expected}. Look at it, then save again.`,
      { at: ['expectedVersion'], detail: { workflowId: before.id } },
    )
  return { before, head, settings, definition: parsed.definition, note, problems }
}

/**
 * Saves a new version of a workflow, or a new workflow, and activates it if asked to. Errors: INVALID_WORKFLOW with all problems,
 * STALE_VERSION, INVALID_VALUE (as problems of the workflow), NOT_PERMITTED, NOT_FOUND.
 */
export const saveWorkflow = (app: App, viewer: Viewer, input: WorkflowInput): Promise<WorkflowAnswer> =>
  administer(app, viewer, 'saveWorkflow', input, async (asked) => {
    const company = await lockedCompany(app, asked)
    const scope: Scope = { ...asked, company }
    const { tx, actor, now, append } = scope
    const { before, head, settings, definition, note } = await draftOf(tx, scope, input)
    const workflowId = head.id
    if (before === undefined) await insertWorkflow(tx, company.id, head)
    else {
      const live = before.activeVersion?.settings
      await storeWorkflow(tx, company.id, before, live === undefined ? head : { ...head, ...live })
    }
    const version = await saveWorkflowVersion(tx, company.id, {
      workflowId,
      definition,
      settings,
      note: note === '' ? null : note,
      createdById: actor.id,
      createdAt: now,
    })
    await append([{ type: 'WorkflowSaved', data: { workflowId, version, ...settings, note } }])
    if (input.activate === true)
      await activate(scope, { workflowId, version, settings }, before?.activeVersion?.version ?? null)
    return { companyId: company.id, workflowId }
  })

/** What `saveWorkflow` would say of an input: its errors, or the warnings with which it would be saved. Writes nothing. */
export const checkWorkflow = async (
  app: App,
  viewer: Viewer,
  input: WorkflowInput,
): Promise<{ readonly problems: readonly WorkflowProblem[] }> => {
  const companyId = companyIdByCode(viewer, input.company)
  const company = await app.setup.company(app.db, companyId)
  const actor = company?.directory.people.get(viewer.userId)
  if (company === null || actor === undefined) throw notFound('company', 'company')
  const refusal = mayAdminister({ company, actor })
  if (refusal !== null) throw refusal
  const { problems } = await draftOf(app.db, { company, actor }, input)
  return { problems }
}

/** The settings that were saved last: what an input leaves out stays as it is there. */
const newestSettings = async (reader: Reader, companyId: string, workflow: Workflow): Promise<WorkflowSettings> =>
  (await listVersions(reader, companyId, workflow.id))[0]?.settings ?? workflow

const isNewest = async (reader: Reader, companyId: string, workflowId: string, version: number): Promise<boolean> =>
  (await loadVersion(reader, companyId, workflowId, version)) !== null &&
  (await loadVersion(reader, companyId, workflowId, version + 1)) === null
