// What is resolved for whom, over a schema of one field and readers whose rights the test decides.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { GraphQLObjectType, GraphQLSchema, GraphQLString, GraphQLError, parse, type ExecutionArgs } from 'graphql'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Context } from '../../server/graphql/context.ts'
import type { Outlet } from '../../server/graphql/outlet.ts'
import { createSharing, type SharedSource } from '../../server/graphql/sharing.ts'
import { createCursors } from '../../server/live/cursors.ts'
import { startHub, type Hub } from '../../server/live/hub.ts'
import type { Role } from '../../server/domain/directory.ts'
import type { Viewer } from '../../server/services/app.ts'
import type { Follower, Rights } from '../../server/services/rights.ts'
import { viewerWith } from '../../server/services/viewer.ts'
import { handFeed, sealed, sealedAll } from '../live/sealed.ts'

const log = pino({ level: 'silent' })
const roles = new Map<string, Role[]>()
/** Every time that something was resolved: for whom. */
const resolved: string[] = []
/** Called when the roles of somebody are asked for. */
let asked: (userId: string) => void = () => undefined
let hubs: Hub[] = []
beforeEach(() => {
  roles.clear()
  resolved.length = 0
  asked = () => undefined
})
afterEach(() => {
  for (const hub of hubs) hub.stop()
  hubs = []
})

const follower = (id: string): Follower => ({
  user: { user: { id, kind: 'PERSON', name: id, email: null, responsibleId: null }, companyId: null },
  expiresAt: null,
})
const viewerOf = (one: Follower): Viewer => {
  const { id } = one.user.user
  const own = roles.get(id)
  const memberships = own ? [{ companyId: 'c', code: 'C', name: 'C', roles: own, active: true, setupVersion: 1 }] : []
  const viewer = viewerWith(memberships, one.user, null)
  asked(id)
  return viewer
}
const rights: Rights = {
  of: (one) => Promise.resolve(viewerOf(one)),
  fresh: (one) => Promise.resolve(viewerOf(one)),
  ofAll: (all) => all.map(viewerOf),
  heard: () => undefined,
  watch: () => undefined,
  isRevoked: () => false,
  whenRevoked: () => () => undefined,
}
const rolesOf = ({ viewer }: Context): string => viewer?.memberships.get('c')?.roles.join(' ') ?? 'none'
const fields = {
  shared: { type: GraphQLString, resolve: (_root: unknown, _args: unknown, context: Context) => rolesOf(context) },
  own: { type: GraphQLString, resolve: (_root: unknown, _args: unknown, { viewer }: Context) => viewer?.userId },
}
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields }),
  subscription: new GraphQLObjectType({ name: 'Subscription', fields }),
})

const start = async (query: string) => {
  const { feed, give } = handFeed()
  const hub = await startHub({ feed, heartbeatMs: 1_000_000 })
  hubs.push(hub)
  const args = { schema, document: parse(query), variableValues: {} } as unknown as ExecutionArgs
  const parts = { app: { clock: () => new Date(0) }, live: { hub }, rights } as unknown as Pick<
    Context,
    'app' | 'live' | 'rights'
  >
  const sharingOf = createSharing({ ...parts, log, mask: (error) => error as GraphQLError })
  const join = (id: string) => {
    const texts: unknown[] = []
    const outlet: Outlet = {
      write(pieces, tag) {
        texts.push((JSON.parse(pieces.join(tag)) as { data: unknown }).data)
        return true
      },
      send: () => Promise.resolve(),
      together: (write) => write(),
      clear: () => undefined,
    }
    const purpose = { field: 'f', variables: {}, personId: id, shared: true }
    const source: SharedSource = {
      companyId: 'c',
      topic: { companyId: 'c' },
      accept: () => true,
      cursors: createCursors('secret', () => new Date(0)).for(purpose),
      messageOf: (message) => {
        resolved.push(id)
        return Promise.resolve(message)
      },
    }
    const sharing = sharingOf(args)
    const joined = sharing.join(source, follower(id), outlet, hub.position())
    let left: string | undefined
    void joined.left.then(({ kind }) => (left = kind))
    return { texts, left: () => left, sharing, source, leave: () => joined.leave() }
  }
  const ask = (variableValues: Record<string, unknown>) => sharingOf({ ...args, variableValues })
  return { give, join, ask }
}
const waiting = <T>(check: () => T) => vi.waitFor(check, { timeout: 5_000, interval: 5 })

