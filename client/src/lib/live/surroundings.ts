// What a browser knows of its network and of whether anybody looks. Elsewhere nothing is known, and nothing is needed.

/** `online`, `offline`: what the browser says of the network. `seen`: somebody looks again, perhaps after a long sleep. */
export type Sight = 'online' | 'offline' | 'seen'

export type Surroundings = {
  /** False when there is certainly no network. */
  online(): boolean
  /** Answers how to stop. */
  watch(onSight: (sight: Sight) => void): () => void
}

type Target = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
type Page = Target & {
  navigator: { onLine?: boolean }
  document: Target & { visibilityState: string }
}

const nowhere: Surroundings = { online: () => true, watch: () => () => {} }

/** The page that this runs in; where there is none, surroundings in which nothing ever happens. */
export const surroundingsOf = (scope: object = globalThis): Surroundings => {
  if (!('document' in scope && 'addEventListener' in scope)) return nowhere
  const page = scope as Page
  return {
    online: () => page.navigator.onLine !== false,
    watch(onSight) {
      const online = () => onSight('online')
      const offline = () => onSight('offline')
      const seen = () => {
        if (page.document.visibilityState === 'visible') onSight('seen')
      }
      const all: [Target, string, () => void][] = [
        [page, 'online', online],
        [page, 'offline', offline],
        // Back out of the browser's cache of pages, which closes sockets and says nothing.
        [page, 'pageshow', seen],
        [page.document, 'visibilitychange', seen],
      ]
      for (const [target, name, listener] of all) target.addEventListener(name, listener)
      return () => {
        for (const [target, name, listener] of all) target.removeEventListener(name, listener)
      }
    },
  }
}
