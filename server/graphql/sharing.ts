// Execute once: what many readers follow with the same operation is resolved once for each kind of them, and written to all in one
// turn of the loop (ARCHITECTURE 5.5). Only the end of the cursor is each reader's own.
import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { execute, type DocumentNode, type ExecutionArgs, type GraphQLError } from 'graphql'
import type { SealedEvent } from '../domain/log.ts'
import { openChannel, type Channel, type Member } from '../live/channel.ts'
import type { CursorSeal } from '../live/cursors.ts'
import type { Joined, StreamMessage } from '../live/stream.ts'
import type { Topic } from '../live/topics.ts'
import type { Log } from '../log.ts'
import type { Viewer } from '../services/app.ts'
import type { Follower } from '../services/rights.ts'
import { kindOf, observe } from './audience.ts'
import { contextWith, type Context } from './context.ts'
import { operationKey } from './operation-key.ts'
import type { Outlet } from './outlet.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/** What can be told to many: the events of a company's topic, and the message that each becomes. */
export type SharedSource = {
  readonly companyId: string
  readonly topic: Topic
  readonly accept: (event: SealedEvent) => boolean
  readonly cursors: CursorSeal
  /** What to resolve the selection on; undefined: nothing, null: the reader may not read on. */
  readonly messageOf: (message: StreamMessage<unknown>, context: Context) => Promise<object | undefined | null>
}

/** A message as text, to be put together with each reader's own tag wherever the cursor was asked for; the cursor without the tag. */
export type Shared = { readonly pieces: readonly string[]; readonly cursor: string }

export type TextFor = Shared | undefined | null

export type Sharing = {
  /** The message of an event for a reader; undefined and null as `messageOf` has them. */
  textOf(source: SharedSource, event: SealedEvent, context: Context): Promise<TextFor>
  /** The same of a snapshot that holds everything up to `at`: while nothing happens it is read once for all who come. */
  snapshotOf(source: SharedSource, message: StreamMessage<unknown>, at: number, context: Context): Promise<TextFor>
  /** From now on the reader gets what comes together with the others. */
  join(source: SharedSource, follower: Follower, outlet: Outlet, position: number): Joined
  /** To be called once by whoever was given it, when their stream has ended. */
  release(): void
}

type Reader = Member & { readonly follower: Follower; readonly outlet: Outlet; readonly tag: string }
/** `personal`: true for this viewer only; `failed`: errors are in it, and another time they may not be. */
type Told = { readonly text: Shared | undefined | null; readonly personal: boolean; readonly failed?: boolean }
const personally: Told = { text: undefined, personal: true }
/** What a message is for each reader; `personal`: it had to be resolved for each of them. */
type Texts = { readonly textOf: (reader: Reader) => Shared | undefined | null; readonly personal: boolean }
/** What one message is by kind, for so long. */
type Telling = { readonly told: Map<string, Promise<Told>>; readonly until: number }
/** Readers who may be told the same, unless it is somebody's own. */
type Kind = ReadonlyMap<Reader, Viewer>
/** `isNew`: has the reader not got it yet? */
type Message = Texts & { readonly position: number; readonly isNew: (reader: Reader) => boolean }
/** Stands where each reader's own tag will. Nobody outside of the process ever sees it. */
const tagPlace = randomBytes(18).toString('base64url')
/** So long a message is good for who comes next: what it shows beside its event is to be as it is now. */
const freshMs = 5_000
/** Events that are resolved, and written to each reader, as one. */
const eventsAtOnce = 20
/** After so many writes whoever else waits has a turn. */
const writesPerTurn = 1_000

export type SharingOptions = {
  readonly app: Context['app']
  readonly live: Context['live']
  readonly rights: Context['rights']
  readonly log: Log
  readonly mask: (error: unknown) => GraphQLError
}

