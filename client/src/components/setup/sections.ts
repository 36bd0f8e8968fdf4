// Which part of the set-up lies where: one line adds a section. A section without one is in nobody's navigation.
import type { Component } from 'svelte'
import { Lazy } from '../../lib/lazy.svelte.ts'
import type { SetupSection } from '../../lib/setup-sections.ts'

/** `id`: what the address names in the section; null: nothing. */
type Section = Component<{ company: string; id: string | null }>
const section = (load: () => Promise<{ default: Section }>) => new Lazy(load)

export const sections: Readonly<Partial<Record<SetupSection, Lazy<Section>>>> = {
  company: section(() => import('./CompanySection.svelte')),
  fields: section(() => import('./FieldsSection.svelte')),
  values: section(() => import('./ValuesSection.svelte')),
  people: section(() => import('./PeopleSection.svelte')),
  groups: section(() => import('./GroupsSection.svelte')),
  queues: section(() => import('./QueuesSection.svelte')),
  calendars: section(() => import('./CalendarsSection.svelte')),
  absences: section(() => import('./AbsencesSection.svelte')),
  keys: section(() => import('./KeysSection.svelte')),
  webhooks: section(() => import('./WebhooksSection.svelte')),
  workflows: section(() => import('../workflows/WorkflowsSection.svelte')),
}
