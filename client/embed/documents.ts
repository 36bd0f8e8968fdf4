// What the banner asks for: of one customer all that its sentence says, of a whole company how many there are of each state.
import { StandingParts, type ProposalStatus, type Standing } from '../src/lib/documents/proposal-parts.ts'
import { graphql, type ResultOf } from '../src/lib/graphql.ts'

export const CustomerStatusStream = graphql(
  `
    subscription EmbeddedCustomerStatus($company: String!, $account: String!, $after: Cursor) {
      message: proposalStatus(company: $company, account: $account, after: $after) {
        __typename
        ... on LiveMessage {
          cursor
        }
        ... on ProposalStatusSnapshot {
          proposals {
            ...StandingParts
            changes {
              id
              field {
                label
              }
              refusal {
                at
              }
            }
            conflicts {
              change {
                id
              }
            }
          }
        }
        ... on ProposalStatusChanged {
          proposal {
            ...StandingParts
            changes {
              id
              field {
                label
              }
              refusal {
                at
              }
            }
            conflicts {
              change {
                id
              }
            }
          }
        }
      }
    }
  `,
  [StandingParts],
)

export const CompanyStatusStream = graphql(`
  subscription EmbeddedCompanyStatus($company: String!, $after: Cursor) {
    message: proposalStatus(company: $company, after: $after) {
      __typename
      ... on LiveMessage {
        cursor
      }
      ... on ProposalStatusSnapshot {
        counts {
          status
          count
        }
        proposals {
          id
          status
        }
      }
      ... on ProposalStatusChanged {
        proposal {
          id
          status
        }
      }
    }
  }
`)

export type CustomerMessage = ResultOf<typeof CustomerStatusStream>['message']
export type CompanyMessage = ResultOf<typeof CompanyStatusStream>['message']
export type { ProposalStatus, Standing }
