// Activating, deactivating and deleting workflows: what they are worth is judged again in the company as it is now.
import type { Company } from '../domain/company.ts'
import { mayAdminister } from '../domain/permit.ts'
import { whyNotDeactivate, whyNotDelete } from '../domain/workflow/life.ts'
import { validateDefinition } from '../domain/workflow/validate.ts'
import { validateHead } from '../domain/workflow/validate-head.ts'
import type { Workflow, WorkflowVersion } from '../domain/workflow/workflow.ts'
import { raiseSetupVersion } from '../store/setup-version.ts'
import {
  activateVersion,
  countRunning,
  deactivateWorkflow as storeDeactivation,
  deleteWorkflow as storeDeletion,
  loadVersion,
} from '../store/workflows.ts'
import type { App, Viewer } from './app.ts'
import { command, notFound, type Replayed, type Scope } from './command.ts'
import { invalidWorkflow } from './workflow-problems.ts'

export type WorkflowAnswer = { readonly companyId: string; readonly workflowId: string } & Replayed

/**
 * The set-up as nobody else can change it before this transaction ends: a workflow is not activated while another that it runs
 * goes out of use.
 */
export const lockedCompany = async (app: App, { tx, company }: Pick<Scope, 'tx' | 'company'>): Promise<Company> => {
  await raiseSetupVersion(tx, company.id)
  return (await app.setup.uncommitted(tx, company.id)) ?? company
}

/** Makes a version the active one and says so. */
export const activate = async (
  { tx, company, actor, now, append }: Scope,
  version: Pick<WorkflowVersion, 'workflowId' | 'version' | 'settings'>,
  before: number | null,
): Promise<void> => {
  await activateVersion(tx, company.id, version, { userId: actor.id, at: now })
  const { workflowId, settings } = version
  await append([{ type: 'WorkflowActivated', data: { workflowId, version: version.version, before, ...settings } }])
}

type Target = { readonly companyId: string; readonly workflowId: string; readonly idempotencyKey?: string | null }
const onWorkflow = (
  app: App,
  viewer: Viewer,
  mutation: string,
  input: Target,
  work: (scope: Scope, workflow: Workflow) => Promise<void>,
): Promise<WorkflowAnswer> => {
  const { companyId, workflowId, idempotencyKey } = input
  const by = { what: 'workflow', at: 'workflowId' }
  return command(app, viewer, { mutation, companyId, idempotencyKey, input, by }, async (scope) => {
    const refusal = mayAdminister(scope)
    if (refusal !== null) throw refusal
    const company = await lockedCompany(app, scope)
    const workflow = company.workflows.find((w) => w.id === workflowId)
    if (workflow === undefined) throw notFound('workflow', 'workflowId')
    await work({ ...scope, company }, workflow)
    return { companyId: company.id, workflowId }
  })
}

/** Makes a version the one that new submits run on. Errors: INVALID_WORKFLOW when it has errors by now, NOT_PERMITTED, NOT_FOUND. */
export const activateWorkflow = (
  app: App,
  viewer: Viewer,
  input: Target & { readonly version: number },
): Promise<WorkflowAnswer> =>
  onWorkflow(app, viewer, 'activateWorkflow', input, async (scope, workflow) => {
    const stored = await loadVersion(scope.tx, scope.company.id, workflow.id, input.version)
    if (stored === null) throw notFound('version of this workflow', 'version')
    const self = { id: workflow.id, ...stored.settings }
    const makers = [stored.createdById, ...stored.activatedByIds, scope.actor.id]
    const problems = [
      ...validateHead(self, '', scope.company),
      ...validateDefinition(stored.definition, scope.company, self, makers),
    ]
    if (problems.some((p) => p.severity === 'ERROR')) throw invalidWorkflow(problems)
    if (workflow.activeVersion?.version !== input.version)
      await activate(scope, stored, workflow.activeVersion?.version ?? null)
  })

const sayDeactivated = ({ append }: Scope, { id, activeVersion }: Workflow): Promise<void> =>
  activeVersion === null
    ? Promise.resolve()
    : append([{ type: 'WorkflowDeactivated', data: { workflowId: id, version: activeVersion.version } }])

/**
 * Leaves a workflow without an active version: nothing new starts on it, what runs on it goes on. Errors: WRONG_STATE while an active
 * version of another workflow runs it, NOT_PERMITTED, NOT_FOUND.
 */
export const deactivateWorkflow = (app: App, viewer: Viewer, input: Target): Promise<WorkflowAnswer> =>
  onWorkflow(app, viewer, 'deactivateWorkflow', input, async (scope, workflow) => {
    const { tx, company } = scope
    const running = (await countRunning(tx, company.id)).get(workflow.id) ?? 0
    const refusal = whyNotDeactivate(workflow, company.workflows, running)
    if (refusal !== null) throw refusal
    if (workflow.activeVersion === null) return
    await storeDeactivation(tx, company.id, workflow.id)
    await sayDeactivated(scope, workflow)
  })

/**
 * Deletes a workflow; what ran on it still shows it. Errors: WRONG_STATE while something runs on it or an active version of another
 * workflow runs it, NOT_PERMITTED, NOT_FOUND.
 */
export const deleteWorkflow = (app: App, viewer: Viewer, input: Target): Promise<WorkflowAnswer> =>
  onWorkflow(app, viewer, 'deleteWorkflow', input, async (scope, workflow) => {
    const { tx, company, now, append } = scope
    const running = (await countRunning(tx, company.id)).get(workflow.id) ?? 0
    const refusal = whyNotDelete(workflow, company.workflows, running)
    if (refusal !== null) throw refusal
    await storeDeletion(tx, company.id, workflow.id, now)
    await sayDeactivated(scope, workflow)
    await append([{ type: 'WorkflowDeleted', data: { workflowId: workflow.id, name: workflow.name } }])
  })
