// A file that is about to be sent, and its sending: it outlives the page, so that one can go on working meanwhile.
import { newKey } from '../api.ts'
import { keep } from '../drafts.ts'
import { paths, router } from '../router.svelte.ts'
import { session } from '../session.svelte.ts'
import { toast } from '../toasts.svelte.ts'
import { importWords } from '../words/imports.ts'
import { addedIn } from './added.ts'
import { account, type Columns } from './columns.ts'
import { nothingSaid, remember, rememberedOf, type Mapping } from './mappings.ts'
import { formatOf, previewOf, type Format, type Preview } from './preview.ts'
import { SendFailed, sendFile } from './send.ts'

/** `added`: by a download of refused rows, and known as that. `target` undefined: nobody knows yet what it is. */
export type Column = {
  name: string
  samples: readonly string[]
  target: string | null | undefined
  /** What it can be by its name, where that is not one thing. */
  candidates: readonly string[]
  added: boolean
  /** Another column is the same. */
  doubled: boolean
}

export class Upload {
  readonly company: string
  file = $state.raw<File | null>(null)
  format = $state<Format>('CSV')
  preview = $state.raw<Preview | null>(null)
  said = $state<Mapping>(nothingSaid())
  /** What was said came from an earlier file with this header. */
  remembered = $state(false)
  failure = $state<string | null>(null)
  sending = $state(false)
  /** Bytes that have left. */
  sent = $state(0)
  #abort: AbortController | null = null
  #key = ''
  #signature = ''

  constructor(company: string) {
    this.company = company
  }

  get dirty(): boolean {
    return this.file !== null
  }

  async choose(file: File): Promise<void> {
    this.clear()
    this.file = file
    this.format = formatOf(file.name)
    await this.read()
    const before = this.preview && rememberedOf(this.company, this.preview.columns)
    if (!before) return
    this.said = before
    this.remembered = true
    if (before.encoding !== null || before.delimiter !== null) await this.read()
  }

  /** Reads its beginning, as it was said how. */
  async read(): Promise<void> {
    const { file, format } = this
    if (file === null) return
    const { encoding, delimiter } = this.said
    try {
      const preview = await previewOf(file, { format, encoding, delimiter })
      if (this.file === file) this.preview = preview
    } catch {
      if (this.file === file) this.failure = importWords.send.unreadable
    }
  }

  /** Forgets the file and what was said of it; ends the sending. */
  clear(): void {
    this.#abort?.abort()
    this.file = null
    this.preview = null
    this.failure = null
    this.remembered = false
    this.said = nothingSaid()
  }

  cancel(): void {
    this.#abort?.abort()
  }

  columns(known: Columns): Column[] {
    const { columns = [], samples = [] } = this.preview ?? {}
    const added = addedIn(columns)
    const all = columns.map((name, at): Omit<Column, 'doubled'> => {
      const chosen = Object.hasOwn(this.said.columns, name) ? this.said.columns[name] : undefined
      const meant = known.meant(name)
      const own = { name, samples: samples[at] ?? [] }
      if (added.has(name) && chosen === undefined) return { ...own, target: null, candidates: [], added: true }
      const target = chosen !== undefined ? chosen : meant.length === 1 ? meant[0] : undefined
      return { ...own, target, candidates: meant.length > 1 ? meant : [], added: false }
    })
    const times = (wanted: string) => all.filter(({ target }) => target === wanted).length
    return all.map((one) => ({ ...one, doubled: typeof one.target === 'string' && times(one.target) > 1 }))
  }

  /** What has to be said before it can be sent, as a sentence; null: nothing. */
  static missing(columns: readonly Column[]): string | null {
    const words = importWords.map
    const unknown = columns.filter(({ target }) => target === undefined).length
    if (unknown > 0) return words.unknown(unknown)
    if (columns.some(({ doubled }) => doubled)) return words.doubledSome
    if (columns.length > 0 && !columns.some(({ target }) => target === account)) return words.noAccount
    return null
  }

  async send(columns: readonly Column[]): Promise<void> {
    const { file, company, format, said } = this
    if (file === null || this.sending) return
    const named = Object.fromEntries(
      columns.flatMap(({ name, target, added }) => (added ? [] : [[name, target ?? null]])),
    )
    const options = {
      empty: said.empty,
      delimiter: said.delimiter,
      encoding: said.encoding,
      nulls: said.nulls
        .split(',')
        .map((text) => text.trim())
        .filter((text) => text !== ''),
    }
    // The same again is the same import: only what was never refused keeps its key.
    const signature = JSON.stringify([file.name, file.size, file.lastModified, named, options])
    if (signature !== this.#signature) this.#key = newKey()
    this.#signature = signature
    const { person } = session
    const abort = new AbortController()
    this.#abort = abort
    this.failure = null
    this.sent = 0
    this.sending = true
    try {
      const id = await sendFile({
        ...{ company, file, format, key: this.#key, columns: named, options, signal: abort.signal },
        onprogress: (sent) => {
          this.sent = sent
          // What somebody sends ends with their sign-in.
          if (session.person !== person || session.token === null) abort.abort()
        },
      })
      this.#signature = ''
      if (this.preview) remember(company, this.preview.columns, $state.snapshot(said))
      if (this.#abort === abort) this.clear()
      if (session.person === person) arrived(id, file.name)
    } catch (failure) {
      if (!(failure instanceof SendFailed && failure.again)) this.#signature = ''
      if (this.file === file && !abort.signal.aborted)
        this.failure = failure instanceof Error ? failure.message : String(failure)
    } finally {
      if (this.#abort === abort) {
        this.sending = false
        this.#abort = null
      }
    }
  }
}

/** Where one waits for it its plan is shown, elsewhere it is said. */
const arrived = (id: string, name: string): void => {
  if (router.place.page === 'imports') router.go(paths.import(id))
  else
    toast(importWords.send.arrived(name), {
      action: { text: importWords.send.look, run: () => router.go(paths.import(id)) },
    })
}

/** The upload to a company, also one that was begun before one went elsewhere. */
export const uploadOf = (company: string): Upload => keep(`imports/upload/${company}`, () => new Upload(company))
