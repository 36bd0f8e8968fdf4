// A number that rises with every write of what a company has set up: whoever keeps a snapshot compares it.
import { eq, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { companies } from '../db/tables/companies.ts'
import { preparedFor } from './prepared.ts'

const statements = preparedFor((reader) => ({
  read: reader
    .select({ setupVersion: companies.setupVersion })
    .from(companies)
    .where(eq(companies.id, sql.placeholder('id')))
    .prepare('setup_version'),
}))

/** What a kept snapshot is compared with; null where there is no such company. */
export const readSetupVersion = async (reader: Reader, companyId: string): Promise<number | null> => {
  const [row] = await statements(reader).read.execute({ id: companyId })
  return row?.setupVersion ?? null
}

/** Marks the set-up as changed. It locks the company's row, so that writers of one set-up come one after the other. */
export const raiseSetupVersion = async (tx: Tx, companyId: string): Promise<void> => {
  await tx
    .update(companies)
    .set({ setupVersion: sql`${companies.setupVersion} + 1` })
    .where(eq(companies.id, companyId))
}
