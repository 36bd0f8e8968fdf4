// The list of customers, one customer, and the edit of one.
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts'
import { ActionParts, BriefParts, EventParts, ProblemParts, ValueParts } from './fragments.ts'
import { ProposalParts, StandingParts } from './proposal-parts.ts'

export const CustomersQuery = graphql(
  `
    query Customers(
      $company: String!
      $filter: CustomerFilter
      $columns: [String!]
      $first: Int
      $after: Cursor
      $last: Int
      $before: Cursor
    ) {
      customers(company: $company, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        totalCount
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
        edges {
          node {
            id
            account
            name
            reviewStatus
            proposal {
              id
              createdAt
              submittedAt
              changes {
                id
                refusal {
                  at
                }
              }
            }
            scheduledProposals {
              id
              effectiveAt
            }
            values(fields: $columns) {
              field {
                name
              }
              ...ValueParts
            }
          }
        }
      }
    }
  `,
  [ValueParts],
)

export const CustomerQuery = graphql(
  `
    query Customer($company: String!, $account: String!) {
      customer(company: $company, account: $account) {
        id
        account
        name
        version
        reviewStatus
        values {
          field {
            name
          }
          ...ValueParts
        }
        actions {
          ...ActionParts
        }
        proposal {
          ...ProposalParts
        }
        scheduledProposals {
          ...StandingParts
          changes {
            ...BriefParts
            recordId
          }
          conflicts {
            change {
              id
            }
          }
        }
      }
    }
  `,
  [ValueParts, ActionParts, BriefParts, ProposalParts, StandingParts],
)

export const CustomerHistoryQuery = graphql(
  `
    query CustomerHistory($company: String!, $account: String!, $first: Int, $after: Cursor) {
      customer(company: $company, account: $account) {
        id
        history(first: $first, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          edges {
            node {
              ...EventParts
            }
          }
        }
      }
    }
  `,
  [EventParts],
)

export const UpdateCustomer = graphql(
  `
    mutation UpdateCustomer($input: UpdateCustomerInput!) {
      result: updateCustomer(input: $input) {
        ...ProblemParts
        ... on UpdateCustomerSuccess {
          __typename
          written
          proposed
          customer {
            id
            version
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export type CustomerRow = NonNullable<ResultOf<typeof CustomersQuery>['customers']>['edges'][number]['node']
export type ReviewStatus = CustomerRow['reviewStatus']
export type Customer = NonNullable<ResultOf<typeof CustomerQuery>['customer']>
export type Scheduled = NonNullable<Customer['scheduledProposals']>[number]
export type UpdateInput = VariablesOf<typeof UpdateCustomer>['input']
