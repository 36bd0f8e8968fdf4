// Deciding an import's items as a whole (DOMAIN section 11): what the decision is bound to, and what it may say.
import { sha256 } from './digest.ts'
import type { Command } from './decide.ts'
import { reasonRequired } from './decide.ts'
import { DomainError, ok, refused, type Result } from './errors.ts'
import type { DecisionOutcome } from './proposal.ts'
import { readText } from './text.ts'

/** A work item of a batch as somebody looked at it. */
export type BatchItem = {
  readonly workItemId: string
  /** Of the work item: it rises when the seat is handed on, claimed or asked anew. */
  readonly version: number
  /** Of the proposal: it rises with its content. */
  readonly revision: number
}

/** An item in the canonical list that a batch's digest is taken over. */
const lineOf = ({ workItemId, version, revision }: BatchItem): string => `${workItemId} ${version} ${revision}`

/** As `batchDigest`, of the list as the store can write it as well: `id version revision`, by id, each in a line of its own. */
export const digestOfLines = (lines: string): string => sha256(lines)

/**
 * Hex SHA-256 over items, their versions and revisions, in whatever order they come: another item, one less, or one that is different
 * gives another digest.
 */
export const batchDigest = (items: readonly BatchItem[]): string => digestOfLines(items.map(lineOf).sort().join('\n'))

export type BatchOutcome = 'APPROVED' | 'REJECTED'
export type BatchAnswer = { readonly outcome: BatchOutcome; readonly comment: string | null }

/**
 * What is said of a whole batch, looked at before anything is decided. Errors: INVALID_VALUE (another outcome, or a comment that cannot
 * be kept), REASON_REQUIRED (a rejection without one), LIMIT_EXCEEDED.
 */
export const readBatchAnswer = (outcome: DecisionOutcome, comment: string | null): Result<BatchAnswer> => {
  if (outcome !== 'APPROVED' && outcome !== 'REJECTED')
    return refused(
      new DomainError('INVALID_VALUE', 'A batch is APPROVED or REJECTED as a whole; answer single items otherwise.', {
        at: ['outcome'],
      }),
    )
  const text = readText(comment, 'comment')
  if (!text.ok) return text
  if (outcome === 'REJECTED' && text.value === null) return refused(reasonRequired('A rejection'))
  return ok({ outcome, comment: text.value })
}

/** The answer to one item of a batch: the very command that it would be answered with by itself. */
export const batchCommand = (
  { outcome, comment }: BatchAnswer,
  { workItemId, revision }: Pick<BatchItem, 'workItemId' | 'revision'>,
): Command => ({ kind: outcome === 'APPROVED' ? 'APPROVE' : 'REJECT', workItemId, revision, comment })

/** The batch is not what was looked at any more. */
export const batchChanged = new DomainError(
  'PLAN_CHANGED',
  'The batch has changed since you looked at it: items came, went or are different. Look at it again, then decide.',
  { at: ['digest'] },
)
