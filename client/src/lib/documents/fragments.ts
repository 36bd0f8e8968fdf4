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
    initial
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
        atomicGroup
      }
      recordId
      recordCode
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
      creditCheck
      source
      authors {
        id
        name
      }
      proposedAt
      reason
      digest
      refusal {
        reason
        at
        by {
          id
          name
        }
      }
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
      refusal {
        at
      }
    }
  `,
  [ValueParts],
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
export type HistoryEvent = ResultOf<typeof EventParts>
