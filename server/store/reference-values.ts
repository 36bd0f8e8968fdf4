// Codes that a company's customers may use.
import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { referenceValues } from '../db/tables/companies.ts'
import type { ReferenceKind } from '../domain/fields.ts'
import { raiseSetupVersion } from './setup-version.ts'

/** Adds, renames and reactivates what `upsert` holds, and deactivates codes; none is ever removed. */
export const saveReferenceValues = async (
  tx: Tx,
  companyId: string,
  kind: ReferenceKind,
  upsert: readonly { readonly code: string; readonly name: string }[],
  deactivate: readonly string[],
): Promise<void> => {
  await raiseSetupVersion(tx, companyId)
  if (upsert.length > 0) {
    await tx
      .insert(referenceValues)
      .values(upsert.map(({ code, name }) => ({ companyId, kind, code, name })))
      .onConflictDoUpdate({
        target: [referenceValues.companyId, referenceValues.kind, referenceValues.code],
        set: { name: sql`excluded.name`, active: true },
      })
  }
  if (deactivate.length > 0) {
    await tx
      .update(referenceValues)
      .set({ active: false })
      .where(
        and(
          eq(referenceValues.companyId, companyId),
          eq(referenceValues.kind, kind),
          sql`${referenceValues.code} = any(${sql.param([...deactivate])})`,
        ),
      )
  }
}
