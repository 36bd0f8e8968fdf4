// The pages that come when somebody goes there; the queue is there from the beginning. One entry adds a room: its page gets the
// place's properties. A place without one is "There is no such page."
import type { Component } from 'svelte'
import { Lazy } from './lib/lazy.svelte.ts'
import { messages } from './lib/messages.ts'
import type { Place } from './lib/router.svelte.ts'

type Shown<P> = Component<P & Record<string, unknown>>
type Page<P> = Shown<P> | Component<Record<string, never>>
type Shape = 'table' | 'record' | 'sections'
type Room<P> = {
  lazy: Lazy<Shown<P>>
  /** Until it is there: its title, and the shape of its layout. */
  title: (place: P) => string
  shape: Shape
}

const room = <P>(
  load: () => Promise<{ default: Page<NoInfer<P>> }>,
  shape: Shape,
  title: (place: P) => string,
): Room<P> => ({
  lazy: new Lazy(load as () => Promise<{ default: Shown<P> }>),
  shape,
  title,
})

type LazyPlace = Exclude<Place, { page: 'queue' | 'nowhere' }>
const rooms: { [Name in LazyPlace['page']]?: Room<Extract<LazyPlace, { page: Name }>> } = {
  customers: room(
    () => import('./pages/CustomersPage.svelte'),
    'table',
    () => messages.customers.title,
  ),
  customer: room(
    () => import('./pages/CustomerPage.svelte'),
    'record',
    ({ account }) => account,
  ),
  proposal: room(
    () => import('./pages/ProposalPage.svelte'),
    'record',
    () => messages.proposal.title,
  ),
  imports: room(
    () => import('./pages/ImportsPage.svelte'),
    'table',
    () => messages.nav.imports,
  ),
  import: room(
    () => import('./pages/ImportPage.svelte'),
    'table',
    () => messages.nav.imports,
  ),
  batch: room(
    () => import('./pages/BatchPage.svelte'),
    'table',
    () => messages.nav.queue,
  ),
  setup: room(
    () => import('./pages/SetupPage.svelte'),
    'sections',
    () => messages.nav.setup,
  ),
}

/** The room of a place; undefined where there is none to load. */
export const roomOf = (place: Place): Room<Place> | undefined =>
  (rooms as Partial<Record<Place['page'], Room<Place>>>)[place.page]

/** Differs where a page begins anew instead of following its address. */
export const keyOf = (place: Place): string => {
  if (place.page === 'customer') return `customer ${place.company}/${place.account}`
  if (place.page === 'proposal' || place.page === 'import') return `${place.page} ${place.id}`
  return place.page === 'batch' ? `batch ${place.importId}` : place.page
}
