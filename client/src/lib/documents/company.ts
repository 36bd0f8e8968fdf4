// Who is looking, and what their company's records are made of.
import { graphql, type ResultOf } from '../graphql.ts'
import { FieldParts } from './fragments.ts'

export const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      openWorkItems
      user {
        id
        name
        email
      }
      memberships {
        roles
        company {
          id
          code
          name
        }
      }
    }
  }
`)

export const CatalogueQuery = graphql(
  `
    query Catalogue($company: String!) {
      customerFields(company: $company) {
        ...FieldParts
      }
    }
  `,
  [FieldParts],
)

export const ReferenceQuery = graphql(`
  query Reference($company: String!, $kind: ReferenceKind!) {
    referenceValues(company: $company, kind: $kind) {
      code
      name
    }
  }
`)

export type Viewer = NonNullable<ResultOf<typeof ViewerQuery>['viewer']>
export type ReferenceKind = NonNullable<ResultOf<typeof FieldParts>['referenceKind']>
