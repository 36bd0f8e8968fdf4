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
    roles
    groups {
      id
      name
    }
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

export const MemberQuery = graphql(
  `
    query Member($company: String!, $id: ID!) {
      user(company: $company, id: $id) {
        ...MemberParts
      }
    }
  `,
  [MemberParts],
)

/** Open items that wait for somebody. */
export const WaitingQuery = graphql(`
  query Waiting($company: String!, $user: ID!) {
    workItems(company: $company, filter: { assignee: $user }, first: 1) {
      totalCount
    }
  }
`)

export const SetMember = graphql(
  `
    mutation SetMember($input: SetMemberInput!) {
      result: setMember(input: $input) {
        ...ProblemParts
        ... on UserSuccess {
          __typename
          user {
            ...MemberParts
          }
        }
      }
    }
  `,
  [ProblemParts, MemberParts],
)

export const GroupsQuery = graphql(`
  query Groups($company: String!) {
    groups(company: $company) {
      id
      name
      members {
        id
        name
        active
      }
    }
  }
`)

/** Which groups the versions in use ask. */
export const DefinitionsQuery = graphql(`
  query Definitions($company: String!) {
    workflows(company: $company) {
      id
      name
      activeVersion {
        id
        definition
      }
    }
  }
`)

export const SaveGroup = graphql(
  `
    mutation SaveGroup($input: SaveGroupInput!) {
      result: saveGroup(input: $input) {
        ...ProblemParts
        ... on GroupSuccess {
          __typename
          group {
            id
            name
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const ParametersQuery = graphql(`
  query Parameters($company: String!) {
    company(code: $company) {
      id
      code
      name
      currency
      approvalParameters {
        enabled
        entityBehavior
        autoSubmit
        authorsMayNotApprove
        conflictPolicy
      }
    }
  }
`)

/** How many proposals are on their way: what a change of the rules leaves as it is. */
export const UnderWayQuery = graphql(`
  query UnderWay($company: String!, $open: [ProposalStatus!]!) {
    proposals(company: $company, filter: { status: $open }, first: 1) {
      totalCount
    }
  }
`)

export const SetParameters = graphql(
  `
    mutation SetParameters($input: SetApprovalParametersInput!) {
      result: setApprovalParameters(input: $input) {
        ...ProblemParts
        ... on CompanySuccess {
          __typename
          company {
            id
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const SwitchesQuery = graphql(`
  query Switches($company: String!) {
    company(code: $company) {
      id
      approvalParameters {
        enabled
      }
    }
    customerFields(company: $company) {
      name
      label
      description
      record
      group
      order
      type
      sensitive
      governable
      approvalEnabled
      d365Name
    }
  }
`)

export const SetFieldApproval = graphql(
  `
    mutation SetFieldApproval($input: SetFieldApprovalInput!) {
      result: setFieldApproval(input: $input) {
        ...ProblemParts
        ... on CompanySuccess {
          __typename
          company {
            id
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const CodesQuery = graphql(`
  query Codes($company: String!, $kind: ReferenceKind!) {
    referenceValues(company: $company, kind: $kind, includeInactive: true) {
      code
      name
      active
    }
  }
`)

/** How many customers are in a customer group. */
export const GroupUseQuery = graphql(`
  query GroupUse($company: String!, $code: String!) {
    customers(company: $company, filter: { customerGroup: [$code] }, first: 1) {
      totalCount
    }
  }
`)

export const SetReferenceValues = graphql(
  `
    mutation SetReferenceValues($input: SetReferenceValuesInput!) {
      result: setReferenceValues(input: $input) {
        ...ProblemParts
        ... on CompanySuccess {
          __typename
          company {
            id
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const SetupLogQuery = graphql(`
  query SetupLog($company: String!, $types: [EventType!]!, $after: Cursor) {
    events(company: $company, filter: { types: $types }, first: 200, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          type
          at
          data
          actor {
            id
            name
          }
        }
      }
    }
  }
`)

export type Group = NonNullable<ResultOf<typeof GroupsQuery>['groups']>[number]
export type Parameters = NonNullable<ResultOf<typeof ParametersQuery>['company']>['approvalParameters']
export type Switch = NonNullable<ResultOf<typeof SwitchesQuery>['customerFields']>[number]
export type SetupEvent = NonNullable<ResultOf<typeof SetupLogQuery>['events']>['edges'][number]['node']
export type EventTypes = VariablesOf<typeof SetupLogQuery>['types']
