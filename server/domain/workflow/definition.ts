// A workflow's definition as data: the shape of WorkflowDefinitionInput with its defaults filled in (DOMAIN section 5).
// What makes sense in it is said by validation, not by this shape.
import type { Role } from '../directory.ts'

export type Policy = 'SINGLE' | 'MAJORITY' | 'PERCENT' | 'ALL'
export type Quorum = 'ANSWERS' | 'APPROVALS'
export type Join = 'ALL' | 'ANY'
export type Verdict = 'APPROVE' | 'REJECT'
export type ApprovalAction = 'APPROVE' | 'REJECT' | 'REQUEST_CHANGE' | 'DELEGATE'
export type TimeUnit = 'HOURS' | 'DAYS' | 'WEEKS' | 'MONTHS'

export type TimeLimit = {
  readonly amount: number
  readonly unit: TimeUnit
  readonly workingTime: boolean
  readonly calendar: string | null
}
export type Hierarchy = {
  /** Null: the submitter. */
  readonly startUserId: string | null
  readonly levels: number | null
  /** CEL over `manager`. */
  readonly until: string | null
  readonly take: 'ALL' | 'LAST'
}
export type Assignee =
  | { readonly users: readonly string[] }
  /** Name of a group of the company. */
  | { readonly group: string }
  | { readonly role: Role }
  | { readonly hierarchy: Hierarchy }
  | { readonly workflowUser: 'SUBMITTER' | 'OWNER' | 'PREVIOUS_APPROVER' }
  | { readonly queue: string }
export type Assignment = {
  readonly to: Assignee
  readonly policy: Policy
  readonly percent: number | null
  readonly quorum: Quorum
}
export type Escalation = { readonly to: Assignee; readonly timeLimit: TimeLimit }
export type FinalAction =
  { readonly verdict: Verdict } | { readonly task: 'COMPLETE' | 'RETURN' } | { readonly choice: string }
export type Step = {
  readonly name: string
  readonly subject: string | null
  readonly instructions: string | null
  /** Full catalogue names or names of records; null: every change. */
  readonly guards: readonly string[] | null
  /** CEL; null: always. */
  readonly when: string | null
  readonly assign: readonly Assignment[]
  readonly join: Join
  readonly timeLimit: TimeLimit | null
  readonly escalation: readonly Escalation[] | null
  readonly finally: FinalAction | null
}
export type AutomaticAction = { readonly when: string; readonly then: Verdict; readonly fields: readonly string[] }
export type ApprovalElement = {
  readonly name: string
  readonly steps: readonly Step[]
  /** Null: all that run. */
  readonly allow: readonly ApprovalAction[] | null
  readonly partial: boolean
  readonly automatic: readonly AutomaticAction[] | null
  readonly timeLimit: TimeLimit | null
  readonly onTimeLimit: Verdict | null
  readonly finalApproverId: string | null
}
export type Branch = { readonly name: string; readonly elements: readonly Element[] }
export type Case = { readonly name: string | null; readonly when: string; readonly elements: readonly Element[] }
export type Element =
  | { readonly approval: ApprovalElement }
  | { readonly task: { readonly name: string; readonly step: Step } }
  | { readonly decision: { readonly name: string; readonly step: Step; readonly outcomes: readonly Branch[] } }
  | {
      readonly condition: {
        readonly name: string
        readonly cases: readonly Case[]
        readonly else: readonly Element[] | null
      }
    }
  | { readonly parallel: { readonly name: string; readonly branches: readonly Branch[] } }
  | {
      readonly automated: {
        readonly name: string
        readonly check: 'DUPLICATE_TAX_NUMBER' | 'IBAN' | 'VAT_NUMBER' | null
        readonly webhookId: string | null
        readonly outcomes: readonly Branch[] | null
      }
    }
  | { readonly subworkflow: { readonly name: string; readonly workflowId: string } }
export type Definition = { readonly elements: readonly Element[] }
