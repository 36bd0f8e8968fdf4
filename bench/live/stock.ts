// GraphQL Yoga with graphql-ws as their documentation shows it: `createPubSub`, a subscription field that gives each
// subscriber an iterator of its own, `useServer` with `yoga.getEnveloped`. Events are in memory; nobody is signed in and
// nothing is read from a database. Started by child.ts.
import '../../server/production.ts'
import { setMaxListeners } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DocumentNode, ExecutionArgs, GraphQLError, GraphQLSchema } from 'graphql'
import type { OperationResult } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { createPubSub, createSchema, createYoga } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import { serve } from '../child.ts'
import { memory } from '../memory.ts'
import { publishing } from './pace.ts'
import type { Changed } from './subscription.ts'

// Each subscriber is a listener; Node.js would warn from the eleventh on.
setMaxListeners(0)
const pubSub = createPubSub<{ changed: [Changed] }>()
let subscribed = 0
let message: Changed = {}

const schema = createSchema({
  typeDefs: `
    scalar Cursor
    scalar DateTime
    type Query { hello: String }
    type Subscription { proposalStatus(company: String): ProposalStatusMessage! }
    union ProposalStatusMessage = ProposalStatusSnapshot | ProposalStatusChanged
    interface LiveMessage { cursor: Cursor! }
    type ProposalStatusSnapshot implements LiveMessage { cursor: Cursor!, counts: [StatusCount!]! }
    type StatusCount { status: String!, count: Int! }
    type ProposalStatusChanged implements LiveMessage { cursor: Cursor!, event: Event!, proposal: Proposal! }
    type Event { id: ID!, position: String, type: String!, at: DateTime! }
    type Proposal { id: ID!, status: String!, revision: Int! }`,
  resolvers: {
    Subscription: {
      proposalStatus: {
        subscribe: () => {
          subscribed += 1
          return pubSub.subscribe('changed')
        },
        resolve: (changed: Changed) => changed,
      },
    },
  },
})
const yoga = createYoga({ schema, graphqlEndpoint: '/graphql' })
const server = createServer((request, response) => void yoga(request, response))
const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint })

type Pipeline = {
  readonly schema: GraphQLSchema
  readonly parse: (text: string) => DocumentNode
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[]
  readonly contextFactory: () => unknown
  readonly execute: (args: ExecutionArgs) => OperationResult
  readonly subscribe: (args: ExecutionArgs) => OperationResult
}
type Root = Pick<Pipeline, 'execute' | 'subscribe'>

const disposable = useServer(
  {
    execute: (args: ExecutionArgs) => (args.rootValue as Root).execute(args),
    subscribe: (args: ExecutionArgs) => (args.rootValue as Root).subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params,
      }) as Pipeline
      const document = parse(params.query)
      const errors = validate(schema, document)
      if (errors.length > 0) return errors
      return {
        schema,
        operationName: params.operationName,
        document,
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      }
    },
  },
  sockets,
)

await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve))
const { port } = server.address() as AddressInfo
const stop = async (): Promise<void> => {
  for (const socket of sockets.clients) socket.terminate()
  await disposable.dispose()
  server.close()
}
await serve({ url: `http://127.0.0.1:${port}/graphql` }, stop, {
  memory,
  subscribed: () => subscribed,
  message(changed: Changed) {
    message = changed
  },
  ...publishing(() => pubSub.publish('changed', message)),
})
