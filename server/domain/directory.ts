// Who is who in one company, as the rules need it: a snapshot that services load and hand in.

export type Role = 'READER' | 'CLERK' | 'ADMINISTRATOR' | 'AUDITOR' | 'INTEGRATION'
export const roles = ['READER', 'CLERK', 'ADMINISTRATOR', 'AUDITOR', 'INTEGRATION'] as const satisfies readonly Role[]
/** What a service account may be. Rules are set by people, and what it writes goes by entity behaviour, not as a clerk's edit. */
export const serviceRoles = ['READER', 'AUDITOR', 'INTEGRATION'] as const satisfies readonly Role[]

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

/** A named list of work that its members take from, one item at a time. */
export type Queue = { readonly id: string; readonly name: string; readonly memberIds: readonly string[] }

/** Somebody is away, and who stands in for them. It is in force from `from` until just before `until`. */
export type Absence = {
  readonly id: string
  readonly userId: string
  readonly standInId: string
  /** RFC 3339, UTC. */
  readonly from: string
  readonly until: string
  /** Only items of this workflow; null: all. */
  readonly workflowId: string | null
}

/** Members of one company, by id, and what they have set up among themselves. */
export type Directory = {
  readonly people: ReadonlyMap<string, Person>
  readonly groups: ReadonlyMap<string, Group>
  readonly queues: ReadonlyMap<string, Queue>
  /** Those that are not over yet, and may begin later; by begin. */
  readonly absences: readonly Absence[]
}

/** Who acts when a timer does: nobody. Events that follow from it name no actor. */
export const systemActor: Person = {
  id: '00000000-0000-0000-0000-000000000000',
  kind: 'SERVICE',
  name: 'Countersign',
  email: null,
  active: true,
  roles: [],
  managerId: null,
  responsibleId: null,
}

export const hasRole = (person: Person | undefined, ...any: readonly Role[]): boolean =>
  person !== undefined && person.active && person.roles.some((role) => any.includes(role))
