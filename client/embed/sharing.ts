// One socket for all banners of a page that ask the same server with the same tokens.
import { createLive, type Live, type Status } from '../src/lib/live/live.ts'

/** Answers a bearer token; `expired`: the server does not take the last one any more. */
export type GetToken = (expired: boolean) => string | Promise<string>
type Listener = (status: Status, heard: Date | null) => void

type Shared = { readonly url: string; readonly getToken: GetToken; readonly live: Live; readonly users: Set<Listener> }
const open: Shared[] = []

const begin = (url: string, getToken: GetToken): Shared => {
  const users = new Set<Listener>()
  const live = createLive({
    url,
    token: getToken,
    onStatus: (status) => {
      for (const tell of users) tell(status, live.heard)
    },
  })
  const shared: Shared = { url, getToken, live, users }
  open.push(shared)
  return shared
}

/** An endpoint as a whole address, as the page around means it. */
export const addressOf = (endpoint: string): string => new URL(endpoint, document.baseURI).href

/** Joins the page's connection to this address; `leave` ends it when the last has left. */
export const join = (
  url: string,
  getToken: GetToken,
  onStatus: Listener,
): { live: Live; /** Of the server. */ origin: string; leave: () => void } => {
  const shared = open.find((one) => one.url === url && one.getToken === getToken) ?? begin(url, getToken)
  shared.users.add(onStatus)
  onStatus(shared.live.status, shared.live.heard)
  return {
    live: shared.live,
    origin: new URL(url).origin,
    leave() {
      shared.users.delete(onStatus)
      if (shared.users.size > 0) return
      open.splice(open.indexOf(shared), 1)
      shared.live.dispose()
    },
  }
}
