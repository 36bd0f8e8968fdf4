// How far an import has come, and what becomes of a row: word, icon and colour together.
import type { ImportStatus, RowOutcome } from '../documents/imports.ts'
import type { Sign } from '../states.ts'
import { importWords } from '../words/imports.ts'

const { status, outcome } = importWords

export const statusSigns: Record<ImportStatus, Sign> = {
  PLANNING: { tone: 'pending', icon: 'hourglass', text: status.PLANNING },
  PLANNED: { tone: 'scheduled', icon: 'search', text: status.PLANNED },
  RUNNING: { tone: 'pending', icon: 'hourglass', text: status.RUNNING },
  DONE: { tone: 'approved', icon: 'check', text: status.DONE },
  FAILED: { tone: 'rejected', icon: 'stop', text: status.FAILED },
  CANCELLED: { tone: 'draft', icon: 'cross', text: status.CANCELLED },
}

export const outcomeSigns: Record<RowOutcome, Sign> = {
  CREATED: { tone: 'approved', icon: 'plus', text: outcome.CREATED },
  UPDATED: { tone: 'approved', icon: 'check', text: outcome.UPDATED },
  PROPOSED: { tone: 'pending', icon: 'hourglass', text: outcome.PROPOSED },
  UNCHANGED: { tone: 'draft', icon: 'circle', text: outcome.UNCHANGED },
  REFUSED: { tone: 'rejected', icon: 'cross', text: outcome.REFUSED },
  INVALID: { tone: 'rejected', icon: 'stop', text: outcome.INVALID },
}

export const outcomes = Object.keys(outcomeSigns) as RowOutcome[]
