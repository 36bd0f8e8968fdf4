// What the set-up says of approval parameters, of fields under approval and of reference values.
import type { Parameters } from '../documents/setup.ts'
import { list, plural, some } from './setup.ts'

/** What each parameter is about, and what holds with its value. */
const parameterEffects: { [Name in keyof Parameters]: { what: string; text: (now: Parameters) => string } } = {
  enabled: {
    what: 'Approvals',
    text: ({ enabled }) =>
      enabled ? 'Changes of governed fields need approval.' : 'Nothing needs approval: every edit is written at once.',
  },
  authorsMayNotApprove: {
    what: 'Who had a hand in a change',
    text: ({ authorsMayNotApprove }) =>
      authorsMayNotApprove
        ? 'Nobody decides on what they had a hand in.'
        : 'One person may propose a change and approve it.',
  },
  conflictPolicy: {
    what: 'When the customer has changed meanwhile',
    text: ({ conflictPolicy }) =>
      conflictPolicy === 'HOLD'
        ? 'Approved changes are held when the customer has changed meanwhile.'
        : 'Approved changes are written over what has changed meanwhile.',
  },
  entityBehavior: {
    what: 'Programs and uploaded files',
    text: ({ entityBehavior }) =>
      ({
        CREATE_CHANGE_PROPOSALS: 'What programs and files change of governed fields is proposed.',
        REJECT_CHANGES: 'What programs and files change of governed fields is refused.',
        ALLOW_WITHOUT_APPROVAL: 'What programs and files change of governed fields is written at once.',
      })[entityBehavior],
  },
  autoSubmit: {
    what: 'Their proposals',
    text: ({ autoSubmit }) =>
      autoSubmit ? 'Such proposals are submitted at once.' : 'Such proposals stay drafts until somebody submits them.',
  },
}
const parameterNames = Object.keys(parameterEffects) as (keyof Parameters)[]

