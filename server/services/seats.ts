// What becomes of open items when somebody leaves (DOMAIN section 7).
import { proposalsAwaiting } from '../store/awaiting.ts'
import type { App } from './app.ts'
import { notFound, type Scope } from './command.ts'
import { decideOn } from './proposals.ts'

/** Closes the seats of somebody who has just been deactivated in this transaction: each proposal that waited for them goes on. */
export const leaveSeats = async (app: App, scope: Scope, userId: string): Promise<void> => {
  const waiting = await proposalsAwaiting(scope.tx, scope.company.id, userId)
  if (waiting.length === 0) return
  const company = await app.setup.uncommitted(scope.tx, scope.company.id)
  if (company === null) throw notFound('company', 'company')
  for (const proposalId of waiting) await decideOn(app, { ...scope, company }, proposalId, { kind: 'PROCEED' })
}
