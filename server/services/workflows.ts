// Saving workflows: it makes a new immutable version, and activates it if asked to.
import { DomainError } from '../domain/errors.ts'
import { parseDefinition } from '../domain/workflow/parse.ts'
import { validateDefinition } from '../domain/workflow/validate.ts'
import { validateHead } from '../domain/workflow/validate-head.ts'
import type { Workflow, WorkflowSettings } from '../domain/workflow/workflow.ts'
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
import { notFound, type Scope } from './command.ts'
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

/**
 * Saves a new version of a workflow, or a new workflow, and activates it if asked to. Errors: INVALID_WORKFLOW with all problems,
 * STALE_VERSION, INVALID_VALUE (as problems of the workflow), NOT_PERMITTED, NOT_FOUND.
 */
export const saveWorkflow = (app: App, viewer: Viewer, input: WorkflowInput): Promise<WorkflowAnswer> =>
  administer(app, viewer, 'saveWorkflow', input, async (asked) => {
    const company = await lockedCompany(app, asked)
    const scope: Scope = { ...asked, company }
    const { tx, actor, now, append } = scope
    const before = company.workflows.find((w) => w.id === input.workflowId)
    const named = input.workflowId ?? null
    if (named !== null && before === undefined) throw notFound('workflow', 'workflowId')
    const workflowId = before?.id ?? newId()
    // What a version says beside its definition waits with it: nothing of a workflow that runs changes before it is activated.
    const last = before === undefined ? undefined : await newestSettings(scope, before)
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
    const head: WorkflowHead = { id: workflowId, ...settings, lockVersion: (before?.lockVersion ?? 0) + 1 }
    const note = input.note?.trim() ?? ''
    const own = validateHead(head, note, company)
    const parsed = parseDefinition(input.definition)
    const problems = [
      ...own,
      ...(parsed.ok ? validateDefinition(parsed.definition, company, head, [actor.id]) : parsed.problems),
    ]
    if (!parsed.ok || problems.some((p) => p.severity === 'ERROR')) throw invalidWorkflow(problems)
    if (before === undefined) await insertWorkflow(tx, company.id, head)
    else {
      const expected = input.expectedVersion ?? null
      if (expected !== null && !(await isNewest(scope, before.id, expected))) {
        throw new DomainError(
          'STALE_VERSION',
          `Somebody has saved a newer version of "${before.name}" than ${expected}. Look at it, then save again.`,
          { at: ['expectedVersion'], detail: { workflowId: before.id } },
        )
      }
      const live = before.activeVersion?.settings
      await storeWorkflow(tx, company.id, before, live === undefined ? head : { ...head, ...live })
    }
    const version = await saveWorkflowVersion(tx, company.id, {
      workflowId,
      definition: parsed.definition,
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

/** The settings that were saved last: what an input leaves out stays as it is there. */
const newestSettings = async ({ tx, company }: Scope, workflow: Workflow): Promise<WorkflowSettings> =>
  (await listVersions(tx, company.id, workflow.id))[0]?.settings ?? workflow

const isNewest = async ({ tx, company }: Scope, workflowId: string, version: number): Promise<boolean> =>
  (await loadVersion(tx, company.id, workflowId, version)) !== null &&
  (await loadVersion(tx, company.id, workflowId, version + 1)) === null
