// GraphQL over HTTP: POST, GET and server-sent events. Sockets run through the very same pipeline (ws.ts).
import { randomUUID } from 'node:crypto'
import { execute, parse, type DocumentNode, type GraphQLError, type GraphQLSchema, type ParseOptions } from 'graphql'
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga'
import type { Log } from '../log.ts'
import { noRateLimits, type RateLimits } from '../auth/rate-limits.ts'
import type { Authenticate } from '../auth/viewer.ts'
import type { App } from '../services/app.ts'
import type { Rights } from '../services/rights.ts'
import type { Account } from '../services/viewer.ts'
import { jsonBodies } from './body.ts'
import { createContext, type Context } from './context.ts'
import { documentSize, limits, variablesFault } from './limits.ts'
import { codedValidation, createMask } from './masking.ts'
import { createSubscribe, subscribePerEvent, type Subscribe } from './per-event.ts'
import { noneRegistered, persistedOperations, type PersistedOperations } from './persisted.ts'
import { schema } from './schema.ts'
import { createSharing } from './sharing.ts'
import { createSignIn } from './sign-in.ts'
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
  /** Left out: nobody is limited. */
  readonly rateLimits?: RateLimits
}

/** What sockets run operations with: the very same as requests over HTTP. */
export type Pipeline = {
  readonly parse: (text: string) => DocumentNode
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[]
  readonly subscribe: Subscribe
}

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

/** The handler of /graphql; `pipeline` is what sockets share of it. */
export const createYogaApp = (options: GraphqlOptions) => {
  const { app, live, rights, authenticate, allowedOrigins, log, operations, rateLimits = noRateLimits } = options
  const mask = createMask(log)
  const subscribe = createSubscribe(mask, createSharing({ app, live, rights, log, mask }))
  const signIn = createSignIn(authenticate, rateLimits)
  const yoga = createYoga<object, Context>({
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
        : {
            origin: [...allowedOrigins],
            credentials: false,
            methods: ['GET', 'POST'],
            exposedHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After'],
          },
    plugins: [
      signIn.plugin,
      jsonBodies(),
      persistedOperations(operations ?? noneRegistered),
      bounded(),
      executor(),
      codedValidation(),
      subscribePerEvent(subscribe),
      replays(),
      eventIds(),
    ],
    context({ request }: YogaInitialContext) {
      const identity = signIn.identityOf(request)
      const lastEventId = request.headers.get('last-event-id')
      return createContext({ app, live, rights }, identity, {
        requestId: randomUUID(),
        resumeAfter: lastEventId === '' ? null : lastEventId,
        recognised: true,
      })
    },
  })
  // Parsing and validating remember documents, and need to know of no request.
  const { parse: parsed, validate } = yoga.getEnveloped({}) as Pick<Pipeline, 'parse' | 'validate'>
  const pipeline: Pipeline = { parse: parsed, validate, subscribe }
  return Object.assign(yoga, { pipeline })
}
export type YogaApp = ReturnType<typeof createYogaApp>
