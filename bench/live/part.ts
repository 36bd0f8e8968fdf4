// What a part of the live bench is, and what it tells.
import type { Ends } from './sides.ts'

export type Setting = {
  /** Any database of the cluster in which the worlds are. */
  readonly cluster: string
  /** Small and short: to see that it runs. */
  readonly quick: boolean
  /** Of `fanout`: only with these numbers of sockets; empty: with all. */
  readonly sockets: readonly number[]
  /** For Countersign's process. */
  readonly execArgv: readonly string[]
  /** What was begun is ended in the end, whatever happens. */
  readonly ends: Ends
}

/** A goal and how far it was reached. */
export type Figure = {
  readonly what: string
  readonly value: number
  /** The value should be at least, or at most, this. */
  readonly goal: number
  readonly atLeast: boolean
}

/** Deliveries per second of one side with so many sockets. */
export type Point = { readonly side: string; readonly sockets: number; readonly perSecond: number }

export type Outcome = {
  readonly figures: readonly Figure[]
  /** Markdown. */
  readonly lines: readonly string[]
  readonly points?: readonly Point[]
}

export type Part = { readonly title: string; readonly run: (setting: Setting) => Promise<Outcome> }

export const atLeast = (what: string, value: number, goal: number): Figure => ({ what, value, goal, atLeast: true })
export const atMost = (what: string, value: number, goal: number): Figure => ({ what, value, goal, atLeast: false })

/** A table of Markdown: the first row is its head. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `|${'---|'.repeat(head.length)}`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
]

/** Milliseconds, with a digit more where they are few. */
export const milliseconds = (ms: number): string => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en'))
/** Bytes as kB of 1,000. */
export const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)
/** Bytes as MB of 1,000,000. */
export const megabytes = (bytes: number): string => Math.round(bytes / 1e6).toLocaleString('en')
