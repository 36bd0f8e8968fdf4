// Word from the browser itself of what arrives while nobody looks at the page: for who has asked for it, one at a time.
import type { QueueItem } from './documents/queue.ts'
import { paths, router } from './router.svelte.ts'
import { settings } from './settings.svelte.ts'
import { queueWords as words } from './words/queue.ts'

const tag = 'countersign-queue'
let unseen: QueueItem[] = []
let shown: Notification | null = null

/** Does it allow it? A person may have changed their mind in the browser's own settings. */
export const isAllowed = (): boolean => 'Notification' in globalThis && Notification.permission === 'granted'

/** Asks the browser, which asks the person; false: it does not allow it. */
export const mayNotify = async (): Promise<boolean> =>
  'Notification' in globalThis && (await Notification.requestPermission()) === 'granted'

const show = (): Notification | null => {
  const [first] = unseen
  if (!first) return null
  const names = unseen.map(({ proposal }) => proposal.customer.name)
  try {
    const title = unseen.length === 1 ? words.arrived(first.proposal.customer.name) : words.arrivedMany(unseen.length)
    const body = unseen.length === 1 ? first.subject : [...new Set(names)].slice(0, 5).join(', ')
    const notification = new Notification(title, { body, tag })
    const path = unseen.length === 1 ? paths.item(first.id) : paths.queue
    notification.onclick = () => {
      window.focus()
      router.go(path)
      notification.close()
    }
    return notification
  } catch {
    // Browsers of telephones have the word and do not let a page use it.
    return null
  }
}

/** Tells of arrivals if the page is hidden; what came since it was last seen is told together. */
export const notify = (arrived: readonly QueueItem[]): void => {
  if (!settings.notify || document.visibilityState === 'visible' || arrived.length === 0) return
  if (!isAllowed()) return
  unseen = [...unseen, ...arrived]
  shown = show()
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return
  unseen = []
  shown?.close()
  shown = null
})
