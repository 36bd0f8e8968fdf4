// The variables of conditions (DOMAIN section 5): `customer`, `proposed`, `changes`, `submitter`, `source`, `now`; of hierarchies: `manager`.
import type { Person } from '../directory.ts'
import type { Change, ChangeSource } from '../proposal.ts'
import { changesStructure, changeStructures, type ConditionInput } from './condition-changes.ts'
import { customerStructure, member, recordStructures, structure, type Structure } from './condition-records.ts'

type PersonInGroups = { readonly person: Person; readonly groups: readonly string[] }
const personStructure = structure<PersonInGroups>(
  'Person',
  new Map([
    ['id', member<PersonInGroups>('string', ({ person }) => person.id)],
    ['name', member<PersonInGroups>('string', ({ person }) => person.name)],
    ['email', member<PersonInGroups>('string', ({ person }) => person.email, true)],
    ['kind', member<PersonInGroups>('string', ({ person }) => person.kind)],
    ['roles', member<PersonInGroups>('list<string>', ({ person }) => person.roles)],
    ['groups', member<PersonInGroups>('list<string>', ({ groups }) => groups)],
  ]),
)

/** One word for a mixed proposal: who is least a person at the screen gives it. */
const sourceOf = (changes: readonly Change[]): ChangeSource =>
  changes.some((change) => change.source === 'INTEGRATION')
    ? 'INTEGRATION'
    : changes.some((change) => change.source === 'IMPORT')
      ? 'IMPORT'
      : 'PERSON'

export const conditionStructures: readonly Structure[] = [...recordStructures, ...changeStructures, personStructure]
export const conditionVariables: ReadonlyMap<string, string> = new Map([
  ['customer', 'Customer'],
  ['proposed', 'Customer'],
  ['changes', 'Changes'],
  ['submitter', 'Person'],
  ['source', 'string'],
  ['now', 'google.protobuf.Timestamp'],
])
export const managerVariables: ReadonlyMap<string, string> = new Map([['manager', 'Person']])

class ConditionContext {
  readonly customer: object
  readonly proposed: object
  readonly changes: object
  readonly submitter: object
  readonly #input: ConditionInput
  constructor(input: ConditionInput) {
    this.#input = input
    this.customer = customerStructure.of(input.customer)
    this.proposed = customerStructure.of(input.proposed)
    this.changes = changesStructure.of(input)
    this.submitter = personStructure.of({ person: input.submitter, groups: input.submitterGroups })
  }
  get source(): ChangeSource {
    return sourceOf(this.#input.changes)
  }
  get now(): Date {
    return new Date(this.#input.now)
  }
}

const contexts = new WeakMap<ConditionInput, ConditionContext>()
/** The variables of a condition over this input; made once per input object. */
export const conditionContext = (input: ConditionInput): object => {
  const known = contexts.get(input)
  if (known) return known
  const made = new ConditionContext(input)
  contexts.set(input, made)
  return made
}
export const managerContext = (person: Person, groups: readonly string[]): object => ({
  manager: personStructure.of({ person, groups }),
})
