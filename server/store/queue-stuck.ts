// What lies in a queue of which nobody may be left to take it. Who may is the rules' to say: this finds the few that they need look at.
import { sql } from 'drizzle-orm'
import type { Reader } from '../db/connect.ts'
import { workItems } from '../db/tables/proposals.ts'
import { runShape } from './lists.ts'

/** Who could take what lies in a queue, unless they have a hand in it or are asked in its step. */
export type Taker = {
  readonly queueId: string
  readonly userId: string
  /** Whoever's hand in something counts as theirs: their own, and that of service accounts and who answers for them. */
  readonly kinIds: readonly string[]
}

const value = (name: string) => sql.placeholder(name)
const isKin = sql`(select kin.kin from unnest(${value('kinOf')}::uuid[], ${value('kin')}::uuid[]) as kin(of, kin)
  where kin.of = able.member)`

/** Open items in a queue of the company other than `but` that nobody has taken, and none of these takers is free to. */
export const withoutFreeTaker = (
  reader: Reader,
  companyId: string,
  takers: readonly Taker[],
  but: readonly string[],
): Promise<{ itemId: string; proposalId: string }[]> => {
  const kin = [...new Map(takers.map((taker) => [taker.userId, taker.kinIds]))].flatMap(([of, ids]) =>
    ids.map((id) => [of, id] as const),
  )
  const values = {
    companyId,
    but: [...but],
    queues: takers.map(({ queueId }) => queueId),
    members: takers.map(({ userId }) => userId),
    kinOf: kin.map(([of]) => of),
    kin: kin.map(([, id]) => id),
  }
  return runShape(reader, ['without free taker'], values, () =>
    reader
      .select({ itemId: workItems.id, proposalId: workItems.proposalId })
      .from(workItems)
      .where(
        sql`${workItems.companyId} = ${value('companyId')} and ${workItems.status} = 'OPEN'
          and ${workItems.assigneeId} is null and ${workItems.queueId} is not null
          and ${workItems.queueId} <> all(${value('but')})
          and not exists (
            select 1 from unnest(${value('queues')}::uuid[], ${value('members')}::uuid[]) as able(queue, member)
            where able.queue = ${workItems.queueId}
              and not exists (
                select 1 from involvements i
                where i.company_id = ${workItems.companyId} and i.proposal_id = ${workItems.proposalId}
                  and i.user_id in ${isKin})
              and not exists (
                select 1 from runs r join workflow_versions v on v.company_id = r.company_id
                  and (v.workflow_id = r.workflow_id and v.version = r.version
                    or r.pinned ->> v.workflow_id::text = v.version::text)
                where r.company_id = ${workItems.companyId} and r.id = ${workItems.runId}
                  and (v.created_by_id in ${isKin} or exists (
                    select 1 from workflow_activations a
                    where a.company_id = v.company_id and a.workflow_id = v.workflow_id and a.version = v.version
                      and a.user_id in ${isKin})))
              and not exists (
                select 1 from work_items o
                where o.company_id = ${workItems.companyId} and o.proposal_id = ${workItems.proposalId}
                  and o.run_id = ${workItems.runId} and o.step_path = ${workItems.stepPath} and o.status <> 'WITHDRAWN'
                  and (o.assignee_id = able.member or o.decided_by_id = able.member
                    or able.member = any(o.held_by_ids))))`,
      )
      .prepare('without_free_taker'),
  )
}
