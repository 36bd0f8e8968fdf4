// The address is the state: each place of the client is a path that can be sent to somebody else.
import { setupSections, type SetupSection } from './setup-sections.ts'

export type CustomerTab = 'record' | 'proposal' | 'history'
export type Place =
  | { page: 'queue'; item: string | null }
  | { page: 'customers' }
  | { page: 'customer'; company: string; account: string; tab: CustomerTab }
  | { page: 'proposal'; id: string }
  | { page: 'imports' }
  | { page: 'import'; id: string }
  /** What waits for somebody out of one import. */
  | { page: 'batch'; importId: string }
  /** `section` null: the first that the person may see. */
  | { page: 'setup'; section: SetupSection | null; id: string | null }
  | { page: 'nowhere' }

const tabs: readonly string[] = ['proposal', 'history']

/** The parts of a path; null when it is no path that anybody made. */
const partsOf = (path: string): string[] | null => {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return null
  }
}

const nowhere: Place = { page: 'nowhere' }

/** The place that a path names. */
export const parse = (path: string): Place => {
  const parts = partsOf(path)
  if (parts === null || parts.length > 4) return nowhere
  const [first, second, third, fourth] = parts
  if (first === undefined) return { page: 'queue', item: null }
  if (first === 'customers') {
    if (second === undefined) return { page: 'customers' }
    if (third === undefined || (fourth !== undefined && !tabs.includes(fourth))) return nowhere
    return { page: 'customer', company: second, account: third, tab: (fourth ?? 'record') as CustomerTab }
  }
  if (fourth !== undefined) return nowhere
  if (first === 'setup') {
    const section = setupSections.find((one) => one === second) ?? null
    return section === null && second !== undefined ? nowhere : { page: 'setup', section, id: third ?? null }
  }
  if (third !== undefined) return nowhere
  if (first === 'queue') return { page: 'queue', item: second ?? null }
  if (first === 'imports') return second === undefined ? { page: 'imports' } : { page: 'import', id: second }
  if (first === 'proposals' && second !== undefined) return { page: 'proposal', id: second }
  if (first === 'batches' && second !== undefined) return { page: 'batch', importId: second }
  return nowhere
}

const part = encodeURIComponent
export const paths = {
  queue: '/',
  item: (id: string) => `/queue/${part(id)}`,
  customers: '/customers',
  customer: (company: string, account: string, tab: CustomerTab = 'record') =>
    `/customers/${part(company)}/${part(account)}${tab === 'record' ? '' : `/${tab}`}`,
  proposal: (id: string) => `/proposals/${part(id)}`,
  imports: '/imports',
  import: (id: string) => `/imports/${part(id)}`,
  batch: (importId: string) => `/batches/${part(importId)}`,
  setup: (section?: SetupSection, id?: string) =>
    ['/setup', ...[section, id].filter((one) => one !== undefined).map(part)].join('/'),
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
