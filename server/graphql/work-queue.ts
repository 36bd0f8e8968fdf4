// Queues: named lists of work that their members take from.
import { builder } from './builder.ts'
import { companyByCode } from './company.ts'
import { companyOf, type Context } from './context.ts'
import { encodeId } from './ids.ts'
import { NodeRef, UserRef, WorkQueueRef, type QueueModel } from './refs.ts'
import { peopleIn } from './user.ts'

export const queueIn = async (context: Context, companyId: string, queueId: string): Promise<QueueModel | null> => {
  const queue = (await companyOf(context, companyId)).directory.queues.get(queueId)
  return queue === undefined ? null : { companyId, queue }
}

export const maybeQueue = (context: Context, companyId: string, queueId: string | null): Promise<QueueModel | null> =>
  queueId === null ? Promise.resolve(null) : queueIn(context, companyId, queueId)

WorkQueueRef.implement({
  description:
    "A company's named list of work, which workflows ask by its name: an item waits there until a member claims it.",
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({
      description: 'Node id.',
      resolve: ({ companyId, queue }) => encodeId('WorkQueue', companyId, queue.id),
    }),
    name: t.string({ description: 'Its name, unique within the company.', resolve: ({ queue }) => queue.name }),
    members: t.field({
      type: [UserRef],
      description: 'Who may claim from it.',
      resolve: ({ companyId, queue }, _args, context) => peopleIn(context, companyId, queue.memberIds),
    }),
  }),
})

builder.queryField('queues', (t) =>
  t.field({
    type: [WorkQueueRef],
    nullable: true,
    description: "A company's queues, by name.",
    args: { company: t.arg.string({ required: true, description: 'Code of the company.' }) },
    resolve: async (_root, args, context) => {
      const company = await companyByCode(context, args.company)
      if (company === null) return null
      const sorted = [...company.directory.queues.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'))
      return sorted.map((queue) => ({ companyId: company.id, queue }))
    },
  }),
)
