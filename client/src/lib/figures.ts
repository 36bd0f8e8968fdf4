// By how much a change moves a figure.
import type { Brief } from './documents/fragments.ts'
import { formatDecimal, formatPercent, plain } from './format.ts'

type Moved = Pick<Brief, 'delta' | 'original' | 'field'>

/** The difference with its sign; null where the change is about no figure. */
export const differenceOf = ({ delta, field }: Moved): string | null =>
  delta === null ? null : formatDecimal(delta, field.scale, true)

/** The same as a share of what it was; null where there was nothing to compare with. */
export const shareOf = ({ delta, original }: Moved): string | null =>
  delta === null || original === null ? null : formatPercent(delta, plain(original.raw))
