// A proposal's whole life: reading it, its mutations, and the stream that says when it moves.
import { graphql } from '../graphql.ts'
import { BlockerParts, BriefParts, EventParts, ProblemParts, ProposalParts } from './fragments.ts'

export const ProposalQuery = graphql(
  `
    query Proposal($id: ID!) {
      node(id: $id) {
        __typename
        ... on Proposal {
          ...ProposalParts
          history(first: 100) {
            edges {
              node {
                ...EventParts
              }
            }
          }
        }
      }
    }
  `,
  [ProposalParts, EventParts],
)

export const OpenProposalsQuery = graphql(
  `
    query OpenProposals($company: String!, $filter: ProposalFilter, $first: Int) {
      proposals(company: $company, filter: $filter, orderBy: UPDATED_DESC, first: $first) {
        totalCount
        edges {
          node {
            id
            status
            revision
            createdAt
            submittedAt
            customer {
              id
              account
              name
              company {
                id
                code
              }
            }
            changes {
              ...BriefParts
            }
            blockers {
              ...BlockerParts
            }
          }
        }
      }
    }
  `,
  [BriefParts, BlockerParts],
)

export const ProposalStatusStream = graphql(`
  subscription ProposalStatus($company: String, $account: String, $proposalId: ID, $after: Cursor) {
    message: proposalStatus(company: $company, account: $account, proposalId: $proposalId, after: $after) {
      __typename
      ... on LiveMessage {
        cursor
      }
      ... on ProposalStatusSnapshot {
        proposals {
          id
          status
          revision
        }
      }
      ... on ProposalStatusChanged {
        event {
          id
          type
        }
        proposal {
          id
          status
          revision
        }
      }
    }
  }
`)

export const SubmitProposal = graphql(
  `
    mutation SubmitProposal($input: SubmitProposalInput!) {
      result: submitProposal(input: $input) {
        ...ProblemParts
        ... on ProposalSuccess {
          __typename
          proposal {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const RecallProposal = graphql(
  `
    mutation RecallProposal($input: RecallProposalInput!) {
      result: recallProposal(input: $input) {
        ...ProblemParts
        ... on ProposalSuccess {
          __typename
          proposal {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const DiscardChanges = graphql(
  `
    mutation DiscardChanges($input: DiscardChangesInput!) {
      result: discardChanges(input: $input) {
        ...ProblemParts
        ... on ProposalSuccess {
          __typename
          proposal {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const DiscardProposal = graphql(
  `
    mutation DiscardProposal($input: DiscardProposalInput!) {
      result: discardProposal(input: $input) {
        ...ProblemParts
        ... on ProposalSuccess {
          __typename
          proposal {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const RebaseProposal = graphql(
  `
    mutation RebaseProposal($input: RebaseProposalInput!) {
      result: rebaseProposal(input: $input) {
        ...ProblemParts
        ... on ProposalSuccess {
          __typename
          proposal {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const AddComment = graphql(
  `
    mutation AddComment($input: AddCommentInput!) {
      result: addComment(input: $input) {
        ...ProblemParts
        ... on ProposalSuccess {
          __typename
          proposal {
            id
            status
          }
        }
      }
    }
  `,
  [ProblemParts],
)
