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

/**
 * Hand-written: a generator's own `return` would wait for the `next` under way, and a quiet stream would never end. A class, as there
 * are ten thousands of them.
 */
class PerEvent implements Results {
  readonly #source: AsyncIterator<unknown>
  readonly #args: ExecutionArgs
  readonly #mask: (error: unknown) => GraphQLError
  readonly #onEnd: () => void
  readonly #outlet: Outlet | null
  #expiry: ReturnType<typeof setTimeout> | undefined
  readonly #unwatched: (() => void) | undefined
  #ended = false

  constructor(
    source: AsyncIterable<unknown>,
    args: ExecutionArgs,
    mask: (error: unknown) => GraphQLError,
    onEnd: () => void,
  ) {
    const { viewer, app, outlet, rights, identity } = args.contextValue as Context
    const { schema, document, operationName, variableValues } = args
    this.#source = source[Symbol.asyncIterator]()
    this.#args = { schema, document, operationName, variableValues }
    this.#mask = mask
    this.#onEnd = onEnd
    this.#outlet = outlet
    // A socket is closed as a whole when its sign-in ends.
    if (outlet !== null) return
    this.#endAt(viewer?.expiresAt ?? null, app)
    if (identity?.keyId !== undefined) this.#unwatched = rights.whenRevoked(identity.keyId, () => this.#end())
  }

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    if (this.#ended) return done
    try {
      for (;;) {
        const { done: finished, value } = (await this.#source.next()) as IteratorResult<unknown, unknown>
        if (finished === true || this.#ended) {
          this.#end()
          return done
        }
        if (isResolved(value)) {
          const { resolved, tag } = value
          if (this.#outlet === null)
            return { done: false, value: readyResult(resolved.pieces.join(tag), resolved.cursor + tag) }
          await this.#outlet.send(resolved.pieces, tag)
          continue
        }
        if (!isDelivery(value)) throw new Error('a stream gave something that is no delivery')
        const result = await execute({ ...this.#args, rootValue: value, contextValue: value.context })
        return { done: false, value: masked(result, this.#mask) }
      }
    } catch (error) {
      this.#end()
      return { done: false, value: { errors: [this.#mask(error)] } }
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult, void>> {
    this.#end()
    return done
  }

  async throw(error: unknown): Promise<never> {
    this.#end()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #endAt(expiresAt: number | null, app: Context['app']): void {
    if (expiresAt === null) return
    const left = expiresAt - app.clock().getTime()
    if (left <= 0) return this.#end()
    this.#expiry = setTimeout(() => this.#endAt(expiresAt, app), Math.min(left, longestTimer))
    this.#expiry.unref()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#expiry)
    this.#unwatched?.()
    void this.#source.return?.().catch(() => undefined)
    this.#outlet?.clear()
    this.#onEnd()
  }
}

const done = { done: true, value: undefined } as const

/**
 * `mask`: what may be shown of an error that is thrown between messages. `sharing`: how an operation's messages are shared with those
 * of others.
 */
export const createSubscribe = (
  mask: (error: unknown) => GraphQLError,
  sharing: (args: ExecutionArgs) => Sharing,
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
    const shared = sharing(args)
    context.sharing = shared
    const forget = (): void => {
      count(userId, -1)
      shared.release()
    }
    try {
      // A socket has asked for it already; what a request was recognised as says nothing to the streams.
      if (context.outlet === null && context.identity !== null) await context.rights.fresh(context.identity)
      const source = await createSourceEventStream(args)
      if (isIterable(source)) return new PerEvent(source, args, mask, forget)
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
