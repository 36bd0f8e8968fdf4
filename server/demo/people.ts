// Who lives in the demo world (ARCHITECTURE section 7).
import type { Role } from '../domain/directory.ts'

export type DemoPerson = {
  /** What one signs in with, and the subject of the token. */
  readonly user: string
  readonly name: string
  readonly title: string
  /** By company. */
  readonly roles: Readonly<Record<string, readonly Role[]>>
  readonly manager: string | null
}

export const demoAdministrator: DemoPerson = {
  user: 'adam',
  name: 'Adam Wright',
  title: 'Administrator',
  roles: { USMF: ['ADMINISTRATOR'], DEMF: ['ADMINISTRATOR'] },
  manager: null,
}

/** Managers before those whom they manage. */
export const demoMembers: readonly DemoPerson[] = [
  {
    user: 'olga',
    name: 'Olga Petrova',
    title: 'Finance director',
    roles: { USMF: ['READER'], DEMF: ['READER'] },
    manager: null,
  },
  {
    user: 'mia',
    name: 'Mia Lindgren',
    title: 'Accounts receivable manager',
    roles: { USMF: ['CLERK'] },
    manager: 'olga',
  },
  {
    user: 'clara',
    name: 'Clara Keller',
    title: 'Accounts receivable clerk',
    roles: { USMF: ['CLERK'] },
    manager: 'mia',
  },
  {
    user: 'colin',
    name: 'Colin Baker',
    title: 'Accounts receivable clerk',
    roles: { USMF: ['CLERK'] },
    manager: 'mia',
  },
  { user: 'cora', name: 'Cora Novak', title: 'Credit manager', roles: { USMF: ['READER'] }, manager: 'olga' },
  { user: 'carl', name: 'Carl Okafor', title: 'Credit manager', roles: { USMF: ['READER'] }, manager: 'olga' },
  { user: 'tess', name: 'Tess Moreau', title: 'Treasurer', roles: { USMF: ['READER'] }, manager: 'olga' },
  { user: 'audrey', name: 'Audrey Chen', title: 'Auditor', roles: { USMF: ['AUDITOR'] }, manager: null },
  {
    user: 'dieter',
    name: 'Dieter Braun',
    title: 'Accounts receivable clerk',
    roles: { DEMF: ['CLERK'] },
    manager: 'olga',
  },
]

export const demoEmail = (user: string): string => `${user}@contoso.example`

/** Of `USMF`. */
export const demoGroups: Readonly<Record<string, readonly string[]>> = {
  credit: ['cora', 'carl'],
  treasury: ['tess'],
  directors: ['olga'],
}

/** The service account, which signs in with a key. */
export const demoPartner = { name: 'Partner', manager: 'mia', responsible: 'adam', key: 'demo-partner-key' } as const
