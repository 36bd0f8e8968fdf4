// The address is the state: each place of the client is a path that can be sent to somebody else.
export type CustomerTab = 'record' | 'proposal' | 'history'
export type Place =
  | { page: 'queue'; item: string | null }
  | { page: 'customers' }
  | { page: 'customer'; company: string; account: string; tab: CustomerTab }
  | { page: 'proposal'; id: string }
  | { page: 'nowhere' }

const tabs: readonly string[] = ['proposal', 'history']

/** The place that a path names. */
export const parse = (path: string): Place => {
  const [first, second, third, fourth, ...rest] = path.split('/').filter(Boolean).map(decodeURIComponent)
  if (rest.length > 0) return { page: 'nowhere' }
  if (first === undefined) return { page: 'queue', item: null }
  if (first === 'queue' && third === undefined) return { page: 'queue', item: second ?? null }
  if (first === 'customers' && second === undefined) return { page: 'customers' }
  if (first === 'customers' && second !== undefined && third !== undefined) {
    if (fourth !== undefined && !tabs.includes(fourth)) return { page: 'nowhere' }
    return { page: 'customer', company: second, account: third, tab: (fourth ?? 'record') as CustomerTab }
  }
  if (first === 'proposals' && second !== undefined && third === undefined) return { page: 'proposal', id: second }
  return { page: 'nowhere' }
}

const part = encodeURIComponent
export const paths = {
  queue: '/',
  item: (id: string) => `/queue/${part(id)}`,
  customers: '/customers',
  customer: (company: string, account: string, tab: CustomerTab = 'record') =>
    `/customers/${part(company)}/${part(account)}${tab === 'record' ? '' : `/${tab}`}`,
  proposal: (id: string) => `/proposals/${part(id)}`,
}

class Router {
  path = $state(location.pathname)
  search = $state.raw(new URLSearchParams(location.search))
  place = $derived(parse(this.path))

  constructor() {
    addEventListener('popstate', () => this.#read())
    addEventListener('click', (event) => this.#follow(event))
  }

  go(to: string, how: 'push' | 'replace' = 'push'): void {
    if (how === 'push') history.pushState(null, '', to)
    else history.replaceState(null, '', to)
    this.#read()
  }

  #read(): void {
    this.path = location.pathname
    this.search = new URLSearchParams(location.search)
  }

  /** Plain links work: a click on one of our own paths moves without loading the page anew. */
  #follow(event: MouseEvent): void {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    const link = (event.target as Element | null)?.closest?.('a')
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download')) return
    if (link.pathname === location.pathname && link.hash) return
    event.preventDefault()
    if (link.href === location.href) return
    this.go(link.href)
    if (link.dataset.scroll !== 'keep') scrollTo(0, 0)
  }
}

export const router = new Router()
