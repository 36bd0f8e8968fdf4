// Imports of files: the list, one with what becomes of its rows, how it goes on, and what can be done with it.
import { graphql, type ResultOf } from '../graphql.ts'
import { BriefParts, ProblemParts, ValueParts } from './fragments.ts'

const JobParts = graphql(`
  fragment JobParts on ImportJob {
    __typename
    id
    name
    status
    behavior
    unattended
    createdAt
    startedAt
    finishedAt
    rows
    processed
    planDigest
    refusedRowsUrl
    company {
      id
      code
    }
    createdBy {
      id
      name
    }
    counts {
      outcome
      count
    }
    failure {
      code
      message
    }
  }
`)

export const ImportsQuery = graphql(
  `
    query Imports($company: String!, $first: Int, $after: Cursor) {
      importJobs(company: $company, first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          node {
            ...JobParts
          }
        }
      }
    }
  `,
  [JobParts],
)

export const ImportQuery = graphql(
  `
    query Import($id: ID!) {
      node(id: $id) {
        __typename
        ...JobParts
      }
    }
  `,
  [JobParts],
)

export const ImportProgress = graphql(
  `
    subscription ImportProgress($id: ID!) {
      message: importProgress(id: $id) {
        ...JobParts
      }
    }
  `,
  [JobParts],
)

/** What becomes of the rows of an import, a page of them; the proposals' values only once there are any. */
export const ImportRowsQuery = graphql(
  `
    query ImportRows($id: ID!, $outcome: RowOutcome, $first: Int, $after: Cursor) {
      node(id: $id) {
        __typename
        ... on ImportJob {
          id
          results(outcome: $outcome, first: $first, after: $after) {
            pageInfo {
              hasNextPage
              endCursor
            }
            edges {
              node {
                row
                account
                outcome
                written
                proposed
                values {
                  code
                  proposed
                  field {
                    name
                    label
                    group
                    type
                    scale
                  }
                  current {
                    ...ValueParts
                  }
                  planned {
                    ...ValueParts
                  }
                }
                errors {
                  code
                  message
                  path
                }
                proposal {
                  id
                  status
                  changes {
                    ...BriefParts
                  }
                }
              }
            }
          }
        }
      }
    }
  `,
  [BriefParts, ValueParts],
)

/** The fields that a column of a file can be, with all of the names by which the server knows them. */
export const ImportFieldsQuery = graphql(`
  query ImportFields($company: String!) {
    company(code: $company) {
      id
      approvalParameters {
        entityBehavior
      }
    }
    customerFields(company: $company) {
      name
      label
      record
      group
      order
      type
      d365Name
      requiresApproval
    }
    importColumns {
      field
      names
    }
  }
`)

export const CommitImport = graphql(
  `
    mutation CommitImport($input: CommitImportInput!) {
      result: commitImport(input: $input) {
        ...ProblemParts
        ... on ImportSuccess {
          __typename
          job {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const CancelImport = graphql(
  `
    mutation CancelImport($input: ImportIdInput!) {
      result: cancelImport(input: $input) {
        ...ProblemParts
        ... on ImportSuccess {
          __typename
          job {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export type ImportJob = ResultOf<typeof JobParts>
export type ImportStatus = ImportJob['status']
export type RowOutcome = ImportJob['counts'][number]['outcome']
type RowsOf = Extract<NonNullable<ResultOf<typeof ImportRowsQuery>['node']>, { results: unknown }>
export type ImportRow = NonNullable<RowsOf['results']>['edges'][number]['node']
export type PlannedValue = NonNullable<ImportRow['values']>[number]
export type ImportField = NonNullable<ResultOf<typeof ImportFieldsQuery>['customerFields']>[number]
export type ImportColumn = ResultOf<typeof ImportFieldsQuery>['importColumns'][number]
