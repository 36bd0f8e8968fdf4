// Keys of service accounts. The key itself is nowhere kept, only its SHA-256, and that is read nowhere but where somebody signs in.
import { and, desc, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { Reader, Tx } from '../db/connect.ts'
import { apiKeys } from '../db/tables/companies.ts'
import type { ApiKey } from '../domain/api-key.ts'
import { StaleWrite } from './errors.ts'

const columns = {
  id: apiKeys.id,
  userId: apiKeys.userId,
  name: apiKeys.name,
  hint: apiKeys.hint,
  createdById: apiKeys.createdById,
  createdAt: apiKeys.createdAt,
  expiresAt: apiKeys.expiresAt,
  lastUsedAt: apiKeys.lastUsedAt,
  revokedAt: apiKeys.revokedAt,
  revokedById: apiKeys.revokedById,
}

/** All keys of a company, or of one account in it, the newest first. */
export const listApiKeys = (reader: Reader, companyId: string, userId?: string): Promise<ApiKey[]> =>
  reader
    .select(columns)
    .from(apiKeys)
    .where(and(eq(apiKeys.companyId, companyId), userId === undefined ? undefined : eq(apiKeys.userId, userId)))
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))

export const findApiKey = async (reader: Reader, companyId: string, id: string): Promise<ApiKey | null> => {
  const [key] = await reader
    .select(columns)
    .from(apiKeys)
    .where(and(eq(apiKeys.companyId, companyId), eq(apiKeys.id, id)))
  return key ?? null
}

/** As `findApiKey`; whoever else would change it waits. */
export const lockApiKey = async (tx: Tx, companyId: string, id: string): Promise<ApiKey | null> => {
  const [key] = await tx
    .select(columns)
    .from(apiKeys)
    .where(and(eq(apiKeys.companyId, companyId), eq(apiKeys.id, id)))
    .for('update')
  return key ?? null
}

/** Keeps a key; `hash` is the SHA-256 of it in hexadecimal. */
export const insertApiKey = async (
  tx: Tx,
  companyId: string,
  key: ApiKey & { readonly hash: string },
): Promise<void> => {
  await tx.insert(apiKeys).values({ companyId, ...key })
}

/** Keeps that a key was revoked, when and by whom. */
export const saveRevocation = async (
  tx: Tx,
  companyId: string,
  { id, revokedAt, revokedById }: Pick<ApiKey, 'id' | 'revokedAt' | 'revokedById'>,
): Promise<void> => {
  const saved = await tx
    .update(apiKeys)
    .set({ revokedAt, revokedById })
    .where(and(eq(apiKeys.companyId, companyId), eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  if (saved.length !== 1) throw new StaleWrite('api_keys')
}

/** Keeps that a key was used at this moment, unless a later use is known already. */
export const saveKeyUse = async (writer: Reader, companyId: string, id: string, at: string): Promise<void> => {
  await writer
    .update(apiKeys)
    .set({ lastUsedAt: at })
    .where(
      and(
        eq(apiKeys.companyId, companyId),
        eq(apiKeys.id, id),
        or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, sql`${at}::timestamptz`)),
      ),
    )
}
