// Tells a page that what it shows has moved. The page then reads it again: one source for the first view and every next.
import { ProposalStatusStream } from '../documents/proposals.ts'
import { connection } from './connection.svelte.ts'

type Watched = { company: string } | { company: string; account: string } | { proposalId: string }
/** An open proposal as a page shows it. */
type Shown = { id: string; updatedAt: string }

const marks = (proposals: readonly Shown[]) =>
  proposals
    .map(({ id, updatedAt }) => `${id} ${updatedAt}`)
    .sort()
    .join()

/**
 * Calls `onMove` for every event of the proposals that are watched; answers how to stop. Between a page's own read and the
 * begin of the stream something may have happened: `shown`, the open proposals that the page has read, says whether it
 * has. Without it the page reads once more.
 */
export const watchProposals = (
  watched: Watched,
  onMove: () => void,
  shown?: () => Promise<readonly Shown[]>,
): (() => void) => {
  let first = true
  let stopped = false
  const stop = connection.follow(ProposalStatusStream, watched, (message) => {
    switch (message.__typename) {
      case 'ProposalStatusSnapshot':
        if (!first || shown === undefined) onMove()
        else
          void shown().then((proposals) => {
            if (!stopped && marks(proposals) !== marks(message.proposals)) onMove()
          })
        first = false
        return
      case 'ProposalStatusChanged':
        onMove()
        return
      // After a Resync a snapshot follows.
      case 'Resync':
      case 'Heartbeat':
    }
  })
  return () => {
    stopped = true
    stop()
  }
}
