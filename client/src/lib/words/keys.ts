// What the set-up says of API keys, and of secrets that are shown once.
export const secretWords = {
  once: 'It is shown this once and kept nowhere: put it where your secrets are kept now.',
  copy: 'Copy',
  copied: 'Copied.',
  byHand: 'This browser does not let the page copy: it is selected, copy it by keyboard.',
  kept: 'I have kept it in a safe place',
  first: 'Copy it first, or say that you have kept it: it cannot be shown again.',
  done: 'Done',
}

export const keyWords = {
  add: 'New key',
  another: 'Another key for this account',
  title: (company: string) => `New key for ${company}`,
  make: 'Create key',
  name: 'Name of the key',
  nameHelp: 'What uses it and where, such as “CRM, production”.',
  account: 'Signs in',
  newAccount: 'A new service account',
  knownAccount: 'A service account that is there',
  newAccountHelp: 'A program that acts under its own name, as a member of this company alone.',
  knownAccountHelp: 'To exchange its key without a pause: it may have ten in force.',
  accountName: 'Name of the account',
  accountNameHelp: 'Histories show it as the one who did things.',
  which: 'Service account',
  whichNeeded: 'Choose a service account.',
  roles: 'Roles',
  roleHelp: {
    READER: 'reads; bank and tax data are masked',
    AUDITOR: 'reads everything and the whole log, writes nothing',
    INTEGRATION: 'writes, by the entity behaviour of the company',
  } as const,
  manager: 'Manager',
  managerHelp:
    'Whom workflows ask where they ask the manager of whoever submits. Without one such a step has nobody to ask.',
  responsible: 'Responsible',
  responsibleHelp:
    'The person who answers for it. Where authors may not approve, neither do they approve what it writes.',
  responsibleKeep: 'Left empty, whoever answers for it stays.',
  expires: 'Ends',
  expiresHelp: 'From this moment on it opens nothing; at most two years ahead. Left empty, it does not end by itself.',
  shownTitle: (name: string) => `The key “${name}”`,
  lost: (name: string) =>
    `The key “${name}” was made, but its answer was lost on the way, and it cannot be shown again. Revoke it and make another.`,
  caption: 'API keys',
  key: 'Key',
  hint: (hint: string) => `ends with ${hint}`,
  by: (name: string) => `made by ${name}`,
  used: 'Last used',
  never: 'never',
  noEnd: 'no end',
  state: 'State',
  inForce: 'in force',
  soon: 'ends soon',
  ended: 'ended',
  revoked: 'revoked',
  revokedBy: (name: string) => `by ${name}`,
  idle: 'its account is not active',
  answers: (name: string) => `${name} answers for it`,
  noAnswers: 'nobody answers for it',
  show: 'Shown',
  shows: { used: 'Keys in force', all: 'All keys, also former ones' },
  more: 'More',
  revoke: 'Revoke',
  revokeTitle: (name: string) => `Revoke the key “${name}”?`,
  revokeWhat: (account: string, others: number) =>
    `From now on whatever uses it is refused, and what it has open is closed. ${
      others > 0
        ? `${account} has ${others === 1 ? 'one other key' : `${others} other keys`} in force.`
        : `${account} has no other key: it cannot sign in any more.`
    } A revoked key does not come back.`,
  revokeVerb: 'Revoke key',
  revokedNow: (name: string) => `The key “${name}” is revoked: whoever comes with it is refused.`,
  made: (name: string) => `The key “${name}” was made.`,
  none: 'No keys in force.',
  missing: 'Keys have no page of their own: the list says all that is known of one.',
  noneHelp:
    'Programs sign in with a key, as a service account with roles of its own. Create one to connect an ERP or a CRM.',
}

export type ServiceRole = keyof typeof keyWords.roleHelp
