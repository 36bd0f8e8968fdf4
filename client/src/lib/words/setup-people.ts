// What the set-up says of people, their roles and their groups.
import { plural, rolesOf, some, type Role } from './setup.ts'

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const all: Partial<Record<Role, true>> = {
  READER: true,
  CLERK: true,
  ADMINISTRATOR: true,
  AUDITOR: true,
  INTEGRATION: true,
}

type Became = {
  roles: readonly Role[]
  active: boolean
  was: { roles: readonly Role[]; active: boolean } | null
}

export const peopleWords = {
  people: {
    search: 'Search people',
    state: 'Which people',
    states: { active: 'Members', former: 'No longer members', all: 'Everybody' },
    caption: 'Members and what they may do',
    name: 'Name',
    email: 'E-mail',
    emailHelp: 'The address that they sign in with.',
    roles: 'Roles',
    manager: 'Reports to',
    managerHelp: 'Whom workflows ask when a step goes up the line.',
    service: (responsible: string | null) =>
      responsible === null ? 'service account' : `service account, ${responsible} answers for it`,
    invite: 'Invite',
    inviteTo: (company: string) => `Invite somebody to ${company}`,
    invited: (name: string, roles: readonly Role[], company: string) =>
      `${name} is a member of ${company} now: ${rolesOf(roles)}.`,
    first: 'First page',
    nothing: 'Nobody matches.',
    missing: (company: string) => `This person is no member of ${company}, and never was.`,
    noGroups: 'In no group.',
    history: 'How it came to be',
    became: ({ roles, active, was }: Became) => {
      if (was === null) return `Became a member: ${rolesOf(roles)}`
      if (was.active && !active) return 'Was taken out'
      if (!was.active && active) return `Came back: ${rolesOf(roles)}`
      return was.roles.join() === roles.join()
        ? 'Reports to somebody else'
        : `${upper(rolesOf(roles))}, before ${rolesOf(was.roles)}`
    },
    moves: (name: string, to: { roles?: readonly Role[]; manager?: string | null }, done = false) => [
      ...(to.roles ? [`${name} ${done ? 'is now' : 'will be'} ${rolesOf(to.roles) || 'without a role'}.`] : []),
      ...(to.manager !== undefined
        ? [`${name} ${done ? 'now reports' : 'will report'} to ${to.manager ?? 'nobody'}.`]
        : []),
    ],
    deactivate: 'Take out of the company',
    deactivateAsk: (name: string) => `Take ${name} out of the company?`,
    deactivateWhat: (company: string, open: number | null) =>
      `They can no longer sign in to ${company} and decide nothing there; their history stays. ${
        open === null
          ? ''
          : open === 0
            ? 'Nothing waits for them now.'
            : `${plural(open, 'open item')} ${open === 1 ? 'waits' : 'wait'} for them: their seats close, and each proposal goes on with whoever else is asked, or else with its final approver or the workflow’s owner.`
      } They can come back.`,
    isOut: (name: string, company: string) => `${name} is no longer a member of ${company}.`,
    activate: 'Make a member again',
    activateAsk: (name: string, company: string) => `Make ${name} a member of ${company} again?`,
    activateWhat:
      'They have the roles and the manager again that they had. Items that were closed for them do not come back.',
    isBack: (name: string, company: string) => `${name} is a member of ${company} again.`,
    meanings: {
      READER: 'Reads customers, proposals and their history, and decides what they are asked.',
      CLERK: 'Edits customers and submits changes; imports files; sees bank and tax data.',
      ADMINISTRATOR: 'Sets the company up: parameters, fields, workflows, members. Does not edit customers.',
      AUDITOR: 'Reads everything, bank and tax data and the whole event log included.',
      INTEGRATION: 'Of service accounts: writes by programs and imports, as the approval parameters allow.',
    } satisfies Record<Role, string>,
    rolesTitle: 'What each role may do',
    rolesNote: 'One person can have several roles. Nobody is administrator together with clerk or integration.',
    right: 'May',
    has: 'yes',
    hasNot: 'no',
    rights: [
      { what: 'read customers, proposals and history', who: all },
      { what: 'edit, submit, discard, revert, schedule', who: { CLERK: true, INTEGRATION: 'by parameters' } },
      { what: 'import files', who: { CLERK: true, INTEGRATION: true } },
      {
        what: 'decide what they are asked',
        who: { READER: true, CLERK: true, ADMINISTRATOR: true, INTEGRATION: 'where named' },
      },
      { what: 'set up, reassign, cancel and resume', who: { ADMINISTRATOR: true } },
      { what: 'read the whole event log', who: { ADMINISTRATOR: true, AUDITOR: true, INTEGRATION: true } },
      {
        what: 'see bank and tax data',
        who: {
          READER: 'of their items',
          CLERK: true,
          AUDITOR: true,
          INTEGRATION: true,
        },
      },
    ] as { what: string; who: Partial<Record<Role, true | string>> }[],
  },

  groups: {
    name: 'Name',
    nameHelp: 'What workflows ask it by.',
    askedByName: 'A workflow asks it by this name: change the workflow before the name.',
    names: 'Who',
    who: 'Members',
    whoHelp: 'Of a step that asks the group, each member has a seat.',
    asked: 'Asked by',
    add: 'New group',
    make: 'Create group',
    newTitle: (company: string) => `New group of ${company}`,
    none: 'No groups yet.',
    noneHelp: 'Workflows ask groups by their names: make one for those who decide on the same things.',
    missing: (company: string) => `There is no such group in ${company}.`,
    changes: (
      before: string | null,
      after: string,
      joins: readonly { name: string }[],
      leaves: readonly { name: string }[],
    ) => [
      ...(before !== null && before !== after ? [`“${before}” will be called “${after}”.`] : []),
      ...(joins.length > 0 ? [`${some(joins.map(({ name }) => name))} will be in it.`] : []),
      ...(leaves.length > 0 ? [`${some(leaves.map(({ name }) => name))} will no longer be in it.`] : []),
    ],
    saved: (name: string, n: number) => `The group “${name}” has ${plural(n, 'member')} now.`,
  },
}
