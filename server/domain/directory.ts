// Who is who in one company, as the rules need it: a snapshot that services load and hand in.

export type Role = 'READER' | 'CLERK' | 'ADMINISTRATOR' | 'AUDITOR' | 'INTEGRATION'
export const roles = ['READER', 'CLERK', 'ADMINISTRATOR', 'AUDITOR', 'INTEGRATION'] as const satisfies readonly Role[]

export type Person = {
  readonly id: string
  readonly kind: 'PERSON' | 'SERVICE'
  readonly name: string
  readonly email: string | null
  /** Of the membership in this company: a deactivated person keeps their history and decides nothing. */
  readonly active: boolean
  readonly roles: readonly Role[]
  readonly managerId: string | null
  /** The person who answers for a service account. */
  readonly responsibleId: string | null
}

export type Group = { readonly id: string; readonly name: string; readonly memberIds: readonly string[] }

/** Members of one company. */
export type Directory = {
  readonly people: ReadonlyMap<string, Person>
  readonly groups: ReadonlyMap<string, Group>
}

export const hasRole = (person: Person | undefined, ...any: readonly Role[]): boolean =>
  person !== undefined && person.active && person.roles.some((role) => any.includes(role))
