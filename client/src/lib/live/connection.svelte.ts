// The one connection of the page, for components: what the reader may trust, and the streams that they follow.
import { stringifyDocument, type TypedDocumentNode } from '@urql/core'
import { session } from '../session.svelte.ts'
import { createLive, type Live, type LiveMessage, type Status } from './live.ts'

/** Looking away and back within this time is one look. */
const lookMs = 500

class Connection {
  status = $state<Status>('reconnecting')
  /** When something was last heard: what is shown was true then. */
  heard = $state.raw(new Date())
  /** Rises when the page is looked at again. */
  looks = $state(0)
  #lookedAt = 0
  #live: Live | undefined

  constructor() {
    document.addEventListener('visibilitychange', () => this.#look())
    // Two windows side by side are both visible all the time.
    window.addEventListener('focus', () => this.#look())
  }

  /** Follows a stream whose root field is aliased `message` until the answer is called. */
  follow<Data extends { message: LiveMessage }, Variables extends object>(
    query: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    onMessage: (message: Data['message']) => void,
  ): () => void {
    this.#live ??= this.#open()
    return this.#live.follow<Data['message']>(stringifyDocument(query), variables, { next: onMessage })
  }

  /** As `follow`, of a stream whose every message holds all there is, such as how far an import has come. */
  watch<Data extends { message: LiveMessage }, Variables extends object>(
    query: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    onMessage: (message: Data['message']) => void,
  ): () => void {
    this.#live ??= this.#open()
    return this.#live.follow<Data['message']>(stringifyDocument(query), variables, { next: onMessage, whole: true })
  }

  /** Ends it, when another person signs in or nobody is. */
  end(): void {
    this.#live?.dispose()
    this.#live = undefined
    this.status = 'reconnecting'
  }

  /** Coming to a page is told twice, by its window and by itself. */
  #look(): void {
    const now = Date.now()
    if (document.visibilityState !== 'visible' || now - this.#lookedAt < lookMs) return
    this.#lookedAt = now
    this.looks += 1
  }

  #open(): Live {
    const live = createLive({
      url: `${location.origin}/graphql`,
      token: async (expired) => {
        if (expired) await session.renew()
        return session.token ?? ''
      },
      onStatus: (status) => {
        this.status = status
        if (live.heard) this.heard = live.heard
      },
    })
    return live
  }
}

export const connection = new Connection()
