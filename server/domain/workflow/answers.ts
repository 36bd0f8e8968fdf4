// What a webhook has answered to a workflow's question: `{"outcome": "…", "comment": "…"}`, of which only the outcome has to be there.
import { isText } from '../text.ts'

export type Answer = { readonly outcome: string; readonly comment: string | null }
/** Why it is no answer, as a sentence that never holds anything of what was sent. */
export type NoAnswer = { readonly failure: string }

/** As much of a comment is kept. */
export const maxComment = 2000

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** A comment as it can be kept and shown: cut where it is too long, null where it is none. */
const commentOf = (said: unknown): string | null => {
  if (typeof said !== 'string') return null
  const text = said.trim().normalize('NFC')
  if (text === '' || !isText(text)) return null
  const signs = [...text]
  return signs.length <= maxComment ? text : `${signs.slice(0, maxComment - 1).join('')}…`
}

/** Reads an answer. `names`: the outcomes that may be named, in exactly this spelling. */
export const readAnswer = (status: number, body: string, names: readonly string[]): Answer | NoAnswer => {
  if (status < 200 || status > 299) return { failure: `It answered with status ${status}.` }
  const said = parsed(body)
  if (said === undefined) return { failure: 'Its answer is not JSON.' }
  const { outcome, comment } = (typeof said === 'object' && said !== null ? said : {}) as Readonly<
    Record<'outcome' | 'comment', unknown>
  >
  if (typeof outcome !== 'string') return { failure: 'Its answer has no "outcome".' }
  if (!names.includes(outcome))
    return { failure: `Its answer names an outcome that is not known here; it has to be one of: ${names.join(', ')}.` }
  return { outcome, comment: commentOf(comment) }
}
