// The object types of the nouns and the shapes behind them, declared in one place so that nouns can point to each other.
import { builder } from './builder.ts'
import type { ApiKey } from '../domain/api-key.ts'
import type { Company } from '../domain/company.ts'
import type { Child } from '../domain/customer.ts'
import type { Absence, Group, Person, Queue } from '../domain/directory.ts'
import type { CatalogueField, ChildRecordName } from '../domain/fields.ts'
import type { Comment, Decision, WorkItem } from '../domain/proposal.ts'
import type { Workflow, WorkflowVersion } from '../domain/workflow/workflow.ts'
import type { ImportJob } from '../domain/import-job.ts'
import type { Value } from '../domain/values.ts'
import type { LoggedEvent } from '../domain/log.ts'
import type { CustomerLine } from '../store/customers.ts'
import type { ProposalHead, ShownChange } from '../store/proposals.ts'
import type { StoredWebhook } from '../store/webhooks.ts'

export type ChildModel<R extends ChildRecordName = ChildRecordName> = {
  readonly companyId: string
  readonly customerId: string
  readonly record: R
  readonly child: Child<R>
}

/** A part of a proposal, with the way back to it. */
type PartOf<T> = T & { readonly companyId: string; readonly proposalId: string }
export type ChangeModel = PartOf<{ readonly change: ShownChange }>
export type WorkItemModel = PartOf<{ readonly item: WorkItem }>
export type DecisionModel = PartOf<{ readonly decision: Decision }>
export type CommentModel = PartOf<{ readonly comment: Comment }>

/** A person as a company knows them; with several companies in common, as the first of them does. */
export type UserModel = { readonly companyId: string | null; readonly person: Person }
export type GroupModel = { readonly companyId: string; readonly group: Group }
export type QueueModel = { readonly companyId: string; readonly queue: Queue }
export type AbsenceModel = { readonly companyId: string; readonly absence: Absence }
export type ApiKeyModel = { readonly companyId: string; readonly key: ApiKey }
export type WorkflowModel = { readonly companyId: string; readonly workflow: Workflow }
export type WorkflowVersionModel = WorkflowModel & { readonly version: WorkflowVersion }
export type FieldModel = { readonly company: Company; readonly field: CatalogueField }
/** A value with the field that says how it reads; already masked where it has to be. */
export type ValueModel = FieldModel & { readonly value: Value; readonly masked: boolean }

export const CompanyRef = builder.objectRef<Company>('Company')
export const UserRef = builder.objectRef<UserModel>('User')
export const GroupRef = builder.objectRef<GroupModel>('Group')
export const WorkQueueRef = builder.objectRef<QueueModel>('WorkQueue')
export const AbsenceRef = builder.objectRef<AbsenceModel>('Absence')
export const ApiKeyRef = builder.objectRef<ApiKeyModel>('ApiKey')
export const WebhookRef = builder.objectRef<StoredWebhook>('Webhook')
export const CustomerRef = builder.objectRef<CustomerLine>('Customer')
export const BankAccountRef = builder.objectRef<ChildModel<'bankAccounts'>>('BankAccount')
export const AddressRef = builder.objectRef<ChildModel<'addresses'>>('Address')
export const ContactRef = builder.objectRef<ChildModel<'contacts'>>('Contact')
export const ProposalRef = builder.objectRef<ProposalHead>('Proposal')
export const ProposedChangeRef = builder.objectRef<ChangeModel>('ProposedChange')
export const WorkItemRef = builder.objectRef<WorkItemModel>('WorkItem')
export const DecisionRef = builder.objectRef<DecisionModel>('Decision')
export const CommentRef = builder.objectRef<CommentModel>('Comment')
export const WorkflowRef = builder.objectRef<WorkflowModel>('Workflow')
export const WorkflowVersionRef = builder.objectRef<WorkflowVersionModel>('WorkflowVersion')
export const ImportJobRef = builder.objectRef<ImportJob>('ImportJob')
export const EventRef = builder.objectRef<LoggedEvent>('Event')
export const CustomerFieldRef = builder.objectRef<FieldModel>('CustomerField')
export const FieldValueRef = builder.objectRef<ValueModel>('FieldValue')

export const NodeRef = builder.nodeInterfaceRef()
