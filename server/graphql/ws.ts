// GraphQL over WebSocket (graphql-transport-ws): subscriptions only, through the pipeline of HTTP. Its HTTP hooks do not run
// here, so what they check is checked here again.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as startTimer } from 'node:timers'
import { setTimeout as wait } from 'node:timers/promises'
import { getOperationAST, OperationTypeNode, type ExecutionArgs, type GraphQLError } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer, type WebSocket } from 'ws'
import { credentialsOfParams } from '../auth/credentials.ts'
import { noRateLimits } from '../auth/rate-limits.ts'
import type { Identity } from '../auth/viewer.ts'
import type { Viewer } from '../services/app.ts'
import { recognisedViewer, type Account } from '../services/viewer.ts'
import { limits, requestError, unauthenticated } from './limits.ts'
import { schema } from './schema.ts'
import { createContext } from './context.ts'
import { createMask } from './masking.ts'
import { createDrain, createOutlet } from './outlet.ts'
import { isNamed, noneRegistered, operationText } from './persisted.ts'
import { createPeople, endStalled } from './socket-keeping.ts'
import type { GraphqlOptions, YogaApp } from './yoga.ts'

type Extra = { identity?: Identity<Account>; expiry?: ReturnType<typeof startTimer>; forget?: () => void }

const expired = 4403
const restarting = 1012
const tryAgain = 1013
const tooMany = 4429
/** The longest that a timer can wait. */
const longestTimer = 2_000_000_000
/** Sockets are told to come back spread over this time, so that a restart is no stampede. */
const spreadMs = 2_000
/** How long a socket has to answer that it closes. */
const patienceMs = 1_000
/** A connection that takes nothing for so long is given up; it is looked at so often. */
const stalledMs = 10_000
const lookMs = 1_000
/** Streams tell what somebody has lost with the last membership, and end; then their sockets are closed. */
const farewellMs = 1_000

