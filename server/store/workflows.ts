// Workflows, their versions, and which one is active.
import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { runs } from '../db/tables/proposals.ts'
import { workflowActivations, workflows, workflowVersions } from '../db/tables/workflows.ts'
import type { Workflow, WorkflowVersion } from '../domain/workflow/workflow.ts'
import { StaleWrite } from './errors.ts'
import { preparedFor } from './prepared.ts'
import { raiseSetupVersion } from './setup-version.ts'

/** A workflow as it is stored: nothing is compiled yet. */
export type StoredWorkflow = Omit<Workflow, 'activationCondition' | 'activeVersion'> & {
  readonly activeVersion: WorkflowVersion | null
}

// The outer table is named by hand: Drizzle leaves the table's name out where it selects from one table alone.
const activatedByIds = sql<string[]>`array(
  select a.user_id from workflow_activations a
  where a.company_id = workflow_versions.company_id and a.workflow_id = workflow_versions.workflow_id
    and a.version = workflow_versions.version
  order by a.place)`

const versionColumns = {
  workflowId: workflowVersions.workflowId,
  version: workflowVersions.version,
  definition: workflowVersions.definition,
  settings: workflowVersions.settings,
  note: workflowVersions.note,
  createdById: workflowVersions.createdById,
  createdAt: workflowVersions.createdAt,
  activatedByIds,
}

const selectWorkflows = (reader: Reader) =>
  reader
    .select({ workflow: workflows, version: versionColumns })
    .from(workflows)
    .leftJoin(
      workflowVersions,
      and(
        eq(workflowVersions.companyId, workflows.companyId),
        eq(workflowVersions.workflowId, workflows.id),
        eq(workflowVersions.version, workflows.activeVersion),
      ),
    )

const statements = preparedFor((reader) => ({
  list: selectWorkflows(reader)
    .where(and(eq(workflows.companyId, sql.placeholder('companyId')), isNull(workflows.deletedAt)))
    .orderBy(asc(workflows.rank), asc(workflows.name), asc(workflows.id))
    .prepare('workflows'),
}))

type Row = Awaited<ReturnType<typeof selectWorkflows>>[number]
const workflowOf = ({ workflow, version }: Row): StoredWorkflow => {
  const { companyId: _, activeVersion: __, deletedAt: ___, ...head } = workflow
  return { ...head, activeVersion: version }
}

/** All workflows of a company by rank, each with its active version; without those that have been deleted. */
export const loadWorkflows = async (reader: Reader, companyId: string): Promise<StoredWorkflow[]> =>
  (await statements(reader).list.execute({ companyId })).map(workflowOf)

/** One workflow, deleted or not: what ran on it still names it. */
export const loadWorkflow = async (reader: Reader, companyId: string, id: string): Promise<StoredWorkflow | null> => {
  const [row] = await selectWorkflows(reader).where(and(eq(workflows.companyId, companyId), eq(workflows.id, id)))
  return row === undefined ? null : workflowOf(row)
}

const ofWorkflow = (companyId: string, workflowId: string) =>
  and(eq(workflowVersions.companyId, companyId), eq(workflowVersions.workflowId, workflowId))

export const loadVersion = async (
  reader: Reader,
  companyId: string,
  workflowId: string,
  version: number,
): Promise<WorkflowVersion | null> => {
  const [row] = await reader
    .select(versionColumns)
    .from(workflowVersions)
    .where(and(ofWorkflow(companyId, workflowId), eq(workflowVersions.version, version)))
  return row ?? null
}

/** Every version of a workflow, the newest first. */
export const listVersions = (reader: Reader, companyId: string, workflowId: string): Promise<WorkflowVersion[]> =>
  reader
    .select(versionColumns)
    .from(workflowVersions)
    .where(ofWorkflow(companyId, workflowId))
    .orderBy(desc(workflowVersions.version))

/**
 * How many proposals are on their way through each of a company's workflows, be it as a subworkflow that was pinned at the submit; one
 * on which none is has no entry.
 */
