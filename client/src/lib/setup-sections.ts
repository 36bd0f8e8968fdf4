// The parts of the set-up, in the order of their tabs, and who finds which of them there (DOMAIN section 2, roles).
import type { Viewer } from './documents/company.ts'

type Role = Viewer['memberships'][number]['roles'][number]

export const setupSections = [
  'company',
  'fields',
  'values',
  'people',
  'groups',
  'queues',
  'calendars',
  'absences',
  'keys',
  'webhooks',
  'workflows',
] as const
export type SetupSection = (typeof setupSections)[number]

/** Of keys and webhooks only administrators read anything. */
const administratorsOnly: readonly SetupSection[] = ['keys', 'webhooks']
/** What is governed and by which rule, and one's own absence: for everybody. */
const everybodys: readonly SetupSection[] = ['fields', 'absences', 'workflows']

/** What somebody with these roles in the company finds in its set-up, in order; empty for who is no member. */
export const sectionsFor = (roles: readonly Role[]): readonly SetupSection[] => {
  if (roles.includes('ADMINISTRATOR')) return setupSections
  if (roles.includes('AUDITOR')) return setupSections.filter((section) => !administratorsOnly.includes(section))
  return roles.length > 0 ? everybodys : []
}