/** May a page of this origin open a socket? Programs name none. */
const isAllowed = ({ headers }: IncomingMessage, allowedOrigins: readonly string[]): boolean => {
  const { origin, host } = headers
  if (origin === undefined || allowedOrigins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

export type Sockets = {
  /** Tells every socket to come back, and takes no more. */
  stop(): Promise<void>
}

/** Serves sockets at /graphql of an HTTP server. */
export const attachSockets = (
  server: Server,
  { pipeline }: Pick<YogaApp, 'pipeline'>,
  options: GraphqlOptions,
): Sockets => {
  const { authenticate, allowedOrigins, app, live, rights, log } = options
  const { operations = noneRegistered, rateLimits = noRateLimits } = options
  const { parse, validate, subscribe } = pipeline
  const mask = createMask(log)
  const drain = createDrain()
  const people = createPeople()
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.socketMessageBytes,
    perMessageDeflate: false,
  })

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Who hangs up while being refused; without a listener that would end the process.
    socket.on('error', () => socket.destroy())
    if ((request.url ?? '').split('?')[0] !== '/graphql')
      return void socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
    if (!isAllowed(request, allowedOrigins))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request))
  }
  server.on('upgrade', upgrade)

  /** Closes the socket when the sign-in that opened it ends. */
  const closeAtExpiry = (socket: WebSocket, extra: Extra, expiresAt: Date): void => {
    const left = expiresAt.getTime() - app.clock().getTime()
    if (left <= 0) return socket.close(expired, 'The sign-in has ended')
    extra.expiry = startTimer(() => closeAtExpiry(socket, extra, expiresAt), Math.min(left, longestTimer))
    extra.expiry.unref()
  }

  rights.watch((userIds) => {
    for (const userId of userIds)
      for (const { socket, identity } of people.of(userId)) {
        if (rights.isRevoked(identity)) {
          socket.close(expired, 'The API key was revoked')
          continue
        }
        void rights.of(identity).then(
          ({ memberships }) => {
            if (memberships.size > 0) return
            startTimer(() => socket.close(expired, 'You are not a member any more'), farewellMs).unref()
          },
          (error: unknown) => log.warn({ err: error }, 'could not see whether a socket may stay open'),
        )
      }
  })
  const viewerOf = async ({ user, expiresAt }: Identity<Account>): Promise<Viewer> =>
    recognisedViewer(app.db, user, expiresAt)
  const stopLooking = endStalled(server, stalledMs, lookMs)

  const disposable = useServer<Record<string, unknown>, Extra>(
    {
      // The protocol wants a text of every operation; one that is registered is named by its hash alone, as over HTTP.
      jsonMessageReviver: (key, value: unknown) =>
        key === 'payload' && typeof value === 'object' && value !== null && isNamed(value)
          ? { query: '', ...value }
          : value,
      async subscribe(args) {
        const result = await subscribe(args)
        // The library keeps the arguments for as long as the stream lasts; what was needed to open it goes.
        args.contextValue = undefined
        return result
      },
      async onConnect({ connectionParams, extra }) {
        try {
          const credentials = credentialsOfParams(connectionParams)
          const identity = await authenticate(credentials)
          // The library keeps the parameters for as long as the socket is open; the secret in them is needed no more.
          const kept: Record<string, unknown> = connectionParams ?? {}
          for (const name of Object.keys(kept)) delete kept[name]
          const { refusal } = await rateLimits.take(identity, extra.request.socket.remoteAddress)
          if (refusal !== null) {
            extra.socket.close(tryAgain, refusal.slice(refusal.indexOf('come again')))
            return false
          }
          // A person who is a member of nothing has nothing to follow.
          if (identity !== null && (await viewerOf(identity)).memberships.size === 0) return false
          // Who has hung up meanwhile has been forgotten already, and must not be remembered now; nor is a key that was just revoked.
          if (identity === null || rights.isRevoked(identity) || extra.socket.readyState !== extra.socket.OPEN)
            return false
          if (people.of(identity.user.user.id).size >= limits.socketsPerPerson) {
            extra.socket.close(tooMany, `You have ${limits.socketsPerPerson} sockets open: close some of them first`)
            return false
          }
          extra.identity = identity
          extra.forget = people.add(identity, extra.socket)
          if (identity.expiresAt !== null) closeAtExpiry(extra.socket, extra, identity.expiresAt)
          return true
        } catch (error) {
          // Not the caller's fault, and not for ever: a throw here would be taken as fatal by the client.
          log.error({ err: error }, 'a socket could not sign in')
          extra.socket.close(tryAgain, 'Try again later')
          return false
        }
      },
      onClose({ extra }) {
        clearTimeout(extra.expiry)
        extra.forget?.()
      },
      // A throw here closes the socket and all of its streams: whatever is wrong with one operation is told as its error.
      async onSubscribe({ extra, subscriptions }, id, payload): Promise<ExecutionArgs | readonly GraphQLError[]> {
        try {
          if (Object.keys(subscriptions).length > limits.operationsPerSocket) {
            return [requestError('RATE_LIMITED', `A socket carries at most ${limits.operationsPerSocket} operations.`)]
          }
          const { identity } = extra
          if (identity === undefined) return [unauthenticated()]
          const { refusal } = await rateLimits.take(identity, undefined)
          if (refusal !== null) return [requestError('RATE_LIMITED', refusal)]
          const document = parse(operationText(payload, operations) ?? '')
          const errors = validate(schema, document)
          if (errors.length > 0) return errors.map(mask)
          const operation = getOperationAST(document, payload.operationName)?.operation
          if (operation === undefined) return [requestError('BAD_REQUEST', 'Name the operation that is meant.')]
          if (operation !== OperationTypeNode.SUBSCRIPTION) {
            return [requestError('BAD_REQUEST', 'A socket is for subscriptions: send queries and mutations over HTTP.')]
          }
          return {
            schema,
            document,
            operationName: payload.operationName ?? null,
            variableValues: payload.variables ?? null,
            contextValue: await createContext({ app, live, rights }, identity, {
              requestId: randomUUID(),
              outlet: createOutlet(extra.socket, extra.request.socket, id, drain),
            }),
          }
        } catch (error) {
          return [mask(error)]
        }
      },
    },
    sockets,
  )
  // A message that is too large or no UTF-8 has closed its socket with the right code already; it is the caller's error, and
  // the library's own listener would write it to the console as the server's.
  sockets.on('connection', (socket) => {
    const send = socket.send.bind(socket) as (data: unknown, sent?: () => void) => void
    // What cannot be sent any more is followed by the close, which says all there is to know.
    socket.send = ((data: unknown, sent?: () => void) => send(data, sent && (() => sent()))) as typeof socket.send
    socket.removeAllListeners('error')
    socket.on('error', (error) => log.debug({ err: error }, 'a socket was closed for what it sent'))
  })

  return {
    async stop() {
      server.off('upgrade', upgrade)
      const clients = [...sockets.clients]
      const spread = Math.min(spreadMs, clients.length * 10)
      await Promise.all(
        clients.map(async (socket, n) => {
          await wait((n / clients.length) * spread)
          socket.close(restarting, 'The server restarts')
        }),
      )
      // Some never answer; a stop waits for nobody who does not listen.
      const force = startTimer(() => sockets.clients.forEach((socket) => socket.terminate()), patienceMs)
      await disposable.dispose()
      clearTimeout(force)
      stopLooking()
      drain.stop()
    },
  }
}
