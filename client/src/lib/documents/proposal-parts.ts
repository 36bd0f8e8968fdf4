// What is read of a proposal: where it stands, its way through the workflow, and all of it.
import { graphql, type ResultOf } from '../graphql.ts'
import { ActionParts, ChangeParts, ValueParts } from './fragments.ts'

export const DecisionParts = graphql(`
  fragment DecisionParts on Decision {
    id
    outcome
    choice
    automatic
    comment
    at
    live
    revision
    step
    actor {
      id
      name
    }
    onBehalfOf {
      id
      name
    }
  }
`)

/** An element of a route without what lies inside of it. */
const ElementParts = graphql(`
  fragment ElementParts on RouteElement {
    path
    name
    kind
    status
    decisions {
      id
      outcome
      choice
    }
    steps {
      path
      name
      status
      dueAt
      assignments {
        policy
        needed
        given
        queue {
          id
          name
        }
        people {
          id
          name
        }
        excluded {
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
        }
        queue {
          id
          name
        }
      }
      decisions {
        id
        outcome
        choice
        live
        actor {
          id
          name
        }
        onBehalfOf {
          id
        }
      }
    }
  }
`)

/** Elements within elements, as deep as one request may ask; of what lies deeper the names. */
export const RouteParts = graphql(
  `
    fragment RouteParts on RouteElement {
      ...ElementParts
      branches {
        name
        taken
        elements {
          ...ElementParts
          branches {
            name
            taken
            elements {
              ...ElementParts
              branches {
                name
                taken
              }
            }
          }
        }
      }
    }
  `,
  [ElementParts],
)

export const BlockerParts = graphql(`
  fragment BlockerParts on Blocker {
    code
    message
    since
    dueAt
    queue {
      id
      name
    }
    waitingFor {
      id
      name
    }
  }
`)

/** Where a proposal stands and what can be done with it: what a banner says. */
export const StandingParts = graphql(
  `
    fragment StandingParts on Proposal {
      id
      status
      revision
      updatedAt
      effectiveAt
      customer {
        id
        account
        company {
          id
          code
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
      decisions {
        ...DecisionParts
      }
      workItems(open: true) {
        id
        kind
        step
        createdAt
        dueAt
        overdue
        assignee {
          id
          name
        }
        standIn {
          id
          name
        }
        queue {
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
  [BlockerParts, DecisionParts, ActionParts],
)

export const ProposalParts = graphql(
  `
    fragment ProposalParts on Proposal {
      ...StandingParts
      createdAt
      submittedAt
      closedAt
      submittedBy {
        id
        name
      }
      reverts {
        id
        closedAt
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
        id
        company {
          id
          code
          name
        }
        account
        version
        name
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
        event {
          type
          at
          actor {
            name
          }
          proposal {
            id
          }
        }
        change {
          id
        }
      }
      route {
        ...RouteParts
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
    }
  `,
  [StandingParts, ChangeParts, ValueParts, RouteParts],
)

type Element = ResultOf<typeof ElementParts>
export type RouteElement = Element & { branches?: readonly RouteBranch[] }
export type RouteBranch = { name: string; taken: boolean | null; elements?: readonly RouteElement[] }
export type RouteStep = Element['steps'][number]
export type Blocker = ResultOf<typeof BlockerParts>
type Changed = { id: string; field: { label: string }; refusal: { at: string } | null }
/** What a banner needs to know: lists are read by whoever shows more of them. */
export type Standing = ResultOf<typeof StandingParts> & {
  changes: readonly Changed[]
  conflicts: readonly { change: { id: string } }[] | null
}
/** What is done to a proposal as a whole, with something to say about it. */
export type Deed = 'submit' | 'recall' | 'cancel' | 'resume' | 'revert'
export type OpenItem = NonNullable<ResultOf<typeof StandingParts>['workItems']>[number]
export type Proposal = ResultOf<typeof ProposalParts>
export type ProposalStatus = Proposal['status']
export type Decision = ResultOf<typeof DecisionParts>
export type Comment = NonNullable<Proposal['comments']>[number]
