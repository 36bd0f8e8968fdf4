// Who can sign in to the demo world, for its sign-in page.
import { demoIssuer, type DemoUser } from '../auth/demo.ts'
import type { Reader } from '../db/connect.ts'
import { membershipsOf, userBySubject } from '../store/users.ts'
import { demoAdministrator, demoMembers } from './people.ts'

/** Those who are there, in the order of a sign-in page: who changes, who decides, who looks after the rest. */
export const demoUsers = async (reader: Reader): Promise<DemoUser[]> => {
  const found = await Promise.all(
    [demoAdministrator, ...demoMembers].map(async ({ user, title }): Promise<DemoUser[]> => {
      const person = await userBySubject(reader, demoIssuer, user)
      if (person === null) return []
      const memberships = (await membershipsOf(reader, person.id)).filter(({ active }) => active)
      return [
        {
          user,
          name: person.name,
          title,
          memberships: memberships.map(({ code, roles }) => ({ company: code, roles: [...roles] })),
        },
      ]
    }),
  )
  return found.flat().sort((a, b) => place(a.user) - place(b.user))
}

const order = ['clara', 'colin', 'mia', 'cora', 'carl', 'tess', 'olga', 'adam', 'audrey', 'dieter']
const place = (user: string): number => order.indexOf(user)