describe('what is the same for all of a kind', () => {
  test('is resolved once for each kind', async () => {
    const { give, join } = await start('subscription { shared }')
    const readers = ['a', 'b', 'c', 'd', 'e'].map((id, n) => {
      roles.set(id, n < 3 ? ['READER'] : ['CLERK'])
      return join(id)
    })
    give(sealedAll(1))
    await waiting(() => expect(readers.map(({ texts }) => texts.length)).toEqual([1, 1, 1, 1, 1]))
    expect(readers.map(({ texts }) => texts[0])).toEqual(
      ['READER', 'READER', 'READER', 'CLERK', 'CLERK'].map((shared) => ({ shared })),
    )
    expect(resolved).toHaveLength(2)
  })

  test.each<[string, Role[] | null]>([
    ['is given more', ['CLERK']],
    ['loses everything', null],
  ])('stays theirs when somebody of them %s while it is told', async (_what, changed) => {
    const { give, join } = await start('subscription { shared }')
    for (const id of ['a', 'b', 'c']) roles.set(id, ['READER'])
    const readers = ['a', 'b', 'c'].map(join)
    // As soon as everybody has been sorted, the first is somebody else.
    asked = (id) => {
      if (id !== 'c') return
      if (changed === null) roles.delete('a')
      else roles.set('a', changed)
    }
    give(sealedAll(1))
    await waiting(() => expect(readers[1]?.texts).toHaveLength(1))
    expect(readers.map(({ texts }) => texts[0])).toEqual(['READER', 'READER', 'READER'].map((shared) => ({ shared })))
    expect(readers.slice(1).map(({ left }) => left())).toEqual([undefined, undefined])
    give([sealed(2)])
    await waiting(() => expect(readers[1]?.texts).toHaveLength(2))
    expect(readers.slice(1).map(({ texts }) => texts[1])).toEqual(['READER', 'READER'].map((shared) => ({ shared })))
    if (changed === null) expect(readers[0]?.left()).toBe('closed')
    else expect(readers[0]?.texts[1]).toEqual({ shared: 'CLERK' })
  })
})

describe("what is somebody's own", () => {
  test('is resolved for each, and told to nobody else', async () => {
    const { give, join } = await start('subscription { shared own }')
    for (const id of ['a', 'b', 'c']) roles.set(id, ['READER'])
    const readers = ['a', 'b', 'c'].map(join)
    give(sealedAll(1, 2))
    await waiting(() => expect(readers.map(({ texts }) => texts.length)).toEqual([2, 2, 2]))
    for (const [n, own] of ['a', 'b', 'c'].entries())
      expect(readers[n]?.texts).toEqual([
        { shared: 'READER', own },
        { shared: 'READER', own },
      ])
  })

  test('is not kept once it is told: an event is remembered for long, and readers are many', async () => {
    const { give, join } = await start('subscription { own }')
    for (const id of ['a', 'b']) roles.set(id, ['READER'])
    const [one, two] = [join('a'), join('b')]
    const event = sealed(1)
    give([event])
    await waiting(() => expect([one.texts.length, two.texts.length]).toEqual([1, 1]))
    resolved.length = 0
    for (const id of ['a', 'b']) {
      const context = { viewer: viewerOf(follower(id)), loaders: {} } as unknown as Context
      const again = await one.sharing.textOf(one.source, event, context)
      expect(again?.pieces.join('')).toContain(`"own":"${id}"`)
    }
    expect(resolved).toHaveLength(2)
  })
})

describe('an operation', () => {
  const collect = (): number => {
    setFlagsFromString('--expose-gc')
    ;(runInNewContext('gc') as () => void)()
    return process.memoryUsage().heapUsed
  }

  test('is forgotten with the last who follows it, whatever its variables were', async () => {
    const { ask } = await start('subscription ($a: String) { shared @include(if: $a) }')
    const before = collect()
    // A text of its own each, or all of them would be pieces of one.
    for (let n = 0; n < 10_000; n++) ask({ a: Buffer.alloc(3_000, `${n} `).toString() }).release()
    expect(collect() - before).toBeLessThan(10_000_000)
  })

  test('is remembered as long as somebody follows it, and read along with by who comes when others have left', async () => {
    const { give, join } = await start('subscription { shared }')
    for (const id of ['a', 'b', 'c', 'd']) roles.set(id, ['READER'])
    const [one, two] = [join('a'), join('b')]
    one.leave()
    one.sharing.release()
    const three = join('c')
    give(sealedAll(1))
    await waiting(() => expect([two.texts.length, three.texts.length]).toEqual([1, 1]))
    expect([one.texts.length, resolved.length]).toEqual([0, 1])
    // All have left the others, to start again, and somebody is there already.
    two.leave()
    three.leave()
    const four = join('d')
    give([sealed(2)])
    await waiting(() => expect(four.texts).toHaveLength(1))
  })
})
