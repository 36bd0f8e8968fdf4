// Every sentence of workflows in the set-up: the list, versions, the editor, the picture and its text; of forms in a file of their own.
import type {
  ApprovalAction,
  Check,
  Kind,
  Policy,
  Role,
  TimeUnit,
  Verdict,
  WorkflowUser,
} from '../workflows/definition.ts'
import { plural } from './setup.ts'
import { workflowForms } from './workflow-forms.ts'

const kinds: Record<Kind, { name: string; about: string }> = {
  approval: { name: 'Approval', about: 'Asks people, step by step; the only thing that lets changes be applied.' },
  condition: { name: 'Condition', about: 'The system takes the first case that holds.' },
  parallel: { name: 'Parallel branches', about: 'Branches that run at the same time; it goes on when all are done.' },
  task: { name: 'Task', about: 'Asks somebody to do something first.' },
  decision: { name: 'Decision', about: 'A person chooses how it goes on.' },
  automated: { name: 'Automatic check', about: 'The system checks something, or asks another system.' },
  subworkflow: { name: 'Subworkflow', about: 'Runs another workflow and waits for it.' },
}

const policies: Record<Policy, string> = {
  SINGLE: 'Any one of them',
  MAJORITY: 'More than half',
  PERCENT: 'A share',
  ALL: 'All of them',
}
const units: Record<TimeUnit, string> = { HOURS: 'hours', DAYS: 'days', WEEKS: 'weeks', MONTHS: 'months' }
const roles: Record<Role, string> = {
  READER: 'Readers',
  CLERK: 'Clerks',
  INTEGRATION: 'Integrations',
  ADMINISTRATOR: 'Administrators',
  AUDITOR: 'Auditors',
}
const workflowUsers: Record<WorkflowUser, string> = {
  OWNER: 'The workflow’s owner',
  PREVIOUS_APPROVER: 'Who approved last before',
  SUBMITTER: 'Who submitted',
}
const verdicts: Record<Verdict, string> = { APPROVE: 'Approve', REJECT: 'Reject' }
const checks: Record<Check, string> = {
  DUPLICATE_TAX_NUMBER: 'Another customer has the same tax number',
  IBAN: 'The IBAN is well formed',
  VAT_NUMBER: 'The VAT number is well formed',
}
const actions: Record<ApprovalAction, string> = {
  APPROVE: 'Approve',
  REJECT: 'Reject',
  REQUEST_CHANGE: 'Request change',
  DELEGATE: 'Delegate',
}

