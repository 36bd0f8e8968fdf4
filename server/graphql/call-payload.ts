// What a webhook is asked by a workflow: in the shape of what partners are told of events, with the names and ids of the API, and as a
// reader without the right to sensitive values sees it.
import { childTypeNames } from './children.ts'
import { encodeId } from './ids.ts'
import type { Customer } from '../domain/customer.ts'
import { childRecords } from '../domain/fields.ts'
import { liveChanges, type Change } from '../domain/proposal.ts'
import { project } from '../domain/record.ts'
import { maskNamed, withoutSensitive } from '../domain/visibility.ts'
import type { BodyOf } from '../services/calls.ts'

const recordId = ({ companyId, id }: Customer, { record, recordId: child }: Change): string | null =>
  record === 'customer' || child === null ? null : encodeId(childTypeNames[record], companyId, id, child)

const recordOf = (customer: Customer) => {
  const { values, children, companyId, id } = withoutSensitive(customer)
  const lists = childRecords.map((record) => [
    record,
    children[record].map((child) => ({
      id: encodeId(childTypeNames[record], companyId, id, child.id),
      ...child.values,
    })),
  ])
  return { ...values, ...(Object.fromEntries(lists) as object) }
}

/** The body of a request. Nothing in it tells one request of a question from another. */
export const callPayload: BodyOf = ({ company, customer, proposal, path, element, outcomes, call }) => {
  const changes = liveChanges(proposal)
  return JSON.stringify({
    type: 'WORKFLOW_QUESTION',
    timestamp: call.since,
    data: {
      id: call.id,
      company: company.code,
      customerId: encodeId('Customer', company.id, customer.id),
      account: customer.account,
      customerVersion: customer.version,
      proposalId: encodeId('Proposal', company.id, proposal.id),
      revision: proposal.revision,
      effectiveAt: proposal.effectiveAt,
      element: { path, name: element },
      outcomes,
      changes: changes.map((change) => {
        const [base, proposed] = [maskNamed(change.field, change.base), maskNamed(change.field, change.proposed)]
        return {
          id: encodeId('ProposedChange', company.id, proposal.id, change.id),
          field: change.field,
          recordId: recordId(customer, change),
          operation: change.operation,
          base: base.value,
          proposed: proposed.value,
          masked: base.masked || proposed.masked,
          reason: change.reason,
        }
      }),
      current: recordOf(customer),
      proposed: recordOf(project(customer, changes)),
    },
  })
}
