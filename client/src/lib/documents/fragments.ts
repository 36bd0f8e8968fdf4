// The parts of a document that several pages read. Components take plain data.
import { graphql, type ResultOf } from '../graphql.ts'

export const ProblemParts = graphql(`
  fragment ProblemParts on UserError {
    __typename
    code
    message
    path
    ... on ValidationError {
      problems {
        code
        message
        path
      }
    }
    ... on StaleRevisionError {
      proposal {
        id
        revision
        status
      }
    }
  }
`)

export const FieldParts = graphql(`
  fragment FieldParts on CustomerField {
    name
    label
    description
    record
    group
    order
    type
    referenceKind
    options {
      value
      label
    }
    required
    maxLength
    scale
    minimum
    sensitive
    requiresApproval
  }
`)

export const ValueParts = graphql(`
  fragment ValueParts on FieldValue {
    raw
    display
    masked
  }
`)

export const ActionParts = graphql(`
  fragment ActionParts on AvailableAction {
    action
    allowed
    reason
    message
  }
`)

export const ChangeParts = graphql(
  `
    fragment ChangeParts on ProposedChange {
      id
      field {
        name
        label
        record
        group
        order
        type
        scale
      }
      recordId
      operation
      original {
        ...ValueParts
      }
      proposed {
        ...ValueParts
      }
      current {
        ...ValueParts
      }
      delta
      source
      authors {
        id
        name
      }
      proposedAt
      reason
      digest
    }
  `,
  [ValueParts],
)

/** A change as a line of a list says it. */
export const BriefParts = graphql(
  `
    fragment BriefParts on ProposedChange {
      id
      operation
      field {
        name
        label
        record
        order
        type
        scale
      }
      original {
        ...ValueParts
      }
      proposed {
        ...ValueParts
      }
      delta
    }
  `,
  [ValueParts],
)

/** Whom a proposal is about, with the codes of the child records that its changes may point to. */
export const SubjectParts = graphql(`
  fragment SubjectParts on Customer {
    id
    company {
      id
      code
      name
    }
    account
    version
    name
    bankAccounts {
      id
      code
    }
    addresses {
      id
      code
    }
    contacts {
      id
      code
    }
  }
`)

export const RouteParts = graphql(`
  fragment RouteParts on RouteElement {
    path
    name
    kind
    status
    decisions {
      id
      outcome
    }
    steps {
      name
      status
      guards
      assignments {
        policy
        percent
        quorum
        needed
        given
        people {
          id
          name
        }
        excluded {
          reason
          user {
            id
            name
          }
        }
      }
      items {
        id
        status
        assignee {
          id
          name
        }
      }
      decisions {
        id
        outcome
        automatic
        comment
        at
        live
        actor {
          id
          name
        }
      }
    }
  }
`)

export const BlockerParts = graphql(`
  fragment BlockerParts on Blocker {
    code
    message
    since
    waitingFor {
      id
      name
    }
  }
`)

export const ProposalParts = graphql(
  `
    fragment ProposalParts on Proposal {
      id
      status
      revision
      createdAt
      submittedAt
      closedAt
      submittedBy {
        id
        name
      }
      workflow {
        id
        version
        workflow {
          id
          name
        }
      }
      customer {
        ...SubjectParts
      }
      changes {
        ...ChangeParts
      }
      conflicts {
        kind
        base {
          ...ValueParts
        }
        current {
          ...ValueParts
        }
        change {
          id
        }
      }
      blockers {
        ...BlockerParts
      }
      fault {
        code
        message
        path
      }
      route {
        ...RouteParts
      }
      decisions {
        id
        outcome
        automatic
        comment
        at
        live
        revision
        elementPath
        step
        actor {
          id
          name
        }
      }
      comments {
        id
        text
        at
        author {
          id
          name
        }
      }
      workItems(open: true) {
        id
        kind
        status
        assignee {
          id
          name
        }
        actions {
          ...ActionParts
        }
      }
      actions {
        ...ActionParts
      }
    }
  `,
  [SubjectParts, ChangeParts, ValueParts, BlockerParts, RouteParts, ActionParts],
)

export const EventParts = graphql(
  `
    fragment EventParts on Event {
      id
      type
      at
      data
      values {
        key
        value {
          field {
            name
            label
            type
            scale
          }
          ...ValueParts
        }
      }
      actor {
        id
        name
      }
      proposal {
        id
      }
    }
  `,
  [ValueParts],
)

export type Problem = ResultOf<typeof ProblemParts>
export type Field = ResultOf<typeof FieldParts>
export type Value = ResultOf<typeof ValueParts>
export type Available = ResultOf<typeof ActionParts>
export type Action = Available['action']
export type Change = ResultOf<typeof ChangeParts>
export type Brief = ResultOf<typeof BriefParts>
export type Subject = ResultOf<typeof SubjectParts>
export type RouteElement = ResultOf<typeof RouteParts>
export type RouteStep = RouteElement['steps'][number]
export type Blocker = ResultOf<typeof BlockerParts>
export type Proposal = ResultOf<typeof ProposalParts>
export type ProposalStatus = Proposal['status']
export type Decision = NonNullable<Proposal['decisions']>[number]
export type Comment = NonNullable<Proposal['comments']>[number]
export type HistoryEvent = ResultOf<typeof EventParts>
