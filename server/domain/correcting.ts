// Who can correct changes that came back (DOMAIN section 6): whoever may edit and submit, by the same predicate that lets them.
import type { Company } from './company.ts'
import { mayEdit } from './permit.ts'
import type { Proposal } from './proposal.ts'

/** May this person edit and submit? A service account has no queue to find an item in. */
export const mayCorrect = (company: Company, userId: string): boolean => {
  const person = company.directory.people.get(userId)
  return person?.kind === 'PERSON' && mayEdit({ actor: person, company }) === null
}

/** Who corrects what somebody has proposed: they themselves, for a service account its responsible person; null: they may not. */
export const correctorFor = (company: Company, userId: string): string | null => {
  const person = company.directory.people.get(userId)
  const id = person?.kind === 'SERVICE' ? person.responsibleId : userId
  return id !== null && mayCorrect(company, id) ? id : null
}

/** The person who answers for a service account, while they are there. */
const responsibleFor = ({ directory: { people } }: Company, userId: string): string | null => {
  const id = people.get(userId)?.responsibleId ?? null
  return id !== null && people.get(id)?.active === true ? id : null
}

/**
 * To whom changes come back: the one they are for, else the first of the others who had a hand in them and may correct them. What a
 * service account proposed comes to its responsible person even where nobody of them may: they have to find somebody. Null: nobody.
 */
export const whoCorrects = (proposal: Pick<Proposal, 'involved'>, company: Company, toId: string): string | null =>
  [toId, ...proposal.involved.map((i) => i.userId)].map((id) => correctorFor(company, id)).find((id) => id !== null) ??
  responsibleFor(company, toId)

/** Everybody who could take up changes that have come back to nobody. */
export const correctors = (company: Company): string[] =>
  [...company.directory.people.keys()].filter((id) => mayCorrect(company, id))
