// Who is signed in. The token lives in sessionStorage: it ends with the tab, and two tabs can be two people.
import { messages } from './messages.ts'

export type DemoUser = {
  user: string
  name: string
  title: string
  memberships: { company: string; roles: string[] }[]
}

const stored = (key: string) => sessionStorage.getItem(`countersign.${key}`)
const store = (key: string, value: string | null) =>
  value === null ? sessionStorage.removeItem(`countersign.${key}`) : sessionStorage.setItem(`countersign.${key}`, value)

/** The answer, whatever it says; throws when nobody gives one. */
const reach = async (path: string, init?: RequestInit): Promise<Response> => {
  const response = await fetch(path, init).catch(() => null)
  if (response === null || response.status >= 500) throw new Error(messages.signIn.away)
  return response
}

/** Null: the server issues none for this person. */
const tokenFor = async (user: string): Promise<string | null> => {
  const response = await reach('/demo/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user }),
  })
  return response.ok ? ((await response.json()) as { token: string }).token : null
}

class Session {
  token = $state(stored('token'))
  /** Set when a demo user signed in: their token can be asked for again. */
  demoUser = $state(stored('demo-user'))
  /** Why the sign-in page is shown, if not for the first time. */
  notice = $state<string | null>(null)
  /** Rises when another person signs in: everything on the screen belongs to the one before. */
  person = $state(0)
  /** The server has answered to this token: when it is taken no more, it has ended. */
  accepted = stored('token') !== null
  #renewal: Promise<boolean> | null = null

  /** The demo world's people; null where there is no demo world. Throws when the server cannot be reached. */
  async demoUsers(): Promise<DemoUser[] | null> {
    const response = await reach('/demo/users')
    if (!response.ok || !response.headers.get('content-type')?.includes('json')) return null
    return ((await response.json()) as { users: DemoUser[] }).users
  }

  /** Throws, with a sentence for the person, when they are refused or the server cannot be reached. */
  async signInAs(user: string): Promise<void> {
    const token = await tokenFor(user)
    if (token === null) throw new Error(messages.signIn.refused)
    this.signIn(token, user)
  }

  signIn(token: string, demoUser: string | null = null): void {
    if (demoUser === null || demoUser !== this.demoUser) this.person += 1
    store('token', token)
    store('demo-user', demoUser)
    this.token = token
    this.demoUser = demoUser
    this.accepted = demoUser !== null
    this.notice = null
  }

  signOut(notice: string | null = null): void {
    store('token', null)
    store('demo-user', null)
    this.token = null
    this.demoUser = null
    this.notice = notice
  }

  /**
   * The server no longer takes the token: a demo user gets a new one unasked, everybody else signs in again. False too when
   * the server is away just then: nobody is sent away for that.
   */
  renew(): Promise<boolean> {
    const user = this.demoUser
    const before = this.token
    this.#renewal ??= (async () => {
      if (user !== null) {
        const token = await tokenFor(user).catch(() => undefined)
        // Somebody else may have signed in meanwhile.
        if (this.token !== before) return this.token !== null
        if (token === undefined) return false
        if (token !== null) {
          this.signIn(token, user)
          return true
        }
      }
      this.signOut(this.accepted ? messages.signIn.ended : messages.signIn.notAccepted)
      return false
    })().finally(() => {
      this.#renewal = null
    })
    return this.#renewal
  }
}

export const session = new Session()
