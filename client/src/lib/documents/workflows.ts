// Workflows: the list, versions with what is wrong with them, saving and putting into use; conditions and submits tried in thought.
import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts'
import { ProblemParts, ValueParts } from './fragments.ts'
import { BlockerParts, RouteParts } from './proposal-parts.ts'

const WorkflowParts = graphql(`
  fragment WorkflowParts on Workflow {
    id
    name
    rank
    isDefault
    activation
    running
    owner {
      id
      name
    }
    activeVersion {
      id
      version
    }
    versions {
      id
      version
      note
      createdAt
      createdBy {
        id
        name
      }
    }
  }
`)

export const WorkflowsQuery = graphql(
  `
    query Workflows($company: String!) {
      workflows(company: $company) {
        ...WorkflowParts
      }
    }
  `,
  [WorkflowParts],
)

export const VersionQuery = graphql(`
  query Version($id: ID!) {
    node(id: $id) {
      __typename
      ... on WorkflowVersion {
        id
        version
        definition
        settings {
          name
          owner {
            id
            name
          }
          rank
          isDefault
          activation
        }
        problems {
          path
          severity
          message
        }
      }
    }
  }
`)

const WorkflowDone = graphql(
  `
    fragment WorkflowDone on WorkflowSuccess {
      __typename
      workflow {
        ...WorkflowParts
      }
    }
  `,
  [WorkflowParts],
)

/** What is wrong with a definition, with the place of each. */
const InvalidParts = graphql(`
  fragment InvalidParts on InvalidWorkflowError {
    workflowProblems: problems {
      path
      severity
      message
    }
  }
`)

export const SaveWorkflow = graphql(
  `
    mutation SaveWorkflow($input: SaveWorkflowInput!) {
      result: saveWorkflow(input: $input) {
        __typename
        ...ProblemParts
        ...InvalidParts
        ...WorkflowDone
      }
    }
  `,
  [ProblemParts, InvalidParts, WorkflowDone],
)

/** What saving would come to; with `dryRun`. */
export const CheckWorkflow = graphql(
  `
    mutation CheckWorkflow($input: SaveWorkflowInput!) {
      result: saveWorkflow(input: $input) {
        __typename
        ...ProblemParts
        ...InvalidParts
        ... on WorkflowChecked {
          workflowProblems: problems {
            path
            severity
            message
          }
        }
      }
    }
  `,
  [ProblemParts, InvalidParts],
)

export const ActivateWorkflow = graphql(
  `
    mutation ActivateWorkflow($input: ActivateWorkflowInput!) {
      result: activateWorkflow(input: $input) {
        __typename
        ...ProblemParts
        ...InvalidParts
        ...WorkflowDone
      }
    }
  `,
  [ProblemParts, InvalidParts, WorkflowDone],
)

export const DeactivateWorkflow = graphql(
  `
    mutation DeactivateWorkflow($input: WorkflowIdInput!) {
      result: deactivateWorkflow(input: $input) {
        __typename
        ...ProblemParts
        ...WorkflowDone
      }
    }
  `,
  [ProblemParts, WorkflowDone],
)

export const DeleteWorkflow = graphql(
  `
    mutation DeleteWorkflow($input: WorkflowIdInput!) {
      result: deleteWorkflow(input: $input) {
        __typename
        ...ProblemParts
        ...WorkflowDone
      }
    }
  `,
  [ProblemParts, WorkflowDone],
)

/** Whom and what a definition can name: it names groups, queues and calendars by their names. */
export const DirectoryQuery = graphql(`
  query Directory($company: String!) {
    company(code: $company) {
      id
      calendars {
        name
        isDefault
      }
    }
    groups(company: $company) {
      id
      name
    }
    queues(company: $company) {
      id
      name
    }
  }
`)

export const WebhooksByNameQuery = graphql(`
  query WebhooksByName($company: String!) {
    webhooks(company: $company) {
      id
      name
      active
    }
  }
`)

export const NamesQuery = graphql(`
  query Names($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on User {
        name
      }
      ... on Webhook {
        name
      }
    }
  }
`)

export const EvaluateConditionQuery = graphql(`
  query EvaluateCondition($input: EvaluateConditionInput!) {
    evaluateCondition(input: $input) {
      valid
      value
      error
    }
  }
`)

/** A customer to try things on: its values and what is proposed for it. */
export const TrialCustomerQuery = graphql(
  `
    query TrialCustomer($company: String!, $account: String!) {
      customer(company: $company, account: $account) {
        id
        account
        name
        bankAccounts {
          id
          code
        }
        values {
          field {
            name
          }
          ...ValueParts
        }
        proposal {
          id
          status
          changes {
            id
            recordId
            field {
              name
            }
            proposed {
              ...ValueParts
            }
            refusal {
              at
            }
          }
        }
      }
    }
  `,
  [ValueParts],
)

export const PreviewSubmissionQuery = graphql(
  `
    query PreviewSubmission($input: PreviewSubmissionInput!) {
      previewSubmission(input: $input) {
        workflow {
          id
          version
          workflow {
            id
            name
          }
        }
        route {
          ...RouteParts
        }
        blockers {
          ...BlockerParts
        }
        errors {
          code
          message
          path
        }
      }
    }
  `,
  [RouteParts, BlockerParts],
)

export type Workflow = ResultOf<typeof WorkflowParts>
export type WorkflowVersion = Workflow['versions'][number]
type ReadVersion = Extract<NonNullable<ResultOf<typeof VersionQuery>['node']>, { __typename: 'WorkflowVersion' }>
export type Settings = ReadVersion['settings']
export type WorkflowProblem = ResultOf<typeof InvalidParts>['workflowProblems'][number]
export type WorkflowInput = VariablesOf<typeof SaveWorkflow>['input']
export type EditInput = VariablesOf<typeof EvaluateConditionQuery>['input']
export type TrialCustomer = NonNullable<ResultOf<typeof TrialCustomerQuery>['customer']>
