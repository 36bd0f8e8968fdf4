// Rows that a test keeps locked, so that who wants them waits in the middle of what it does.
import postgres from 'postgres'
import { onTestFinished } from 'vitest'

/** Locks what `rows` selects for update until the answer is called, at the latest until the test is over. */
export const lock = async (
  databaseUrl: string,
  rows: (tx: postgres.TransactionSql) => Promise<unknown>,
): Promise<() => Promise<void>> => {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
  const { promise: released, resolve } = Promise.withResolvers<void>()
  const { promise: locked, resolve: holds } = Promise.withResolvers<void>()
  const holding = sql.begin(async (tx) => {
    await rows(tx)
    holds()
    await released
  })
  const release = async (): Promise<void> => {
    resolve()
    await holding
    await sql.end()
  }
  onTestFinished(release)
  await Promise.race([locked, holding])
  return release
}
