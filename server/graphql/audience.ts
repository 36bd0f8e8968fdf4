// Who may be told the same. A message is resolved for one reader of a kind (a company and their roles in it); if nothing in it has
// asked who exactly that is, it is true for all readers of the kind. Nobody has to say of a field that it is personal.
import type { Viewer } from '../services/app.ts'

/** Readers with the same roles in the company, as one text; null: not a member. */
export const kindOf = ({ kind, memberships }: Viewer, companyId: string): string | null => {
  const membership = memberships.get(companyId)
  return membership === undefined ? null : `${kind} ${[...membership.roles].sort().join(' ')}`
}

export type Observed = {
  readonly viewer: Viewer
  /** Has anything been asked of the viewer that other readers of the kind would answer otherwise? */
  isPersonal(): boolean
}

/** The viewer, noticing what is asked of them beyond their roles in this company. */
export const observe = (viewer: Viewer, companyId: string): Observed => {
  let personal = false
  const memberships = new Proxy(viewer.memberships, {
    get(target, property) {
      if (property === 'get' || property === 'has') {
        return (id: string) => {
          if (id !== companyId) personal = true
          return target[property](id)
        }
      }
      personal = true
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return {
    isPersonal: () => personal,
    viewer: {
      kind: viewer.kind,
      memberships,
      get userId() {
        personal = true
        return viewer.userId
      },
      get name() {
        personal = true
        return viewer.name
      },
      get expiresAt() {
        personal = true
        return viewer.expiresAt
      },
    },
  }
}
