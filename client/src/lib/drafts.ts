// What was typed on a customer's page is found again when one comes back to it.
import { CustomerDraft } from './customer-draft.svelte.ts'

const drafts = new Map<string, CustomerDraft>()

export const draftOf = (company: string, account: string): CustomerDraft => {
  const key = `${company}/${account}`
  const draft = drafts.get(key) ?? new CustomerDraft()
  drafts.set(key, draft)
  return draft
}

/** At sign-out. */
export const forgetDrafts = (): void => drafts.clear()
