// Who of a company is away or will be: the API tells it person by person.
import { ask } from './api.ts'
import { AbsencesQuery, type Absence } from './documents/setup-work.ts'

type Page = {
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
  edges: { node: { absences: Absence[] } }[]
} | null

/** Absences in the company that are not over, those that begin first before the others. */
export const absencesIn = async (company: string): Promise<Absence[]> => {
  const found: Absence[] = []
  for (let after: string | null = null; ;) {
    const { users }: { users: Page } = await ask(AbsencesQuery, { company, after })
    found.push(...(users?.edges ?? []).flatMap(({ node }) => node.absences))
    if (!users?.pageInfo.hasNextPage) break
    after = users.pageInfo.endCursor
  }
  return found
    .filter((absence) => absence.company.code === company)
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from) || a.user.name.localeCompare(b.user.name))
}
