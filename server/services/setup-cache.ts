// Companies' set-up, compiled once per version of it. One small query tells whether the cached one still stands, so every command
// and every request works on what is committed, and a second process's changes are seen at once.
import type { Reader, Tx } from '../db/connect.ts'
import type { Company } from '../domain/company.ts'
import { compileVersion } from '../domain/workflow/compile.ts'
import { compileCondition } from '../domain/workflow/conditions.ts'
import type { RunnableVersion, Workflow } from '../domain/workflow/workflow.ts'
import { loadCompany, type StoredCompany } from '../store/companies.ts'
import { readSetupVersion } from '../store/setup-version.ts'
import { loadVersion, type StoredWorkflow } from '../store/workflows.ts'

export type SetupCache = {
  /**
   * The set-up as committed (or as this transaction sees it); null where there is no such company. A `version` that the
   * caller has just read spares asking for it.
   */
  company(reader: Reader, companyId: string, version?: number): Promise<Company | null>
  /** The set-up as this transaction has changed it; nobody else is shown it, as it may yet be rolled back. */
  uncommitted(tx: Tx, companyId: string): Promise<Company | null>
  /** Any version of a workflow, compiled; null where there is none. */
  version(reader: Reader, company: Company, workflowId: string, version: number): Promise<RunnableVersion | null>
}

type Entry = { readonly company: Company; readonly versions: Map<string, RunnableVersion> }
// A compiled version is some kilobytes; a company rarely has proposals on more versions than this.
const maxVersions = 200

const compile = (stored: StoredWorkflow): Workflow => {
  const activation = stored.activation === null ? null : compileCondition(stored.activation)
  const expression = stored.activation ?? ''
  return {
    ...stored,
    // Only expressions that compile are saved; one that does not any more is never true.
    activationCondition:
      activation === null
        ? null
        : activation.ok
          ? activation.condition
          : { expression, evaluate: () => ({ ok: false, message: activation.message }) },
    activeVersion: stored.activeVersion === null ? null : compileVersion(stored.activeVersion),
  }
}

const compiled = (stored: StoredCompany): Company => ({ ...stored, workflows: stored.workflows.map(compile) })

export const createSetupCache = (): SetupCache => {
  const entries = new Map<string, Entry>()
  const load = async (reader: Reader, companyId: string, known?: number): Promise<Entry | null> => {
    const version = known ?? (await readSetupVersion(reader, companyId))
    if (version === null) return null
    const cached = entries.get(companyId)
    if (cached?.company.setupVersion === version) return cached
    const stored = await loadCompany(reader, companyId)
    if (stored === null) return null
    const entry: Entry = { company: compiled(stored), versions: new Map() }
    if (stored.setupVersion === version) entries.set(companyId, entry)
    return entry
  }
  return {
    async company(reader, companyId, version) {
      return (await load(reader, companyId, version))?.company ?? null
    },
    async uncommitted(tx, companyId) {
      const stored = await loadCompany(tx, companyId)
      return stored === null ? null : compiled(stored)
    },
    async version(reader, company, workflowId, version) {
      const active = company.workflows.find((w) => w.id === workflowId)?.activeVersion
      if (active?.version === version) return active
      const versions = entries.get(company.id)?.company === company ? entries.get(company.id)?.versions : undefined
      const key = `${workflowId} ${version}`
      const cached = versions?.get(key)
      if (cached !== undefined) return cached
      const stored = await loadVersion(reader, company.id, workflowId, version)
      if (stored === null) return null
      const compiled = compileVersion(stored)
      if (versions !== undefined && versions.size < maxVersions) versions.set(key, compiled)
      return compiled
    },
  }
}