export const countRunning = async (reader: Reader, companyId: string): Promise<Map<string, number>> => {
  const rows = await reader.execute<{ id: string; running: number }>(sql`
    select used.id, count(*)::int as running
    from ${runs}, lateral (select ${runs.workflowId}::text union select jsonb_object_keys(${runs.pinned})) as used (id)
    where ${runs.companyId} = ${companyId} and ${runs.endHow} is null
    group by used.id`)
  return new Map(rows.map(({ id, running }) => [id, running]))
}

export type WorkflowHead = Omit<StoredWorkflow, 'activeVersion'>

/** A new workflow, without a version. */
export const insertWorkflow = async (tx: Tx, companyId: string, workflow: WorkflowHead): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  await tx.insert(workflows).values({ companyId, ...workflow })
}

/** Saves what a workflow says beside its versions, if its row is still at `before.lockVersion`; StaleWrite otherwise. */
export const saveWorkflow = async (
  tx: Tx,
  companyId: string,
  before: Pick<WorkflowHead, 'id' | 'lockVersion'>,
  after: WorkflowHead,
): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  const { id: _, ...columns } = after
  const written = await tx
    .update(workflows)
    .set(columns)
    .where(
      and(
        eq(workflows.companyId, companyId),
        eq(workflows.id, before.id),
        eq(workflows.lockVersion, before.lockVersion),
      ),
    )
    .returning({ id: workflows.id })
  if (written.length !== 1) throw new StaleWrite('workflows')
}

/** Adds a version under the next number, which it returns. Versions never change. */
export const saveWorkflowVersion = async (
  tx: Tx,
  companyId: string,
  version: Omit<WorkflowVersion, 'version' | 'activatedByIds'>,
): Promise<number> => {
  // The lock on the company's row keeps two savers from the same number.
  await raiseSetupVersion(tx, companyId)
  const next = sql<number>`(
    select coalesce(max(v.version), 0) + 1 from workflow_versions v
    where v.company_id = ${companyId} and v.workflow_id = ${version.workflowId})`
  const [row] = await tx
    .insert(workflowVersions)
    .values({ companyId, ...version, version: next })
    .returning({ version: workflowVersions.version })
  if (row === undefined) throw new Error('the insert of a workflow version returned nothing')
  return row.version
}

/** Makes a version the active one in place of any other, with the settings that were saved with it, and records who did. */
export const activateVersion = async (
  tx: Tx,
  companyId: string,
  version: Pick<WorkflowVersion, 'workflowId' | 'version' | 'settings'>,
  by: { readonly userId: string; readonly at: string },
): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  await tx
    .update(workflows)
    .set({
      activeVersion: version.version,
      lockVersion: sql`${workflows.lockVersion} + 1`,
      name: version.settings.name,
      ownerId: version.settings.ownerId,
      rank: version.settings.rank,
      isDefault: version.settings.isDefault,
      activation: version.settings.activation,
    })
    .where(and(eq(workflows.companyId, companyId), eq(workflows.id, version.workflowId)))
  await tx
    .insert(workflowActivations)
    .values({ companyId, workflowId: version.workflowId, version: version.version, ...by })
    .onConflictDoNothing()
}

/** Leaves a workflow without an active version: nothing new starts on it. */
export const deactivateWorkflow = async (tx: Tx, companyId: string, workflowId: string): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  await tx
    .update(workflows)
    .set({ activeVersion: null, lockVersion: sql`${workflows.lockVersion} + 1` })
    .where(and(eq(workflows.companyId, companyId), eq(workflows.id, workflowId)))
}

/** Takes a workflow out of the company's list. Its row and versions stay: what ran on them names them. */
export const deleteWorkflow = async (tx: Tx, companyId: string, workflowId: string, at: string): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  await tx
    .update(workflows)
    .set({ activeVersion: null, isDefault: false, deletedAt: at, lockVersion: sql`${workflows.lockVersion} + 1` })
    .where(and(eq(workflows.companyId, companyId), eq(workflows.id, workflowId)))
}
