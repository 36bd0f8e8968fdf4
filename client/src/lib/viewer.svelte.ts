// The person at the screen and the company that they look at.
import { ask } from './api.ts'
import { keepDraftsOf } from './drafts.ts'
import { ViewerQuery, type Viewer } from './documents/company.ts'
import { session } from './session.svelte.ts'

const remembered = 'countersign.company'

class CurrentViewer {
  viewer = $state.raw<Viewer | null>(null)
  state = $state<'loading' | 'known' | 'unknown' | 'failed'>('loading')
  failure = $state('')
  #company = $state(localStorage.getItem(remembered))

  company = $derived.by(() => {
    const companies = this.companies
    return (companies.find(({ code }) => code === this.#company) ?? companies[0])?.code ?? ''
  })

  /** What the person may do in the company that they look at. */
  roles = $derived(this.viewer?.memberships.find(({ company }) => company.code === this.company)?.roles ?? [])

  get companies(): { id: string; code: string; name: string }[] {
    return this.viewer?.memberships.map(({ company }) => company) ?? []
  }

  async load(): Promise<void> {
    // What was said of a failure stays until there is something else to say.
    if (this.state !== 'failed') this.state = 'loading'
    try {
      const { viewer } = await ask(ViewerQuery, {})
      session.accepted = true
      if (viewer) keepDraftsOf(viewer.user.id)
      this.viewer = viewer
      this.state = viewer === null ? 'unknown' : 'known'
    } catch (failure) {
      this.failure = failure instanceof Error ? failure.message : String(failure)
      this.state = 'failed'
    }
  }

  forget(): void {
    this.viewer = null
    this.state = 'loading'
  }

  choose(code: string): void {
    this.#company = code
    localStorage.setItem(remembered, code)
  }
}

export const current = new CurrentViewer()
