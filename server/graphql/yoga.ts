// GraphQL over HTTP: POST, GET and server-sent events. Sockets run through the very same pipeline (ws.ts).
import { randomUUID } from 'node:crypto'
import { execute, parse, type ParseOptions } from 'graphql'
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga'
import type { Log } from '../log.ts'
import { credentialsOfHeaders } from '../auth/credentials.ts'
import type { Authenticate, Identity } from '../auth/viewer.ts'
import type { App } from '../services/app.ts'
import type { Rights } from '../services/rights.ts'
import type { Account } from '../services/viewer.ts'
import { jsonBodies } from './body.ts'
import { createContext, type Context } from './context.ts'
import { documentSize, limits, variablesFault } from './limits.ts'
import { codedValidation, createMask } from './masking.ts'
import type { Outlet } from './outlet.ts'
import { subscribePerEvent } from './per-event.ts'
import { noneRegistered, persistedOperations, type PersistedOperations } from './persisted.ts'
import { schema } from './schema.ts'
import { createSharing } from './sharing.ts'
import { eventIds } from './sse.ts'

export type GraphqlOptions = {
  readonly app: App
  readonly live: Context['live']
  readonly rights: Rights
  readonly authenticate: Authenticate<Account>
  /** Origins besides the server's own from which a browser may call. */
  readonly allowedOrigins: readonly string[]
  readonly log: Log
  /** Left out: none are registered, and any is taken. */
  readonly operations?: PersistedOperations
}

/** What a socket hands over in place of headers: it has been recognised when it was opened. */
export type ServerContext = { readonly socketIdentity?: Identity<Account>; readonly outlet?: Outlet }

/** One bound on every document, however it comes in. */
const bounded = (): Plugin => ({
  onParse({ setParseFn }) {
    setParseFn((source: string, options: ParseOptions | undefined) =>
      parse(source, { ...options, maxTokens: limits.tokens }),
    )
  },
  onValidate({ addValidationRule }) {
    addValidationRule(documentSize)
  },
  onExecute({ args, setResultAndStopExecution }) {
    const fault = variablesFault(args.variableValues)
    if (fault !== null) setResultAndStopExecution({ errors: [fault] })
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    const fault = variablesFault(args.variableValues)
    if (fault !== null) setResultAndStopExecution({ errors: [fault] })
  },
})

/** What executes streams executes requests: graphql-js, which takes a page's hundreds of fields faster than yoga's own. */
const executor = (): Plugin => ({
  onExecute({ setExecuteFn }) {
    setExecuteFn(execute)
  },
})

/** Says in the answer that a command of it was answered from its idempotency record. */
const replays = (): Plugin => ({
  onExecute({ args }) {
    return {
      onExecuteDone({ result, setResult }) {
        const { replayed } = args.contextValue as Partial<Context>
        if (replayed !== true || Symbol.asyncIterator in result) return
        setResult({ ...result, extensions: { ...result.extensions, replayed: true } })
      },
    }
  },
})

/** The handler of /graphql; `getEnveloped` is the pipeline that sockets share. */
export const createYogaApp = ({ app, live, rights, authenticate, allowedOrigins, log, operations }: GraphqlOptions) => {
  const mask = createMask(log)
  const sharing = createSharing({ app, live, rights, log, mask })
  return createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: false,
    logging: false,
    multipart: false,
    extraParamNames: ['documentId'],
    // jsonBodies has its own.
    maxRequestBodySize: false,
    maskedErrors: { maskError: mask },
    cors:
      allowedOrigins.length === 0
        ? false
        : { origin: [...allowedOrigins], credentials: false, methods: ['GET', 'POST'] },
    plugins: [
      jsonBodies(),
      persistedOperations(operations ?? noneRegistered),
      bounded(),
      executor(),
      codedValidation(),
      subscribePerEvent(mask, sharing),
      replays(),
      eventIds(),
    ],
    async context(initial: YogaInitialContext & ServerContext) {
      const { request, socketIdentity, outlet = null } = initial
      const identity = socketIdentity ?? (await authenticate(credentialsOfHeaders((name) => request.headers.get(name))))
      const lastEventId = socketIdentity === undefined ? request.headers.get('last-event-id') : null
      const resumeAfter = lastEventId === '' ? null : lastEventId
      const recognised = socketIdentity === undefined
      return createContext({ app, live, rights }, identity, {
        requestId: randomUUID(),
        resumeAfter,
        recognised,
        outlet,
      })
    },
  })
}
export type YogaApp = ReturnType<typeof createYogaApp>
