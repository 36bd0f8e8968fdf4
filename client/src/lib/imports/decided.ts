// What came of deciding a batch: at once, or in the background, which is asked for again until it is done; its id is in the address.
import { ask } from '../api.ts'
import { BatchDecisionQuery, ItemSubjectsQuery, type BatchDecision, type Refused } from '../documents/batches.ts'

const pause = 1_000

export type Verdict = 'APPROVED' | 'REJECTED'
export type Came = {
  outcome: string
  items: number
  processed: number
  decided: number
  failed: readonly Refused[]
  over: boolean
}

export const cameOf = ({ outcome, items, processed, decided, failed, finishedAt }: BatchDecision): Came => ({
  ...{ outcome, items, processed, decided, failed },
  over: finishedAt !== null,
})

/** Follows a decision in the background until it is done or the answer is called; null: it is not there, or not the viewer's. */
export const followDecision = (id: string, tell: (came: Came | null) => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  const look = async () => {
    const came = await ask(BatchDecisionQuery, { id }).then(
      ({ node }) => (node?.__typename === 'BatchDecision' ? cameOf(node) : null),
      // Not reached: asked for again.
      () => undefined,
    )
    if (stopped) return
    if (came !== undefined) tell(came)
    if (came === undefined || came?.over === false) timer = setTimeout(() => void look(), pause)
  }
  void look()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

export type Subject = { account: string; name: string }
/** The item that was refused. */
export const itemOf = ({ path }: Refused): string | undefined => path?.[1]

/** Whom items are about, by their ids: up to a hundred. */
export const subjectsOf = async (ids: readonly string[]): Promise<ReadonlyMap<string, Subject>> => {
  if (ids.length === 0) return new Map()
  const { nodes } = await ask(ItemSubjectsQuery, { ids: [...ids] })
  return new Map(
    nodes.flatMap((node) => (node?.__typename === 'WorkItem' ? [[node.id, node.proposal.customer] as const] : [])),
  )
}
