// A connection that dies must cost its own work only. With postgres.js 3.4.9 it costs more: the driver's ROLLBACK goes to
// a socket that is gone and ends the process (porsager/postgres#1208, #1209), work that outlives its transaction writes
// into the next one on that connection (#1215, #1216), and a connection that died at work answers its next query with the
// old error, or never again. To be removed when a release has these mended.
import { setImmediate as turn } from 'node:timers/promises'
import postgres from 'postgres'

type Work = (tx: postgres.TransactionSql) => unknown

/** A transaction as its caller sees it: over for good with `loss`, whatever the driver still makes of it. */
type Session = {
  begun: boolean
  lost: boolean
  /** Rejects once the transaction is over without having been committed, or nobody knows. */
  readonly loss: Promise<never>
  lose(error: unknown): void
}

/** How long a pool that was replaced may go on with what it has, before it is told to end and then made to. */
const retirementMs = 30_000

/** Does this say that the session itself has ended? Not asked of a statement's own failure, after which the session lives. */
const saysGone = (error: unknown): boolean =>
  error instanceof Error &&
  ('syscall' in error ||
    ('code' in error && typeof error.code === 'string' && error.code.startsWith('CONNECTION_')) ||
    ('severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')) ||
    saysGone(error.cause))

const createSession = (): Session => {
  const { promise: loss, reject } = Promise.withResolvers<never>()
  loss.catch(() => undefined)
  const session: Session = {
    begun: false,
    lost: false,
    loss,
    lose(error) {
      session.lost = true
      reject(error)
    },
  }
  return session
}

/** A query's own word that the session has ended comes before anybody can send another one on it. */
const observed = (session: Session, made: unknown): unknown => {
  // Not `made.catch`, which sends a query: this may be a fragment of another one.
  if (made instanceof Promise)
    void Promise.prototype.then.call(made, undefined, (error: unknown) => {
      if (saysGone(error)) session.lose(error)
    })
  return made
}

/** When an error says that a session has ended, the driver may tell the transaction so only a moment later. */
const settled = async (error: unknown): Promise<void> => {
  if (saysGone(error)) await turn()
}

/** The work as the driver may run it: it never ends once the session is lost, so that no ROLLBACK or COMMIT follows it. */
const guarded =
  (session: Session, work: Work): Work =>
  async (tx) => {
    session.begun = true
    try {
      const made = work(watched(session, tx))
      const result: unknown = await (Array.isArray(made) ? Promise.all(made) : made)
      if (!session.lost) return result
    } catch (error) {
      await settled(error)
      if (!session.lost) throw error
    }
    return new Promise<never>(() => undefined)
  }

const withGuard = (session: Session, args: readonly unknown[]): unknown[] =>
  args.map((arg) => (typeof arg === 'function' ? guarded(session, arg as Work) : arg))

/** The transaction as its work sees it: refuses everything once it is over. */
const watched = (session: Session, tx: postgres.TransactionSql): postgres.TransactionSql => {
  const refuseIfLost = (): void => {
    if (session.lost) throw Object.assign(new Error('the transaction is over'), { code: 'CONNECTION_CLOSED' })
  }
  const savepoint = async (...args: unknown[]): Promise<unknown> => {
    refuseIfLost()
    const begin = tx.savepoint.bind(tx) as (...args: unknown[]) => Promise<unknown>
    try {
      return await Promise.race([session.loss, begin(...withGuard(session, args))])
    } catch (error) {
      await settled(error)
      throw error
    }
  }
  const sending = (name: 'unsafe' | 'file') => {
    const send = tx[name].bind(tx) as (...args: unknown[]) => unknown
    return (...args: unknown[]): unknown => {
      refuseIfLost()
      return observed(session, send(...args))
    }
  }
  return new Proxy(tx, {
    apply: (target, self, args) => {
      refuseIfLost()
      return observed(session, Reflect.apply(target, self, args))
    },
    get: (target, name) => {
      if (name === 'savepoint') return savepoint
      return name === 'unsafe' || name === 'file' ? sending(name) : (Reflect.get(target, name) as unknown)
    },
  })
}

/** The driver's own description of a pool; it reads it anew for each connection. */
type Described = postgres.Sql['options'] & {
  onclose?: () => void
  fetch_types: boolean
  parameters: object
  shared: { typeArrayMap: object }
}

/** A pool by the description of another: the driver takes what is its own as it is, with parsers, types and how long it waits. */
const again = postgres as unknown as (described: Described) => postgres.Sql

/** The oid of `int4[]`. */
const integers = 1007

/**
 * Lets a pool ask a new session for the types of arrays only until they are known, if not from `like`: when a connection dies
 * of that question, nobody catches what the driver throws, and the process ends.
 */
export const askForTypes = (pool: postgres.Sql, like?: postgres.Sql): void => {
  const options = pool.options as Described
  if (like !== undefined) {
    const { parsers, serializers, shared } = like.options as Described
    Object.assign(options.parsers, parsers)
    Object.assign(options.serializers, serializers)
    Object.assign(options.shared.typeArrayMap, shared.typeArrayMap)
  }
  const unknown = (): boolean => !(integers in options.parsers)
  Object.defineProperty(options, 'fetch_types', { get: unknown, enumerable: true, configurable: true })
}

/**
 * A pool that outlives its connections, in the place of `first`, which has not been used yet. A transaction whose connection
 * dies rejects: at COMMIT nobody knows whether it was done, before it nothing was. It is begun anew, once, only where the
 * connection had died before any of its work.
 *
 * A pool that has lost a connection, or has renewed one for its age, is replaced as a whole by a fresh one.
 */
export const outliving = (first: postgres.Sql): postgres.Sql => {
  const retired = new Map<postgres.Sql, NodeJS.Timeout>()
  let ending = false

  const tended = (pool: postgres.Sql): postgres.Sql => {
    const options = pool.options as Described
    options.onclose = () => {
      // A pool that never reached the server has nothing stale in it, and waits longer after each attempt.
      if (ending || pool !== current || Object.keys(pool.parameters).length === 0) return
      current = tended(again({ ...options, parameters: {} }))
      askForTypes(current)
      const retire = (): void => {
        retired.delete(pool)
        void pool.end({ timeout: retirementMs / 1000 })
      }
      retired.set(pool, setTimeout(retire, retirementMs).unref())
    }
    return pool
  }
  let current = tended(first)

  const attempt = async (session: Session, args: readonly unknown[]): Promise<unknown> => {
    const begin = current.begin.bind(current) as (...args: unknown[]) => Promise<unknown>
    const done = begin(...withGuard(session, args))
    done.catch((error: unknown) => session.lose(error))
    return Promise.race([session.loss, done])
  }

  const begin = async (...args: unknown[]): Promise<unknown> => {
    const session = createSession()
    try {
      return await attempt(session, args)
    } catch (error) {
      if (session.begun || !saysGone(error)) throw error
      return attempt(createSession(), args)
    }
  }

  const end = async (options?: { timeout?: number }): Promise<void> => {
    ending = true
    const old = [...retired]
    retired.clear()
    for (const [, timer] of old) clearTimeout(timer)
    // A connection that died at work waits for an answer to the last, which must not hold up whoever ends the others.
    await Promise.all([current.end(options), ...old.map(([pool]) => pool.end({ timeout: 1 }))])
  }

  return new Proxy(current, {
    apply: (_, self, args) => Reflect.apply(current, self, args) as unknown,
    get: (_, name) => (name === 'begin' ? begin : name === 'end' ? end : (Reflect.get(current, name) as unknown)),
  })
}
