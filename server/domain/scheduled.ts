// What an approved proposal holds that waits for its time: nobody else changes it meanwhile (DOMAIN section 3).
import { DomainError } from './errors.ts'
import { labelOf } from './fields.ts'
import { spoken } from './instant.ts'
import { liveChanges, type Change, type Proposal } from './proposal.ts'

type Place = Pick<Change, 'record' | 'recordId' | 'field' | 'operation'>

/** Are they about the same value, or one about the record that the other is in? */
const meets = (a: Place, b: Place): boolean =>
  a.record === b.record &&
  a.recordId === b.recordId &&
  (a.field === b.field || a.operation !== 'SET' || b.operation !== 'SET')

/** Another proposal of the customer that is not closed, as far as rules look at it: at the changes of one that is scheduled. */
export type Other = Pick<Proposal, 'id' | 'status' | 'changes' | 'effectiveAt'>

/** The refusal of changes that a scheduled proposal holds; null: it holds none of them. */
export const lockedByScheduled = (
  wanted: readonly (Place & { readonly at?: readonly string[] })[],
  { others }: { readonly others: readonly Other[] },
): DomainError | null => {
  for (const proposal of others) {
    if (proposal.status !== 'SCHEDULED') continue
    const held = liveChanges(proposal)
    const touching = wanted.find((place) => held.some((change) => meets(place, change)))
    if (touching === undefined) continue
    return new DomainError(
      'PENDING_PROPOSAL',
      `A proposal that applies on ${spoken(proposal.effectiveAt ?? '')} holds ${labelOf(touching.field)}. Recall it first, or wait until it is applied.`,
      { ...(touching.at && { at: touching.at }), detail: { proposalId: proposal.id } },
    )
  }
  return null
}
