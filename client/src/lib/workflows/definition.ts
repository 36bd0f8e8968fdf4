// A workflow's definition as the API tells it: every member is there, null where nothing is said. Each kind of element begins with
// what makes sense for most.
export type Role = 'READER' | 'CLERK' | 'INTEGRATION' | 'ADMINISTRATOR' | 'AUDITOR'
export type Policy = 'SINGLE' | 'MAJORITY' | 'PERCENT' | 'ALL'
export type Verdict = 'APPROVE' | 'REJECT'
export type ApprovalAction = 'APPROVE' | 'REJECT' | 'REQUEST_CHANGE' | 'DELEGATE'
export type TimeUnit = 'HOURS' | 'DAYS' | 'WEEKS' | 'MONTHS'
export type Check = 'DUPLICATE_TAX_NUMBER' | 'IBAN' | 'VAT_NUMBER'
export type WorkflowUser = 'SUBMITTER' | 'OWNER' | 'PREVIOUS_APPROVER'

export type TimeLimit = { amount: number; unit: TimeUnit; workingTime: boolean; calendar: string | null }
export type Hierarchy = {
  startUserId: string | null
  levels: number | null
  until: string | null
  take: 'ALL' | 'LAST'
}
export type Assignee =
  | { users: readonly string[] }
  | { group: string }
  | { role: Role }
  | { hierarchy: Hierarchy }
  | { queue: string }
  | { workflowUser: WorkflowUser }
export type Assignment = { to: Assignee; policy: Policy; percent: number | null; quorum: 'ANSWERS' | 'APPROVALS' }
export type Escalation = { to: Assignee; timeLimit: TimeLimit }
export type FinalAction = { verdict: Verdict } | { task: 'COMPLETE' | 'RETURN' } | { choice: string }
export type Step = {
  name: string
  subject: string | null
  instructions: string | null
  guards: readonly string[] | null
  when: string | null
  assign: readonly Assignment[]
  join: 'ALL' | 'ANY'
  timeLimit: TimeLimit | null
  escalation: readonly Escalation[] | null
  finally: FinalAction | null
}
export type AutomaticAction = { when: string; then: Verdict; fields: readonly string[] }
export type Branch = { name: string; elements: readonly Element[] }
export type Case = { name: string | null; when: string; elements: readonly Element[] }
export type Approval = {
  name: string
  steps: readonly Step[]
  allow: readonly ApprovalAction[] | null
  partial: boolean
  automatic: readonly AutomaticAction[] | null
  timeLimit: TimeLimit | null
  onTimeLimit: Verdict | null
  finalApproverId: string | null
}
export type Automated = {
  name: string
  check: Check | null
  webhookId: string | null
  outcomes: readonly Branch[] | null
}
export type Bodies = {
  approval: Approval
  task: { name: string; step: Step }
  decision: { name: string; step: Step; outcomes: readonly Branch[] }
  condition: { name: string; cases: readonly Case[]; else: readonly Element[] | null }
  parallel: { name: string; branches: readonly Branch[] }
  automated: Automated
  subworkflow: { name: string; workflowId: string }
}
export type Kind = keyof Bodies
export type Element = { [K in Kind]: Record<K, Bodies[K]> }[Kind]
export type Definition = { elements: readonly Element[] }

/** In the order in which they are offered. */
export const kinds: readonly Kind[] = [
  'approval',
  'condition',
  'parallel',
  'task',
  'decision',
  'automated',
  'subworkflow',
]
export const kindOf = (element: Element): Kind => kinds.find((kind) => kind in element) ?? 'approval'
export const bodyOf = (element: Element): Bodies[Kind] => Object.values(element)[0] as Bodies[Kind]

export const newAssignment = (): Assignment => ({
  to: { users: [] },
  policy: 'SINGLE',
  percent: null,
  quorum: 'ANSWERS',
})
export const newLimit = (): TimeLimit => ({ amount: 2, unit: 'DAYS', workingTime: true, calendar: null })
export const newStep = (name: string): Step => ({
  name,
  subject: null,
  instructions: null,
  guards: null,
  when: null,
  assign: [newAssignment()],
  join: 'ALL',
  timeLimit: null,
  escalation: null,
  finally: null,
})
export const newBranch = (name: string): Branch => ({ name, elements: [] })
export const newCase = (): Case => ({ name: null, when: '', elements: [] })

/** A new element under a name; what it must have has a place already. */
export const newElement = (kind: Kind, name: string, branch: (n: number) => string): Element => {
  switch (kind) {
    case 'approval':
      return {
        approval: {
          ...{ name, steps: [newStep(name)], allow: null, partial: false },
          ...{ automatic: null, timeLimit: null, onTimeLimit: null, finalApproverId: null },
        },
      }
    case 'task':
      return { task: { name, step: newStep(name) } }
    case 'decision':
      return { decision: { name, step: newStep(name), outcomes: [newBranch(branch(1)), newBranch(branch(2))] } }
    case 'condition':
      return { condition: { name, cases: [newCase()], else: null } }
    case 'parallel':
      return { parallel: { name, branches: [newBranch(branch(1)), newBranch(branch(2))] } }
    case 'automated':
      return { automated: { name, check: 'DUPLICATE_TAX_NUMBER', webhookId: null, outcomes: null } }
    case 'subworkflow':
      return { subworkflow: { name, workflowId: '' } }
  }
}
