// Subscriptions, executed by us instead of by graphql-js: each message in a context of its own, because scopes and loaders
// are cached in it; ended when the sign-in ends; a failure is told and ends the stream, whatever carries it.
import { createComplexityRule } from '@pothos/plugin-complexity'
import {
  createSourceEventStream,
  execute,
  getOperationAST,
  getVariableValues,
  validate,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from './context.ts'
import type { Outlet } from './outlet.ts'
import { limits, requestError, variablesFault } from './limits.ts'
import type { Sharing } from './sharing.ts'
import { readyResult } from './sse.ts'
import { isDelivery, isResolved } from './stream.ts'
import { isGiven } from '../domain/given.ts'

/** Runs a subscription; what cannot be run is a result with errors. */
export type Subscribe = (args: ExecutionArgs) => Promise<ExecutionResult | Results>
type Results = Required<AsyncIterator<ExecutionResult, void, unknown>> & AsyncIterable<ExecutionResult, void, unknown>
const isIterable = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value

/** The longest that a timer can wait: a sign-in that lasts longer is looked at again then. */
const longestTimer = 2_000_000_000

const masked = (result: ExecutionResult, mask: (error: unknown) => GraphQLError): ExecutionResult =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map(mask) }

/** Hand-written: a generator's own `return` would wait for the `next` under way, and a quiet stream would never end. */
const perEvent = (
  source: AsyncIterable<unknown>,
  args: ExecutionArgs,
  mask: (error: unknown) => GraphQLError,
  onEnd: () => void,
): Results => {
  const iterator = source[Symbol.asyncIterator]()
  const { viewer, app, outlet } = args.contextValue as Context
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false
  const end = (): void => {
    if (ended) return
    ended = true
    clearTimeout(timer)
    void iterator.return?.().catch(() => undefined)
    outlet?.clear()
    onEnd()
  }
  const untilExpiry = (): void => {
    const expiresAt = viewer?.expiresAt ?? null
    if (expiresAt === null) return
    const left = expiresAt - app.clock().getTime()
    if (left <= 0) return end()
    timer = setTimeout(untilExpiry, Math.min(left, longestTimer))
    timer.unref()
  }
  untilExpiry()
  const done = { done: true, value: undefined } as const
  return {
    async next() {
      if (ended) return done
      try {
        for (;;) {
          const { done: finished, value } = (await iterator.next()) as IteratorResult<unknown, unknown>
          if (finished === true || ended) {
            end()
            return done
          }
          if (isResolved(value)) {
            const { resolved, tag } = value
            if (outlet === null)
              return { done: false, value: readyResult(resolved.pieces.join(tag), resolved.cursor + tag) }
            await outlet.send(resolved.pieces, tag)
            continue
          }
          if (!isDelivery(value)) throw new Error('a stream gave something that is no delivery')
          const result = await execute({ ...args, rootValue: value, contextValue: value.context })
          return { done: false, value: masked(result, mask) }
        }
      } catch (error) {
        end()
        return { done: false, value: { errors: [mask(error)] } }
      }
    },
    async return() {
      end()
      return done
    },
    async throw(error) {
      end()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/**
 * `mask`: what may be shown of an error that is thrown between messages. `sharing`: how an operation's messages are shared with those
 * of others.
 */
export const createSubscribe = (
  mask: (error: unknown) => GraphQLError,
  sharing: (args: ExecutionArgs, outlet: Outlet | null) => Sharing,
): Subscribe => {
  const streams = new Map<string, number>()
  const count = (userId: string, by: 1 | -1): void => {
    const now = (streams.get(userId) ?? 0) + by
    if (now === 0) streams.delete(userId)
    else streams.set(userId, now)
  }
  /** Why it is not even opened; the executor finds out of some of it only when messages come. */
  const refusal = (args: ExecutionArgs, userId: string): readonly GraphQLError[] => {
    const operation = getOperationAST(args.document, args.operationName)
    if (!isGiven(operation)) return [requestError('BAD_REQUEST', 'Name the operation that is meant.')]
    const { coerced, errors } = getVariableValues(
      args.schema,
      operation.variableDefinitions ?? [],
      args.variableValues ?? {},
    )
    if (errors !== undefined) return errors.map(mask)
    const complexity = createComplexityRule({
      context: args.contextValue as Context,
      variableValues: coerced,
      ...(isGiven(args.operationName) && { operationName: args.operationName }),
      maxComplexity: limits.complexity,
      maxDepth: limits.depth,
    })
    if (validate(args.schema, args.document, [complexity]).length > 0)
      return [requestError('TOO_COMPLEX', 'The operation asks for too much at once: select fewer fields.')]
    if ((streams.get(userId) ?? 0) >= limits.streamsPerPerson) {
      const many = `You have ${limits.streamsPerPerson} streams open: close some of them first.`
      return [requestError('RATE_LIMITED', many)]
    }
    return []
  }
  return async (args) => {
    const context = args.contextValue as Context
    const userId = context.viewer?.userId ?? ''
    const fault = variablesFault(args.variableValues)
    const errors = fault === null ? refusal(args, userId) : [fault]
    if (errors.length > 0) return { errors }
    // Counted before it is open: many that are asked for at once must not all find room.
    count(userId, 1)
    const forget = (): void => count(userId, -1)
    context.sharing = sharing(args, context.outlet)
    try {
      // A socket has asked for it already; what a request was recognised as says nothing to the streams.
      if (context.outlet === null && context.identity !== null) await context.rights.fresh(context.identity)
      const source = await createSourceEventStream(args)
      if (isIterable(source)) return perEvent(source, args, mask, forget)
      forget()
      return masked(source, mask)
    } catch (error) {
      forget()
      return { errors: [mask(error)] }
    }
  }
}

/** Over HTTP; sockets call it themselves. */
export const subscribePerEvent = (subscribe: Subscribe): Plugin => ({
  onSubscribe({ setSubscribeFn }) {
    setSubscribeFn(subscribe as Parameters<typeof setSubscribeFn>[0])
  },
})
