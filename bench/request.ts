// The one request of the read bench, sent to both sides.
import { company, pageSize } from './world.ts'

const query = `
  query Customers($company: String!, $first: Int!) {
    customers(company: $company, first: $first, orderBy: ACCOUNT) {
      edges {
        node {
          id
          account
          name
          creditLimit
          version
          reviewStatus
          proposal {
            id
            status
            revision
            changes {
              id
              field { name }
              operation
              original { raw }
              proposed { raw }
            }
          }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`

export type ReadVariables = { readonly company: string; readonly first: number }
const variables: ReadVariables = { company, first: pageSize }

export const requestBody = JSON.stringify({ query, variables })
