// A partner's endpoint on this machine, and what tests of deliveries share: events that are sealed at once, and processes whose clock
// they move.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import { connect } from '../../server/db/connect.ts'
import type { DomainEvent } from '../../server/domain/events.ts'
import { seal } from '../../server/domain/log.ts'
import { eventPayload } from '../../server/graphql/event-payload.ts'
import type { App } from '../../server/services/app.ts'
import { createDeliveries, type DeliveriesOptions } from '../../server/services/deliveries.ts'
import { createSender } from '../../server/services/webhook-sender.ts'
import { appendEvents } from '../../server/store/events.ts'
import { readUnsealed, takeLead, writeSeals } from '../../server/store/feed.ts'
import type { Services } from '../helpers/services.ts'

export type Message = {
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: { type: string; timestamp: string; data: Record<string, unknown> }
  /** What was answered. */
  readonly status: number
}
export type Receiver = {
  readonly url: string
  readonly messages: Message[]
  /** What it answers; null: nothing, ever. */
  answer: (message: Omit<Message, 'status'>) => number | null
  /** What it has taken, by account, in the order in which it came. */
  readonly taken: () => Map<unknown, number[]>
}

/** Starts a receiver that is ended with the test file. */
export const startReceiver = async (): Promise<Receiver> => {
  const messages: Message[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const message = { headers: request.headers, text, body: JSON.parse(text) as Message['body'] }
      const status = receiver.answer(message)
      messages.push({ ...message, status: status ?? 0 })
      if (status !== null) response.writeHead(status, { location: '/elsewhere' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    messages,
    answer: () => 200,
    taken() {
      const by = new Map<unknown, number[]>()
      for (const { body, status } of messages)
        if (status === 200)
          by.set(body.data.account, [...(by.get(body.data.account) ?? []), Number(body.data.position)])
      return by
    },
  }
  return receiver
}

/** The demo world's services with a log that is sealed when the test says so, and deliveries. */
export const startPartner = async (services: Services) => {
  const session = connect(services.url, { max: 1, lasting: true })
  afterAll(() => session.close())
  await takeLead(session.sql)
  /** Gives all that has been committed its position. */
  const sealAll = async (): Promise<void> => {
    for (;;) {
      const batch = await readUnsealed(session.sql, 500)
      if (batch.rows.length === 0) return
      const { seals, heads } = seal(
        batch.rows.map(({ content }) => content),
        batch.heads,
        batch.feed,
      )
      await writeSeals(session.sql, batch, seals, heads)
    }
  }
  await sealAll()
  const appOf = (app: App, timeoutMs = 2_000): App => ({
    ...app,
    sender: createSender({ allowPrivate: true, timeoutMs }),
  })
  const deliveriesOf = (app: App, options: Partial<DeliveriesOptions> = {}) =>
    createDeliveries(app, {
      payloadOf: eventPayload,
      chance: () => 0,
      failed: (error) => {
        throw error
      },
      ...options,
    })
  /** Appends events and seals them; answers when they happened. */
  const tell = async (events: readonly DomainEvent[]): Promise<string> => {
    const at = services.app.clock().toISOString()
    await services.db.transaction((tx) =>
      appendEvents(tx, { companyId: services.companyId, actorId: null, at }, events),
    )
    await sealAll()
    return at
  }
  return { app: appOf(services.app), appOf, deliveriesOf, sealAll, tell }
}
