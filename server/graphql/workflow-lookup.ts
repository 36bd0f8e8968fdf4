// Workflows and versions by id, for whoever points to them.
import { companyOf, type Context } from './context.ts'
import type { WorkflowModel, WorkflowVersionModel } from './refs.ts'
import { keyText } from '../store/prepared.ts'
import { loadWorkflow } from '../store/workflows.ts'

/** A workflow of the company, also one that has been deleted: what ran on it still names it. */
export const workflowIn = async (
  context: Context,
  companyId: string,
  workflowId: string,
): Promise<WorkflowModel | null> => {
  const workflow = (await companyOf(context, companyId)).workflows.find(({ id }) => id === workflowId)
  if (workflow !== undefined) return { companyId, workflow }
  const deleted = await loadWorkflow(context.app.db, companyId, workflowId)
  return deleted && { companyId, workflow: { ...deleted, activeVersion: null, activationCondition: null } }
}

export const versionsOf = async (
  context: Context,
  { companyId, workflow }: WorkflowModel,
): Promise<WorkflowVersionModel[]> =>
  (await context.loaders.versions.load(keyText(companyId, workflow.id))).map((version) => ({
    companyId,
    workflow,
    version,
  }))

export const versionIn = async (
  context: Context,
  companyId: string,
  workflowId: string,
  version: number,
): Promise<WorkflowVersionModel | null> => {
  const found = await workflowIn(context, companyId, workflowId)
  if (found === null) return null
  const { activeVersion } = found.workflow
  if (activeVersion?.version === version) return { ...found, version: activeVersion }
  return (await versionsOf(context, found)).find((v) => v.version.version === version) ?? null
}
