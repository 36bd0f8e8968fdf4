// What somebody is about to answer to the item in hand: the question that is open, what they type, what they leave out,
// and what was on the screen when they were asked: an answer is for that and nothing later. It is kept while one looks elsewhere.
import { SvelteMap } from 'svelte/reactivity'
import { announcer } from './announcer.svelte.ts'
import type { Answer, Verdict } from './decision-calls.svelte.ts'
import type { Change } from './documents/fragments.ts'
import { keep } from './drafts.ts'
import type { Json } from './graphql.ts'
import { messages } from './messages.ts'

export type Question = { verdict: Verdict; choice?: string | undefined }
type Seen = { revision: number; changes: readonly { digest: string }[] }
type Sight = { revision: number; digests: readonly string[] }

const sight = ({ revision, changes }: Seen): Sight => ({ revision, digests: changes.map(({ digest }) => digest) })

class ItemInHand {
  question = $state.raw<Question | null>(null)
  comment = $state('')
  /** What whoever it is handed on to should know. */
  note = $state('')
  /** Whom a change is requested from; empty: the submitter. */
  to = $state('')
  /** Digests that were on the screen when the item was opened, or when a decision was refused as stale: the rest is new. */
  seen = $state.raw<readonly string[]>()
  /** Ids of changes that are to be left out of the approval, with the reasons as far as they are typed. */
  readonly leftOut = new SvelteMap<string, string>()
  #asked: Sight | null = null

  /** Something has been typed that would be missed. */
  get dirty(): boolean {
    return this.comment.trim() !== '' || this.note.trim() !== '' || this.leftOut.size > 0
  }

  toJSON(): Json {
    return { comment: this.comment, note: this.note, leftOut: [...this.leftOut] }
  }

  restore(written: Json): void {
    const { comment, note, leftOut } = written as { comment: string; note: string; leftOut: [string, string][] }
    this.comment = comment
    this.note = note
    for (const [changeId, reason] of leftOut) this.leftOut.set(changeId, reason)
  }

  /** Somebody looks elsewhere: what was typed is there when they ask again. */
  leave(): void {
    this.question = null
    if (!this.dirty) this.seen = undefined
  }

  /** Nobody is asked any more. */
  clear(): void {
    this.ask(null, undefined)
    this.note = ''
    this.leftOut.clear()
    this.seen = undefined
  }

  /** What comes while one looks is marked as new and said at once. */
  look(proposal: Seen, before: readonly string[] | undefined): void {
    const now = sight(proposal).digests
    const known = this.seen ?? before
    this.seen = known ?? now
    const fresh = known === undefined ? 0 : now.filter((digest) => !known.includes(digest)).length
    if (fresh > 0) announcer.interrupt(messages.queue.newChanges(fresh))
  }

  ask(question: Question | null, proposal: Seen | undefined): void {
    this.question = question
    this.#asked = question === null || !proposal ? null : sight(proposal)
    if (question !== null) return
    this.comment = ''
    this.to = ''
  }

  /** The change that another one is left out with, because the two make sense only together. */
  leftOutWith(change: Change, changes: readonly Change[]): Change | undefined {
    const { field, recordId } = change
    if (this.leftOut.has(change.id) || field.atomicGroup === null || change.operation !== 'SET') return undefined
    return changes.find(
      (other) =>
        this.leftOut.has(other.id) &&
        other.operation === 'SET' &&
        other.recordId === recordId &&
        other.field.record === field.record &&
        other.field.atomicGroup === field.atomicGroup,
    )
  }

  /** The answer to the open question, with the revision that it is for. */
  answer(proposal: Seen, comment: string): { answer: Answer; revision: number; seen: readonly string[] } | null {
    if (this.question === null) return null
    const { verdict, choice } = this.question
    const refuse = [...this.leftOut].map(([changeId, reason]) => ({ changeId, reason: reason.trim() }))
    const { revision, digests } = this.#asked ?? sight(proposal)
    const answer = {
      verdict,
      comment,
      ...(choice === undefined ? {} : { choice }),
      ...(verdict === 'REQUEST_CHANGE' && this.to !== '' ? { to: this.to } : {}),
      ...(verdict === 'APPROVE' && refuse.length > 0 ? { refuse } : {}),
    }
    return { answer, revision, seen: digests }
  }

  /** Puts a decision that was refused back on the screen, to be looked at again. */
  again({ verdict, choice, comment, to, refuse }: Answer, proposal: Seen | undefined): void {
    this.ask({ verdict, choice }, proposal)
    this.comment = comment
    this.to = to ?? ''
    for (const { changeId, reason } of refuse ?? []) this.leftOut.set(changeId, reason)
  }
}

/** What is about to be answered to this item, as far as one had come. */
export const handOf = (itemId: string): ItemInHand => keep(`item/${itemId}`, () => new ItemInHand())
export type { ItemInHand }
