// Tells a page that what it shows has moved. The page then reads it again: one source for the first view and every next.
import { ProposalStatusStream } from '../documents/proposals.ts'
import { connection } from './connection.svelte.ts'

type Watched = { company: string } | { company: string; account: string } | { proposalId: string }

/** Calls `onMove` for every event of the proposals that are watched; answers how to stop. */
export const watchProposals = (watched: Watched, onMove: () => void): (() => void) => {
  let first = true
  return connection.follow(ProposalStatusStream, watched, (message) => {
    if (message.__typename === 'Heartbeat') return
    // The first snapshot says what the page's own first read says.
    if (!(first && message.__typename === 'ProposalStatusSnapshot')) onMove()
    first = false
  })
}
