// What administrators set up first: parameters, fields, codes, members and groups, with the lines of the log that tell who did.
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts'
import { ProblemParts } from './fragments.ts'

export const MemberParts = graphql(`
  fragment MemberParts on User {
    id
    kind
    name
    email
    active
    manager {
      id
      name
    }
    responsible {
      id
      name
    }
  }
`)

export const MembersQuery = graphql(
  `
    query Members($company: String!, $search: String, $active: Boolean, $first: Int, $after: Cursor) {
      users(company: $company, search: $search, active: $active, first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          node {
            ...MemberParts
          }
        }
      }
    }
  `,
  [MemberParts],
)

export type Member = ResultOf<typeof MemberParts>
