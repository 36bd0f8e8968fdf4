// Lists of proposals: of a company, and of one customer.
import { builder } from './builder.ts'
import { companyIdOf, type Context } from './context.ts'
import { decodeId } from './ids.ts'
import { connectionOf, connectionType, pageArgs, pageComplexity, pageOf, type PageArgs } from './pages.ts'
import { ProposalStatus } from './proposal.ts'
import { ProposalRef } from './refs.ts'
import {
  countProposals,
  listProposals,
  proposalOrders,
  type ProposalFilter as Filter,
  type ProposalOrder as Order,
} from '../store/lists.ts'
import { keyText } from '../store/prepared.ts'

export const ProposalConnection = connectionType('Proposal', ProposalRef, 'proposals', true)

const ProposalFilter = builder.inputType('ProposalFilter', {
  description: 'Which proposals; all that is given must hold.',
  fields: (t) => ({
    status: t.field({ type: [ProposalStatus], description: 'In any of these states.' }),
    account: t.string({ description: 'Of this customer.' }),
    submittedBy: t.id({ description: 'Last submitted by this user.' }),
    author: t.id({ description: 'With a change that this user proposed.' }),
    field: t.string({
      description: 'With a change of this field, or of a field of this record: creditLimit, bankAccounts.',
    }),
    importId: t.id({ description: 'That come from this import.' }),
  }),
})

const ProposalOrder = builder.enumType('ProposalOrder', {
  description: 'How proposals are ordered.',
  values: {
    UPDATED_DESC: { description: 'The last changed first.' },
    SUBMITTED_DESC: { description: 'The last submitted first; those never submitted at the end.' },
  } as const,
})

/** A page of the proposals of a company that the viewer is known to belong to. */
export const proposalConnection = async (context: Context, filter: Filter, args: PageArgs, order: Order) => {
  const { order: keys, place } = proposalOrders[order]
  const page = pageOf(args, keys)
  const { db } = context.app
  const rows = await listProposals(db, filter, order, page)
  for (const row of rows) context.loaders.proposal.prime(keyText(row.companyId, row.id), row)
  return connectionOf(
    page,
    keys,
    rows,
    place,
    (row) => row,
    () => countProposals(db, filter),
  )
}

/** Nothing has the id that is all zeros: what a filter by something unknown finds. */
const nobody = '00000000-0000-0000-0000-000000000000'
const idIn = (type: 'User' | 'ImportJob', id: string | null | undefined): string | null => {
  if (id === null || id === undefined) return null
  const decoded = decodeId(id)
  return decoded?.type === type ? decoded.own : nobody
}

builder.queryField('proposals', (t) =>
  t.field({
    type: ProposalConnection,
    nullable: true,
    complexity: pageComplexity,
    description: "A company's proposals, closed ones too.",
    args: {
      company: t.arg.string({ required: true, description: 'Code of the company.' }),
      filter: t.arg({ type: ProposalFilter, description: 'Which ones.' }),
      orderBy: t.arg({ type: ProposalOrder, description: 'In which order; by default the last changed first.' }),
      ...pageArgs,
    },
    resolve: (_root, args, context) => {
      const companyId = companyIdOf(context, args.company)
      if (companyId === null) return null
      const { status, account, submittedBy, author, field, importId } = args.filter ?? {}
      const filter: Filter = {
        companyId,
        status,
        account,
        field,
        submittedBy: idIn('User', submittedBy),
        author: idIn('User', author),
        importId: idIn('ImportJob', importId),
      }
      return proposalConnection(context, filter, args, args.orderBy ?? 'UPDATED_DESC')
    },
  }),
)
