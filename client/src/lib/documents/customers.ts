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
      $orderBy: CustomerOrder
      $first: Int
      $after: Cursor
      $last: Int
      $before: Cursor
    ) {
      customers(
        company: $company
        filter: $filter
        orderBy: $orderBy
        first: $first
        after: $after
        last: $last
        before: $before
      ) {
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

export const CustomerWritesStream = graphql(`
  subscription CustomerWrites($company: String!, $account: String!, $after: Cursor) {
    message: customerWrites(company: $company, account: $account, after: $after) {
      __typename
      ... on LiveMessage {
        cursor
      }
      ... on CustomerWritesSnapshot {
        customer {
          id
          version
        }
      }
      ... on CustomerWritten {
        customer {
          id
          version
        }
      }
    }
  }
`)

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

/** How many customers of a company have something under way, by its state. */
export const StandingQuery = graphql(`
  query Standing($company: String!) {
    CHANGES_NOT_SUBMITTED: customers(company: $company, filter: { reviewStatus: [CHANGES_NOT_SUBMITTED] }, first: 1) {
      totalCount
    }
    CHANGES_PENDING_APPROVAL: customers(
      company: $company
      filter: { reviewStatus: [CHANGES_PENDING_APPROVAL] }
      first: 1
    ) {
      totalCount
    }
    CHANGES_REQUESTED: customers(company: $company, filter: { reviewStatus: [CHANGES_REQUESTED] }, first: 1) {
      totalCount
    }
    CHANGES_REJECTED: customers(company: $company, filter: { reviewStatus: [CHANGES_REJECTED] }, first: 1) {
      totalCount
    }
    CHANGES_SCHEDULED: customers(company: $company, filter: { reviewStatus: [CHANGES_SCHEDULED] }, first: 1) {
      totalCount
    }
    CHANGES_CONFLICTED: customers(company: $company, filter: { reviewStatus: [CHANGES_CONFLICTED] }, first: 1) {
      totalCount
    }
    CHANGES_FAULTED: customers(company: $company, filter: { reviewStatus: [CHANGES_FAULTED] }, first: 1) {
      totalCount
    }
  }
`)

/** The record as it stood at a moment. */
export const AsOfQuery = graphql(
  `
    query AsOf($company: String!, $account: String!, $at: DateTime!) {
      customer(company: $company, account: $account) {
        id
        createdAt
        asOf(at: $at) {
          at
          version
          values {
            field {
              name
            }
            ...ValueParts
          }
          records {
            record
            code
            values {
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

/** All that was ever proposed for a customer, the last changed first. */
export const CustomerProposalsQuery = graphql(
  `
    query CustomerProposals($company: String!, $account: String!, $first: Int, $after: Cursor) {
      customer(company: $company, account: $account) {
        id
        proposals(first: $first, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          edges {
            node {
              id
              status
              closedAt
              updatedAt
              effectiveAt
              changes {
                ...BriefParts
              }
            }
          }
        }
      }
    }
  `,
  [BriefParts],
)

export const CreateCustomer = graphql(
  `
    mutation CreateCustomer($input: CreateCustomerInput!) {
      result: createCustomer(input: $input) {
        ...ProblemParts
        ... on CreateCustomerSuccess {
          __typename
          customer {
            id
            account
          }
        }
      }
    }
  `,
  [ProblemParts],
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
export type CustomerOrder = NonNullable<VariablesOf<typeof CustomersQuery>['orderBy']>
export type PastProposal = NonNullable<
  NonNullable<ResultOf<typeof CustomerProposalsQuery>['customer']>['proposals']
>['edges'][number]['node']
export type Standing = ResultOf<typeof StandingQuery>
export type Snapshot = NonNullable<NonNullable<ResultOf<typeof AsOfQuery>['customer']>['asOf']>
export type CreateInput = Omit<VariablesOf<typeof CreateCustomer>['input'], 'idempotencyKey'>
export type UpdateInput = VariablesOf<typeof UpdateCustomer>['input']
