// What all of the set-up says: its sections, its forms, and what roles are called.
import type { SetupSection } from '../setup-sections.ts'

export const plural = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

export const roleNames = {
  READER: 'Reader',
  CLERK: 'Clerk',
  ADMINISTRATOR: 'Administrator',
  AUDITOR: 'Auditor',
  INTEGRATION: 'Integration',
} as const
export type Role = keyof typeof roleNames

/** Names as a sentence has them. */
export const list = (names: readonly string[]) =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
/** The first few by name. */
export const some = (names: readonly string[]) =>
  names.length > 5 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : list(names)
export const rolesOf = (roles: readonly Role[]) => list(roles.map((role) => roleNames[role].toLowerCase()))

const sections: Record<SetupSection, { title: string; about: string }> = {
  company: {
    title: 'Approvals',
    about: 'Whether changes of governed fields need approval, and what else holds for them.',
  },
  fields: {
    title: 'Fields',
    about: 'Which fields of a customer are written only when their change has been approved.',
  },
  values: {
    title: 'Reference values',
    about: 'The codes that customers can have for terms, methods, groups and the like.',
  },
  people: { title: 'People', about: 'Who is a member of the company, what they may do, and to whom they report.' },
  groups: { title: 'Groups', about: 'Named sets of people, which workflows ask by their name.' },
  queues: { title: 'Queues', about: 'Where work waits for several people, until one of them claims it.' },
  calendars: { title: 'Calendars', about: 'When the company works: limits in working time count these hours only.' },
  absences: { title: 'Absences', about: 'Who is away, until when, and who stands in for them.' },
  keys: { title: 'API keys', about: 'What programs sign in with.' },
  webhooks: { title: 'Webhooks', about: 'Where events of the company are sent.' },
  workflows: {
    title: 'Workflows',
    about: 'Who is asked about a change, in which order, and what happens when time runs out.',
  },
}

export const setupWords = {
  title: 'Setup',
  nav: 'Parts of the set-up',
  sections,
  readOnly: (company: string, roles: readonly Role[]) =>
    `You read this as ${rolesOf(roles)} of ${company}. Its administrators change it.`,
  notYours: (title: string) => `${title}: nothing for you to see here`,
  notYoursWhy: (company: string, roles: readonly Role[], audited: boolean) =>
    `${audited ? `Administrators of ${company} set this up, and auditors read it.` : `Only administrators of ${company} see this.`} You are ${rolesOf(roles)}.`,
  notYoursToMake: (company: string) => `Only administrators of ${company} can add something here.`,
  noMember: 'You are a member of no company.',
  picker: { nobody: 'Nobody by this name.', hint: 'Name or e-mail', service: 'service account' },
  unsaved: 'Not saved yet',
  undo: 'Undo',
  overtaken: 'Somebody else has changed the same meanwhile. Saving writes yours over it; undoing shows theirs.',
  unused: 'no workflow in use',
  former: 'no longer a member',
  empty: 'Nobody is in it.',
  members: (people: readonly { name: string }[]) => some(people.map(({ name }) => name)) || 'nobody',
  fromGroup: 'Add everybody of a group',
  chooseGroup: 'Choose a group',
  fromGroupHelp: 'Its members of today: who joins the group later is not in here by that.',
  lastChanged: (name: string) => `Last changed by ${name}`,
}
