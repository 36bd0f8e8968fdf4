// The definition of a workflow as input: a tree of elements of which each is exactly one kind.
import { builder } from './builder.ts'
import { Role } from './company.ts'
import {
  ApprovalAction,
  AutomatedCheck,
  Join,
  Take,
  TaskVerdict,
  TimeUnit,
  Verdict,
  WorkflowUser,
} from './definition-enums.ts'
import { Policy, Quorum } from './route.ts'

// What these inputs hold is read by the rules themselves (parseDefinition), so here they have no shape of their own.
type Tree = Readonly<Record<string, unknown>>
const tree = (name: string) => builder.inputRef<Tree, false>(name)

const ElementInput = tree('ElementInput')
const StepInput = tree('StepInput')
const BranchInput = tree('BranchInput')
const TimeLimitInput = tree('TimeLimitInput').implement({
  description: 'How long something may take.',
  fields: (t) => ({
    amount: t.int({ required: true, description: 'How many units, at least 1.' }),
    unit: t.field({ type: TimeUnit, required: true, description: 'Which unit.' }),
    workingTime: t.boolean({ defaultValue: false, description: 'Counted in working time.' }),
    calendar: t.string({ description: "Name of the calendar; by default the company's." }),
  }),
})
const HierarchyInput = tree('HierarchyInput').implement({
  description: 'Managers, climbed from a person.',
  fields: (t) => ({
    startUserId: t.id({ description: 'From whom; by default the submitter, whose manager is the first.' }),
    levels: t.int({ description: 'How many levels.' }),
    until: t.string({ description: 'Climb until this CEL condition over `manager` holds.' }),
    take: t.field({ type: Take, defaultValue: 'ALL', description: 'Whom of them to ask.' }),
  }),
})
const AssigneeInput = tree('AssigneeInput').implement({
  description: 'Who is asked. Exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    users: t.idList({ description: 'These people.' }),
    group: t.string({ description: 'The members of the group with this name.' }),
    role: t.field({ type: Role, description: 'Everybody with this role.' }),
    hierarchy: t.field({ type: HierarchyInput, description: 'Managers.' }),
    workflowUser: t.field({ type: WorkflowUser, description: 'Somebody by their part in the workflow.' }),
    queue: t.string({ description: 'The members of the queue with this name, of whom one takes it.' }),
  }),
})
const AssignmentInput = tree('AssignmentInput').implement({
  description: 'Some people, and how many of them have to answer.',
  fields: (t) => ({
    to: t.field({ type: AssigneeInput, required: true, description: 'Who is asked.' }),
    policy: t.field({ type: Policy, defaultValue: 'SINGLE', description: 'When it is decided.' }),
    percent: t.int({ description: 'Of PERCENT: the share, 1 to 100.' }),
    quorum: t.field({ type: Quorum, defaultValue: 'ANSWERS', description: 'What the policy counts.' }),
  }),
})
const EscalationInput = tree('EscalationInput').implement({
  description: 'Whom to ask when a step is overdue.',
  fields: (t) => ({
    to: t.field({ type: AssigneeInput, required: true, description: 'Who is asked.' }),
    timeLimit: t.field({ type: TimeLimitInput, required: true, description: 'How long they have.' }),
  }),
})
const FinalActionInput = tree('FinalActionInput').implement({
  description: 'What the system does when nobody has answered in time. Exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    verdict: t.field({ type: Verdict, description: 'Of an approval.' }),
    task: t.field({ type: TaskVerdict, description: 'Of a task.' }),
    choice: t.string({ description: 'Of a decision: name of the outcome.' }),
  }),
})
StepInput.implement({
  description: 'One step: who is asked about what.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name, best unique within the element.' }),
    subject: t.string({
      description: 'The line that stands in the queue; placeholders such as {{customer.name}} are filled in.',
    }),
    instructions: t.string({ description: 'What to tell whoever decides; with placeholders.' }),
    guards: t.stringList({
      description:
        'Names of the fields that it decides on, bankAccounts for all of a record; by default all. Skipped when none of them changes.',
    }),
    when: t.string({ description: 'Asked only when this CEL condition holds; by default always.' }),
    assign: t.field({ type: [AssignmentInput], required: true, description: 'Who is asked.' }),
    join: t.field({ type: Join, defaultValue: 'ALL', description: 'How several assignments go together.' }),
    timeLimit: t.field({ type: TimeLimitInput, description: 'How long it may take.' }),
    escalation: t.field({
      type: [EscalationInput],
      description: 'Whom to ask when it is overdue, one after the other.',
    }),
    finally: t.field({ type: FinalActionInput, description: 'What the system does when nobody has answered.' }),
  }),
})
const AutomaticActionInput = tree('AutomaticActionInput').implement({
  description: 'An answer that the system gives for certain fields.',
  fields: (t) => ({
    when: t.string({ required: true, description: 'When, as a CEL expression.' }),
    then: t.field({ type: Verdict, required: true, description: 'What it answers.' }),
    fields: t.stringList({ required: true, description: 'Names of the fields that it answers for.' }),
  }),
})
const ApprovalElementInput = tree('ApprovalElementInput').implement({
  description: 'Asks for approval in ordered steps: the only thing that lets changes be applied.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    steps: t.field({ type: [StepInput], required: true, description: 'Its steps, one after the other.' }),
    allow: t.field({ type: [ApprovalAction], description: 'What whoever is asked may do; by default everything.' }),
    partial: t.boolean({ defaultValue: false, description: 'Changes may be left out of an approval.' }),
    automatic: t.field({ type: [AutomaticActionInput], description: 'What the system answers by itself.' }),
    timeLimit: t.field({ type: TimeLimitInput, description: 'How long all of it may take.' }),
    onTimeLimit: t.field({ type: Verdict, description: 'What the system answers then.' }),
    finalApproverId: t.id({ description: 'Who is asked when a step has nobody else.' }),
  }),
})
const TaskElementInput = tree('TaskElementInput').implement({
  description: 'Asks somebody to do something.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    step: t.field({ type: StepInput, required: true, description: 'Who is to do it.' }),
  }),
})
const DecisionElementInput = tree('DecisionElementInput').implement({
  description: 'A person picks one of several ways to go on.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    step: t.field({ type: StepInput, required: true, description: 'Who picks.' }),
    outcomes: t.field({ type: [BranchInput], required: true, description: 'What can be picked.' }),
  }),
})
const CaseInput = tree('CaseInput').implement({
  description: 'One case of a condition.',
  fields: (t) => ({
    name: t.string({ description: 'Its name.' }),
    when: t.string({ required: true, description: 'When it is taken, as a CEL expression.' }),
    elements: t.field({ type: [ElementInput], required: true, description: 'What then runs.' }),
  }),
})
const ConditionElementInput = tree('ConditionElementInput').implement({
  description: 'The system picks the first case that holds.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    cases: t.field({ type: [CaseInput], required: true, description: 'The cases, in order.' }),
    else: t.field({ type: [ElementInput], description: 'What runs when none holds.' }),
  }),
})
BranchInput.implement({
  description: 'A named sequence of elements.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    elements: t.field({ type: [ElementInput], required: true, description: 'What runs in it.' }),
  }),
})
const ParallelElementInput = tree('ParallelElementInput').implement({
  description: 'Two or more branches at once.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    branches: t.field({
      type: [BranchInput],
      required: true,
      description: 'The branches; it goes on when all have finished.',
    }),
  }),
})
const AutomatedElementInput = tree('AutomatedElementInput').implement({
  description: 'The system checks something, or asks another system.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    check: t.field({ type: AutomatedCheck, description: 'The check; either this or a webhook.' }),
    webhookId: t.id({
      description:
        'The webhook that is asked, in place of a check: a signed request, repeated until it answers with the name of an outcome.',
    }),
    outcomes: t.field({
      type: [BranchInput],
      description:
        'What follows from each answer. Of a check they are called passed and failed; a webhook names any of them, or passed or failed where there are none.',
    }),
  }),
})
const SubworkflowElementInput = tree('SubworkflowElementInput').implement({
  description: 'Runs another workflow and waits for it.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    workflowId: t.id({ required: true, description: 'Which workflow.' }),
  }),
})
ElementInput.implement({
  description: 'One element of a workflow. Exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    approval: t.field({ type: ApprovalElementInput, description: 'Asks for approval.' }),
    task: t.field({ type: TaskElementInput, description: 'Asks for something to be done.' }),
    decision: t.field({ type: DecisionElementInput, description: 'A person picks how to go on.' }),
    condition: t.field({ type: ConditionElementInput, description: 'The system picks how to go on.' }),
    parallel: t.field({ type: ParallelElementInput, description: 'Branches at once.' }),
    automated: t.field({ type: AutomatedElementInput, description: 'The system acts.' }),
    subworkflow: t.field({ type: SubworkflowElementInput, description: 'Another workflow.' }),
  }),
})

export const WorkflowDefinitionInput = tree('WorkflowDefinitionInput').implement({
  description: 'What a workflow does: a sequence of elements.',
  fields: (t) => ({
    elements: t.field({ type: [ElementInput], required: true, description: 'Its elements, one after the other.' }),
  }),
})