export const ruleWords = {
  parameters: {
    books: (currency: string) => `books in ${currency}`,
    enabled: {
      label: 'Changes of governed fields need approval',
      help: 'Off: nothing is governed, and every edit is written at once, also while a proposal for the same customer is pending.',
    },
    authorsMayNotApprove: {
      label: 'Nobody decides on what they had a hand in',
      help: 'Whoever proposed, submitted, uploaded or reverted a change, or set up the workflow that runs, cannot approve or reject it. Off: one person may propose and approve.',
    },
    conflictPolicy: {
      legend: 'When the customer has changed meanwhile',
      help: 'What becomes of approved changes whose field no longer has the value that they were proposed against.',
      options: [
        {
          value: 'HOLD',
          text: 'Hold them',
          help: 'Nothing is written: the proposal waits as conflicted until somebody has compared both values.',
        },
        {
          value: 'OVERWRITE',
          text: 'Write them over it',
          help: 'The approved value is written whatever stands there by then, and the history says over what.',
        },
      ] as const,
    },
    entityBehavior: {
      legend: 'Programs and uploaded files',
      help: 'What becomes of governed fields in writes by service accounts and in imports. What a person edits by hand is never affected.',
      options: [
        {
          value: 'CREATE_CHANGE_PROPOSALS',
          text: 'Propose them',
          help: 'They become proposed changes and are written when they have been approved.',
        },
        {
          value: 'REJECT_CHANGES',
          text: 'Refuse them',
          help: 'The write, or the row of the file, is refused with an error for each governed field.',
        },
        {
          value: 'ALLOW_WITHOUT_APPROVAL',
          text: 'Write them at once',
          help: 'Nobody is asked; the history says that they were written so.',
        },
      ] as const,
    },
    autoSubmit: {
      label: 'Submit such proposals at once',
      help: 'The write that proposes also starts the workflow. Off: the proposals stay drafts until somebody submits them.',
    },
    /** What holds with these parameters, of those that differ from the ones before; all without. */
    effects: (before: Parameters | null, after: Parameters) =>
      parameterNames
        .filter((name) => before?.[name] !== after[name])
        .map((name) => ({ what: parameterEffects[name].what, text: parameterEffects[name].text(after) })),
    openStay: (n: number) =>
      `${plural(n, 'open proposal')} ${n === 1 ? 'stays as it is' : 'stay as they are'}: what has been submitted keeps the parameters of its submit.`,
    saved: (effects: readonly string[]) => `Saved. ${effects.join(' ')}`,
  },

  fields: {
    search: 'Search fields',
    searchHint: 'Name, group or D365 name',
    governedOnly: (n: number) => `Only those that require approval (${n})`,
    of: (on: number, all: number) => (all === 0 ? 'never governed' : `${on} of ${all} require approval`),
    all: 'All of them',
    wholeRecord: 'The whole record',
    recordHelp: 'Adding and removing one takes approval as soon as one of its fields does.',
    sensitive: 'bank and tax data',
    never: 'always written at once',
    since: 'since',
    offSince: 'no longer, since',
    will: 'will require approval',
    wont: 'will be written at once',
    nothing: 'No field matches.',
    off: (company: string) =>
      `Approvals are off in ${company}: until they are on again, every field is written at once, whatever is switched here.`,
    changes: (on: readonly string[], off: readonly string[]) => [
      ...(on.length > 0 ? [`${some(on)} will require approval.`] : []),
      ...(off.length > 0 ? [`${some(off)} will be written at once.`] : []),
    ],
    openStay: (n: number) =>
      `${plural(n, 'open proposal')} ${n === 1 ? 'stays as it is' : 'stay as they are'}: what has been proposed stays proposed. The next edits follow the switches.`,
    saved: (on: readonly string[], off: readonly string[]) =>
      [
        ...(on.length > 0 ? [`${some(on)} ${on.length === 1 ? 'requires' : 'require'} approval now.`] : []),
        ...(off.length > 0 ? [`${some(off)} ${off.length === 1 ? 'is' : 'are'} written at once now.`] : []),
      ].join(' '),
  },

  values: {
    list: 'List',
    search: 'Search codes',
    searchHint: 'Code or name',
    kinds: {
      CUSTOMER_GROUP: { name: 'Customer groups', about: 'Groups that customers are sorted into.' },
      PAYMENT_TERMS: { name: 'Payment terms', about: 'When an invoice is due.' },
      METHOD_OF_PAYMENT: { name: 'Methods of payment', about: 'How a customer pays.' },
      PAYMENT_SPECIFICATION: { name: 'Payment specifications', about: 'Details of a method of payment.' },
      CASH_DISCOUNT: { name: 'Cash discounts', about: 'Discounts for paying early.' },
      SALES_TAX_GROUP: { name: 'Sales tax groups', about: 'Which taxes apply to sales.' },
      DELIVERY_TERMS: { name: 'Delivery terms', about: 'Who bears cost and risk of a delivery.' },
      DELIVERY_MODE: { name: 'Delivery modes', about: 'How goods are sent.' },
    },
    usedBy: (labels: readonly string[]) => `What customers have as ${list(labels)}.`,
    code: 'Code',
    name: 'Name',
    setBy: 'Last set',
    retiredBy: 'Retired',
    actions: 'What can be done',
    add: 'Add code',
    addTo: (kind: string) => `${kind}: new code`,
    rename: 'Rename',
    retire: 'Retire',
    useAgain: 'Use again',
    inUse: (n: string) => `Can be chosen: ${n}`,
    retired: (n: string) => `Retired: ${n}`,
    none: 'No codes yet.',
    noneHelp: 'Add the first one: until then the field cannot be filled in.',
    nothing: 'No code matches.',
    codeHelp: 'What records, files and programs hold. It cannot be changed later.',
    nameHelp: 'What a person reads. Records that have the code show it by this name at once.',
    there: (code: string, name: string) => `${code} is there already as “${name}”: it would be renamed.`,
    wasRetired: (code: string) => `${code} is retired: it would be taken into use again, by the name below.`,
    saved: (code: string, name: string) => `${code} is “${name}” now, and can be chosen.`,
    isRetired: (code: string) => `${code} is retired: it cannot be chosen any more.`,
    retireAsk: (code: string, name: string) => `Retire ${code} “${name}”?`,
    retireWhat: (customers: number | null) =>
      `${
        customers === null
          ? 'Customers that have it keep it'
          : customers === 0
            ? 'No customer has it'
            : `${plural(customers, 'customer')} ${customers === 1 ? 'has it and keeps' : 'have it and keep'} it`
      }; from now on nobody can choose it. It can be taken into use again.`,
  },
}
