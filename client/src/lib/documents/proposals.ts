// A proposal's whole life: reading it, its mutations, and the stream that says when it moves.
import { graphql } from '../graphql.ts'
import { BriefParts, EventParts, ProblemParts } from './fragments.ts'
import { BlockerParts, ProposalParts } from './proposal-parts.ts'

export const ProposalQuery = graphql(
  `
    query Proposal($id: ID!) {
      node(id: $id) {
        __typename
        ... on Proposal {
          ...ProposalParts
        }
      }
    }
  `,
  [ProposalParts],
)

/** Apart from the proposal: together they would be more than one request may ask. */
export const ProposalHistoryQuery = graphql(
  `
    query ProposalHistory($id: ID!, $first: Int, $after: Cursor) {
      node(id: $id) {
        __typename
        ... on Proposal {
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
    }
  `,
  [EventParts],
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
            effectiveAt
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
          updatedAt
        }
      }
      ... on ProposalStatusChanged {
        event {
          id
          type
        }
      }
    }
  }
`)

/** What every command on a proposal answers. */
const ProposalDone = graphql(`
  fragment ProposalDone on ProposalSuccess {
    __typename
    proposal {
      id
      status
    }
  }
`)

export const SubmitProposal = graphql(
  `
    mutation SubmitProposal($input: SubmitProposalInput!) {
      result: submitProposal(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const RecallProposal = graphql(
  `
    mutation RecallProposal($input: RecallProposalInput!) {
      result: recallProposal(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const ScheduleProposal = graphql(
  `
    mutation ScheduleProposal($input: ScheduleProposalInput!) {
      result: scheduleProposal(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const RevertProposal = graphql(
  `
    mutation RevertProposal($input: RevertProposalInput!) {
      result: revertProposal(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const CancelRun = graphql(
  `
    mutation CancelRun($input: RunInput!) {
      result: cancelRun(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const ResumeRun = graphql(
  `
    mutation ResumeRun($input: RunInput!) {
      result: resumeRun(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const DiscardChanges = graphql(
  `
    mutation DiscardChanges($input: DiscardChangesInput!) {
      result: discardChanges(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const DiscardProposal = graphql(
  `
    mutation DiscardProposal($input: DiscardProposalInput!) {
      result: discardProposal(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const RebaseProposal = graphql(
  `
    mutation RebaseProposal($input: RebaseProposalInput!) {
      result: rebaseProposal(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)

export const AddComment = graphql(
  `
    mutation AddComment($input: AddCommentInput!) {
      result: addComment(input: $input) {
        ...ProblemParts
        ...ProposalDone
      }
    }
  `,
  [ProblemParts, ProposalDone],
)