/** For all operations of a process; the answer gives each operation its own `Sharing`. */
export const createSharing = ({ app, live, rights, log, mask }: SharingOptions) => {
  // A document is the same object for the same text, as long as the parser remembers it.
  const operations = new WeakMap<DocumentNode, Map<string, { readonly sharing: Sharing; readers: number }>>()

  const resolve = async (
    args: ExecutionArgs,
    source: SharedSource,
    message: StreamMessage<unknown>,
    viewer: Viewer,
    loaders: Loaders,
  ): Promise<Told> => {
    const observed = observe(viewer, source.companyId)
    const context = contextWith({ app, live, rights }, observed.viewer, loaders)
    const found = await source.messageOf(message, context)
    if (found === undefined || found === null) return { text: found, personal: observed.isPersonal() }
    const root = { message: found, context }
    const { errors, ...result } = await execute({ ...args, rootValue: root, contextValue: context })
    const text = JSON.stringify({ ...result, ...(errors && { errors: errors.map(mask) }) })
    return {
      text: { pieces: text.split(tagPlace), cursor: message.cursor().replace(tagPlace, '') },
      personal: observed.isPersonal(),
      failed: errors !== undefined,
    }
  }

  const create = (args: ExecutionArgs, release: () => void): Sharing => {
    /** What messages are by kind, for as long as anybody holds what they are about. */
    const tellings = new WeakMap<object, Telling>()
    /** What the last snapshot is remembered by. */
    let snapshot: { readonly at: number; readonly until: number } | undefined
    let current: Channel<Reader> | undefined
    /** The last message had to be resolved for each reader, so the next will have to be as well. */
    let wasPersonal = false

    const tellingOf = (about: object): Telling => {
      const now = app.clock().getTime()
      const last = tellings.get(about)
      if (last !== undefined && now < last.until) return last
      const telling: Telling = { told: new Map(), until: now + freshMs }
      tellings.set(about, telling)
      return telling
    }

    /** The message for a viewer: as it has been resolved for others if it may be. `about` is what it is remembered by. */
    const tell = async (
      source: SharedSource,
      about: object,
      message: StreamMessage<unknown>,
      viewer: Viewer,
      loaders: Loaders,
    ): Promise<Told> => {
      const kind = kindOf(viewer, source.companyId)
      if (kind === null) return { text: null, personal: false }
      const { told } = tellingOf(about)
      const own = (): Promise<Told> => resolve(args, source, message, viewer, loaders)
      const known = told.get(kind)
      if (known !== undefined) {
        const ofKind = await known
        return ofKind.personal ? own() : ofKind
      }
      const telling = own()
      told.set(kind, telling)
      telling.then(
        ({ failed, personal }) => {
          // What went wrong once need not go wrong again.
          if (failed) told.delete(kind)
          // Events are remembered for long, and readers are many: of what is each one's own only that it is so.
          else if (personal) told.set(kind, Promise.resolve(personally))
        },
        () => told.delete(kind),
      )
      return telling
    }

    const messageAt = ({ cursors }: SharedSource, event: SealedEvent): StreamMessage<unknown> => {
      const cursor = cursors.place(event.seal.feed) + tagPlace
      return { kind: 'events', events: [event], cursor: () => cursor }
    }

    const open = (source: SharedSource): Channel<Reader> => {
      /** Readers by what they may be told, as of now, each with who they are as of now. Who may not read on is let go. */
      const byKind = async (readers: readonly Reader[]): Promise<readonly Kind[]> => {
        const viewers = await rights.ofAll(readers.map(({ follower }) => follower))
        const kinds = new Map<string, Map<Reader, Viewer>>()
        for (const [n, reader] of readers.entries()) {
          const viewer = viewers[n]
          const kind = viewer === undefined ? null : kindOf(viewer, source.companyId)
          const others = kind === null ? undefined : kinds.get(kind)
          if (viewer === undefined || kind === null) channel.dismiss(reader, { kind: 'closed' })
          else if (others === undefined) kinds.set(kind, new Map([[reader, viewer]]))
          else others.set(reader, viewer)
        }
        return [...kinds.values()]
      }
      /** What a message is for each of these readers. */
      const textsFor = async (
        about: object,
        message: StreamMessage<unknown>,
        readers: Kind,
        loaders: Loaders,
      ): Promise<Texts> => {
        // Who they are is not asked again: who has become another meanwhile would speak for all of the kind.
        const tellTo = (viewer: Viewer): Promise<Told> => tell(source, about, message, viewer, loaders)
        const [first, ...others] = readers
        if (first === undefined) return { textOf: () => undefined, personal: false }
        const told = await tellTo(first[1])
        if (!told.personal) return { textOf: () => told.text, personal: false }
        // Once for each person, however many pages they have open.
        const byPerson = new Map([[first[1].userId, Promise.resolve(told)]])
        const own = new Map([[first[0], told.text]])
        for (const [, viewer] of others) if (!byPerson.has(viewer.userId)) byPerson.set(viewer.userId, tellTo(viewer))
        await Promise.all(
          others.map(async ([reader, { userId }]) => own.set(reader, (await byPerson.get(userId))?.text)),
        )
        return { textOf: (reader) => own.get(reader), personal: true }
      }
      /** All that a reader does not have yet of some messages, in one go. Answers how many there were. */
      const writeTo = (reader: Reader, messages: readonly Message[]): number =>
        reader.outlet.together(() => {
          let written = 0
          for (const { position, isNew, textOf } of messages) {
            if (!isNew(reader)) continue
            const text = textOf(reader)
            written += 1
            if (text === null) channel.dismiss(reader, { kind: 'closed' })
            else if (text !== undefined && !reader.outlet.write(text.pieces, reader.tag)) {
              // What waits is older than the snapshot that is to come.
              reader.outlet.clear()
              channel.dismiss(reader, { kind: 'overflow' })
            } else {
              reader.position = position
              continue
            }
            break
          }
          return written
        })
      const writeToAll = async (
        readers: Iterable<Reader>,
        messages: readonly Message[],
        members: ReadonlySet<Reader>,
      ): Promise<void> => {
        let written = 0
        for (const reader of readers) {
          if (!members.has(reader)) continue
          written += writeTo(reader, messages)
          if (written < writesPerTurn) continue
          written = 0
          await nextTurn()
        }
      }
      const channel = openChannel<Reader>({
        hub: live.hub,
        topic: source.topic,
        accept: source.accept,
        log,
        async deliver(events, members) {
          const loaders = createLoaders(app)
          const kinds = await byKind([...members])
          const messageFor = async (event: SealedEvent, readers: Kind): Promise<Message> => {
            const position = event.seal.feed
            const texts = await textsFor(event, messageAt(source, event), readers, loaders)
            return { position, isNew: (reader) => reader.position < position, ...texts }
          }
          for (const readers of kinds) {
            // What is each one's own is resolved for everybody who reads: a burst of that at once would fill the memory.
            for (let n = 0; n < events.length;) {
              const atOnce = wasPersonal ? 1 : eventsAtOnce
              const messages = await Promise.all(events.slice(n, n + atOnce).map((event) => messageFor(event, readers)))
              wasPersonal = messages.some(({ personal }) => personal)
              await writeToAll(readers.keys(), messages, members)
              n += atOnce
            }
          }
        },
        async beat(position, members) {
          const cursor = source.cursors.place(position) + tagPlace
          const beat = { kind: 'heartbeat', cursor: () => cursor } as const
          const loaders = createLoaders(app)
          for (const readers of await byKind([...members])) {
            const texts = await textsFor(beat, beat, readers, loaders)
            const message = { position, isNew: (reader: Reader) => reader.position <= position, ...texts }
            await writeToAll(readers.keys(), [message], members)
          }
        },
        onEmpty() {
          current = undefined
        },
      })
      return channel
    }

    return {
      async textOf(source, event, context) {
        const { viewer, loaders } = context
        if (viewer === null) return null
        return (await tell(source, event, messageAt(source, event), viewer, loaders)).text
      },
      async snapshotOf(source, message, at, { viewer, loaders }) {
        if (viewer === null) return null
        const now = app.clock().getTime()
        if (snapshot?.at !== at || now >= snapshot.until) snapshot = { at, until: now + freshMs }
        const cursor = source.cursors.place(at) + tagPlace
        return (await tell(source, snapshot, { ...message, cursor: () => cursor }, viewer, loaders)).text
      },
      join(source, follower, outlet, position) {
        current ??= open(source)
        return current.join({ position, follower, outlet, tag: source.cursors.tag })
      },
      release,
    }
  }

  return (args: ExecutionArgs): Sharing => {
    const key = operationKey(args)
    const ofDocument =
      operations.get(args.document) ?? new Map<string, { readonly sharing: Sharing; readers: number }>()
    operations.set(args.document, ofDocument)
    const release = (): void => {
      entry.readers -= 1
      if (entry.readers === 0) ofDocument.delete(key)
    }
    const { document, schema, operationName, variableValues } = args
    const entry = ofDocument.get(key) ?? {
      sharing: create({ document, schema, operationName, variableValues }, release),
      readers: 0,
    }
    entry.readers += 1
    ofDocument.set(key, entry)
    return entry.sharing
  }
}
