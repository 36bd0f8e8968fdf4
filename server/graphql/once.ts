// What is worked out from a whole proposal, once for a request: of twenty items of one proposal each asks for it.
import type { Customer } from '../domain/customer.ts'
import type { Proposal } from '../domain/proposal.ts'
import { wholeState } from './actions.ts'
import type { Context } from './context.ts'

type State = { readonly customer: Customer; readonly proposal: Proposal }

/**
 * Remembers the answer for each proposal as this request has read it; after a command it is read anew. Null: the proposal is not there.
 */
export const oncePerProposal = <T>(
  work: (context: Context, companyId: string, state: State) => Promise<T>,
): ((context: Context, companyId: string, proposalId: string) => Promise<T | null>) => {
  const known = new WeakMap<Context, WeakMap<Proposal, Promise<T>>>()
  return async (context, companyId, proposalId) => {
    const state = await wholeState(context, companyId, proposalId)
    if (state === null) return null
    const own = known.get(context) ?? new WeakMap<Proposal, Promise<T>>()
    known.set(context, own)
    const answer = own.get(state.proposal) ?? work(context, companyId, state)
    own.set(state.proposal, answer)
    return answer
  }
}
