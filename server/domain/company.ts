// What a company has set up: parameters, governed fields, people, reference values, workflows (DOMAIN section 2).
import type { Directory } from './directory.ts'
import type { ReferenceKind } from './fields.ts'
import type { Webhook } from './webhook.ts'
import type { Calendar } from './workflow/calendar.ts'
import type { Workflow } from './workflow/workflow.ts'

export const entityBehaviors = ['ALLOW_WITHOUT_APPROVAL', 'REJECT_CHANGES', 'CREATE_CHANGE_PROPOSALS'] as const
export type EntityBehavior = (typeof entityBehaviors)[number]
export const conflictPolicies = ['HOLD', 'OVERWRITE'] as const
export type ConflictPolicy = (typeof conflictPolicies)[number]

export type ApprovalParameters = {
  readonly enabled: boolean
  readonly entityBehavior: EntityBehavior
  readonly autoSubmit: boolean
  readonly authorsMayNotApprove: boolean
  readonly conflictPolicy: ConflictPolicy
}

/** A new company starts with the safe values. */
export const initialParameters: ApprovalParameters = {
  enabled: true,
  entityBehavior: 'CREATE_CHANGE_PROPOSALS',
  autoSubmit: true,
  authorsMayNotApprove: true,
  conflictPolicy: 'HOLD',
}

export type ReferenceValue = { readonly code: string; readonly name: string; readonly active: boolean }
export type References = ReadonlyMap<ReferenceKind, ReadonlyMap<string, ReferenceValue>>

/** An endpoint of a partner, as workflows need it; a deleted one is not there any more. */
export type KnownWebhook = Pick<Webhook, 'id' | 'name' | 'active'>

/** One consistent snapshot of a company's set-up; `setupVersion` rises with every change of it. */
export type Company = {
  readonly id: string
  readonly code: string
  readonly name: string
  readonly currency: string
  readonly setupVersion: number
  readonly parameters: ApprovalParameters
  /** Full catalogue names of the fields whose approval switch is on; records as a whole are never in it. */
  readonly approvalFields: ReadonlySet<string>
  readonly directory: Directory
  readonly references: References
  readonly workflows: readonly Workflow[]
  readonly calendars: readonly Calendar[]
  readonly webhooks: ReadonlyMap<string, KnownWebhook>
}