export const workflowWords = {
  list: {
    caption: 'Workflows',
    new: 'New workflow',
    name: 'Name',
    applies: 'Applies',
    state: 'State',
    running: 'On their way',
    changed: 'Last changed',
    none: 'No workflow yet. Until one is active, changes of governed fields cannot be submitted.',
    unused: 'Not in use',
    inUse: (version: number) => `Active, version ${version}`,
    newer: (version: number) => `version ${version} saved, not active`,
    order: 'A submit takes the first active workflow from the top whose condition holds, else the default.',
    only: 'With one active workflow every submit takes that one.',
    always: 'Always',
    asDefault: 'When no other does',
    never: 'Only when another workflow runs it',
    onlyOne: 'To every submit',
    when: 'When',
  },
  page: {
    back: 'All workflows',
    missing: 'This workflow is not there any more.',
    tabs: { design: 'Design', versions: 'Versions', preview: 'Preview' },
    tabsLabel: 'Parts of the workflow',
    more: 'More',
    owner: (name: string) => `owner ${name}`,
    rank: (n: number) => `rank ${n}`,
    isDefault: 'default',
    running: (n: number) => `${plural(n, 'proposal')} on ${n === 1 ? 'its' : 'their'} way`,
    shownVersion: (n: number) => `Version ${n}`,
  },
  versions: {
    caption: 'Versions',
    version: 'Version',
    note: 'Note',
    by: 'Saved by',
    at: 'Saved',
    active: 'Active',
    noNote: '–',
    editFrom: (n: number) => `Edit from version ${n}`,
    took: (n: number) => `The design now holds version ${n}. Nothing is saved yet.`,
    activate: (n: number) => `Activate version ${n}`,
  },
  life: {
    activateTitle: (name: string, n: number) => `Activate version ${n} of “${name}”?`,
    activateWhat: (n: number, running: number) =>
      `New submits run on version ${n} from now on.${running > 0 ? ` ${plural(running, 'proposal')} on ${running === 1 ? 'its' : 'their'} way ${running === 1 ? 'stays' : 'stay'} on the version that ${running === 1 ? 'it was' : 'they were'} submitted on; a recall and a new submit change that.` : ''}`,
    activateYou: 'Who saves or activates a version is not asked to approve in it.',
    activateHead: 'Name, owner, rank and condition of this version come into force with it.',
    activate: 'Activate',
    activated: (name: string, n: number) => `Version ${n} of “${name}” is active.`,
    deactivate: 'Deactivate',
    deactivateTitle: (name: string) => `Take “${name}” out of use?`,
    deactivateWhat: (running: number, others: boolean) =>
      `No new submit runs on it. ${running > 0 ? `${plural(running, 'proposal')} on ${running === 1 ? 'its' : 'their'} way ${running === 1 ? 'runs' : 'run'} to ${running === 1 ? 'its' : 'their'} end on it. ` : ''}${others ? 'What it would have taken goes to the next workflow that applies.' : 'No other workflow is active: nothing that needs approval can be submitted until one is.'}`,
    deactivated: (name: string) => `“${name}” is out of use.`,
    delete: 'Delete',
    deleteTitle: (name: string) => `Delete “${name}”?`,
    deleteWhat: (running: number) =>
      running > 0
        ? `${plural(running, 'proposal')} ${running === 1 ? 'is' : 'are'} on ${running === 1 ? 'its' : 'their'} way through it: it can be deleted when none is. Take it out of use first, so that no new ones come.`
        : 'It is gone with all its versions, and cannot be taken back. Proposals that ran on it still show it.',
    deleted: (name: string) => `“${name}” was deleted.`,
  },
  editor: {
    region: 'Editor',
    tree: 'Elements',
    start: 'Submit',
    end: 'Changes are applied',
    settings: 'Name and when it applies',
    undo: 'Undo',
    redo: 'Redo',
    save: 'Save',
    saveAndActivate: 'Save and activate',
    discard: 'Discard',
    discardTitle: 'Discard what is not saved?',
    discardWhat: 'The design goes back to the version that was saved last.',
    unsaved: 'Not saved',
    noneUnsaved: 'Saved',
    saved: (n: number) => `Version ${n} was saved. It is not active yet.`,
    savedActive: (n: number) => `Version ${n} was saved and is active.`,
    stale: 'Show the newer version',
    saveAnyway: 'Save mine as the next version',
    add: 'Add',
    addTo: (where: string) => `Add an element: ${where}`,
    addAfter: 'Add after',
    up: 'Move up',
    down: 'Move down',
    remove: 'Remove',
    removed: (name: string) => `“${name}” was removed.`,
    keys: 'Arrow keys go through the elements. Alt with an arrow key moves one, Delete removes it.',
    moved: (name: string, place: number) => `${name} is now number ${place} of its sequence.`,
    unnamed: 'No name',
    problems: (errors: number, warnings: number) =>
      [errors > 0 ? plural(errors, 'error') : '', warnings > 0 ? `${warnings} worth a look` : '']
        .filter(Boolean)
        .join(', '),
    errorsOf: {
      refused: (n: number) =>
        n === 1 ? 'It was not saved: one thing has to be mended.' : `It was not saved: ${n} things have to be mended.`,
      version: (n: number) =>
        n === 1 ? 'It cannot be activated as it is: one error.' : `It cannot be activated as it is: ${n} errors.`,
      design: (n: number) =>
        n === 1
          ? 'One thing has to be mended before it can be saved.'
          : `${n} things have to be mended before it can be saved.`,
    },
    nextProblem: 'Go to the next',
    checking: 'Checking…',
    warningsTitle: (n: number) => (n === 1 ? 'Worth a look' : `${n} things worth a look`),
    hasErrors: 'has an error',
    hasWarnings: 'worth a look',
    tabs: { form: 'Form', picture: 'Picture', trial: 'Try' },
    tabsLabel: 'What is shown of the design',
    sequence: { main: 'the workflow', else: 'otherwise' },
    newName: 'New workflow',
    branch: (n: number) => `Branch ${n}`,
    outcome: (n: number) => `Outcome ${n}`,
    step: (n: number) => `Step ${n}`,
    case: (n: number) => `Case ${n}`,
  },
  kinds,
  policies,
  units,
  roles,
  workflowUsers,
  verdicts,
  checks,
  actions,
  ...workflowForms,
  preview: {
    about:
      'Who would be asked if somebody submitted now, by the workflows in use. A design that is not active is not asked; its conditions can be tried under Design.',
    choose: 'Choose a customer and change something, to see who would be asked.',
    runs: (name: string, version: number) => `It would run on “${name}”, version ${version}.`,
    other: 'That is another workflow than this one.',
    nothing: 'Nobody would have to be asked: nothing that is changed here requires approval.',
    submitter: 'As if this person submitted',
    submitterHelp: 'Empty: whoever has made the open proposal, else you, as if you might.',
    route: 'Route',
  },
  picture: {
    label: (name: string) => `The route of ${name}`,
    text: 'As text',
    else: 'otherwise',
    when: 'when',
    always: 'always',
    nothing: 'goes on',
    empty: 'Nothing yet. Add an approval.',
  },
  say: {
    approval: (name: string) => `${name}: approval.`,
    task: (name: string) => `${name}: task.`,
    decision: (name: string) => `${name}: a person chooses.`,
    condition: (name: string) => `${name}: the first case that holds.`,
    parallel: (name: string, n: number) => `${name}: ${plural(n, 'branch', 'branches')} at the same time.`,
    automated: (name: string, what: string) => `${name}: the system checks. ${what}.`,
    webhook: (name: string, what: string) => `${name}: asks the system ${what}.`,
    subworkflow: (name: string, what: string) => `${name}: runs the workflow ${what}.`,
    asks: (whom: string) => `asks ${whom}`,
    guards: (fields: string) => `about ${fields}`,
    only: (when: string) => `only when ${when}`,
    within: (limit: string) => `within ${limit}`,
    then: (whom: string, limit: string) => `then ${whom} within ${limit}`,
    finally: (what: string) => `in the end the system: ${what.toLowerCase()}`,
    limit: (amount: number, unit: TimeUnit, workingTime: boolean, calendar: string | null) =>
      `${amount} ${workingTime ? 'working ' : ''}${amount === 1 ? units[unit].slice(0, -1) : units[unit]}${calendar === null ? '' : ` (${calendar})`}`,
    case: (when: string) => `when ${when || '…'}`,
    else: 'otherwise',
    automatic: (verdict: Verdict, fields: string, when: string) =>
      `The system ${verdict === 'APPROVE' ? 'approves' : 'rejects'} ${fields} when ${when || '…'}.`,
    nobody: 'nobody yet',
    group: (name: string) => `group ${name}`,
    queue: (name: string) => `queue ${name}`,
    managers: (who: string, how: string) => `managers of ${who}, ${how}`,
    submitter: 'the submitter',
    levels: (n: number) => `${plural(n, 'level')} up`,
    until: (when: string) => `until ${when || '…'}`,
    last: 'only the last',
    policy: (policy: Policy, percent: number | null) =>
      policy === 'PERCENT' ? `${percent ?? '…'} % of them` : policies[policy].toLowerCase(),
    and: ' and ',
    or: ' or ',
  },
}
