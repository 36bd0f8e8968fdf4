// The code of docs/client-live.md, as a test runs it.
import { createLive, type Live, type Status } from '../../client/src/lib/live/live.ts'

type Signin = { token(): Promise<string>; renew(): Promise<void> }

export const connect = (signin: Signin, show: (status: Status, heard: Date | null) => void, url: string): Live => {
  const live = createLive({
    url,
    async token(expired) {
      if (expired) await signin.renew()
      return signin.token()
    },
    onStatus: (status) => show(status, live.heard),
  })
  return live
}

type Item = { id: string; version: number; subject: string }
type QueueMessage =
  | { __typename: 'QueueSnapshot'; cursor: string; items: Item[]; complete: boolean }
  | { __typename: 'QueueDelta'; cursor: string; upserts: Item[]; removed: { id: string }[] }
  | { __typename: 'Resync'; cursor: string }
  | { __typename: 'Heartbeat'; cursor: string }

const queueStream = `
  subscription ($after: Cursor) {
    approvalQueue(after: $after) {
      __typename
      ... on LiveMessage { cursor }
      ... on QueueSnapshot { items { id version subject } complete }
      ... on QueueDelta { upserts { id version subject } removed { id } }
    }
  }`

export const followQueue = (live: Live, show: (items: Item[]) => void, fail: (why: string) => void) => {
  const items = new Map<string, Item>()
  return live.follow<QueueMessage>(
    queueStream,
    {},
    {
      next(message) {
        if (message.__typename === 'Heartbeat') return
        if (message.__typename === 'Resync') return items.clear()
        const arrived = message.__typename === 'QueueSnapshot' ? message.items : message.upserts
        for (const item of arrived) items.set(item.id, item)
        if (message.__typename === 'QueueDelta') for (const { id } of message.removed) items.delete(id)
        else if (!message.complete) return
        show([...items.values()])
      },
      refused: (errors) => fail(errors.map(({ message }) => message).join(' ')),
    },
  )
}
