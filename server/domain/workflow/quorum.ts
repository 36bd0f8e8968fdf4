// When an assignment is decided, and how (DOMAIN section 7).
import type { Policy, Quorum } from './definition.ts'

/** How many answers (or approvals) decide among n seats: single 1, majority ⌊n/2⌋+1, percent ⌈n·p/100⌉ but at least 1, all n. */
export const needed = (policy: Policy, percent: number | null, n: number): number => {
  switch (policy) {
    case 'SINGLE':
      return 1
    case 'MAJORITY':
      return Math.floor(n / 2) + 1
    case 'PERCENT':
      return Math.max(1, Math.ceil((n * (percent ?? 100)) / 100))
    case 'ALL':
      return n
    default:
      return policy satisfies never
  }
}

/**
 * The verdict of an assignment with n seats, null while it is open. With `ANSWERS` a quorum of answers decides and any reject among
 * them rejects; `ALL` rejects at the first reject. With `APPROVALS` as many must approve, and it is lost as soon as they cannot.
 */
export const verdict = (
  rule: { readonly policy: Policy; readonly percent: number | null; readonly quorum: Quorum },
  n: number,
  approvals: number,
  rejections: number,
): 'APPROVED' | 'REJECTED' | null => {
  if (n === 0) return null
  const enough = needed(rule.policy, rule.percent, n)
  if (rule.quorum === 'APPROVALS') {
    if (approvals >= enough) return 'APPROVED'
    return rejections > n - enough ? 'REJECTED' : null
  }
  if (rule.policy === 'ALL') {
    if (rejections > 0) return 'REJECTED'
    return approvals === n ? 'APPROVED' : null
  }
  if (approvals + rejections < enough) return null
  return rejections > 0 ? 'REJECTED' : 'APPROVED'
}
