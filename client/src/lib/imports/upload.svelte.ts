// A file that is about to be sent, and its sending: it outlives the page, so that one can go on working meanwhile.
import { newKey } from '../api.ts'
import { keep } from '../drafts.ts'
import { paths, router } from '../router.svelte.ts'
import { session } from '../session.svelte.ts'
import { toast } from '../toasts.svelte.ts'
import { importWords } from '../words/imports.ts'
import { addedIn } from './added.ts'
import { account, mostColumns, normalName, type Columns } from './columns.ts'
import { nothingSaid, remember, rememberedOf, type Mapping } from './mappings.ts'
import { formatOf, NoText, previewOf, type Format, type Preview } from './preview.ts'
import { SendFailed, sendFile } from './send.ts'

/**
 * What is wrong with a column, whatever else it is: it has no name; another has the same, in which capitals and spaces make no
 * difference; another is the same field.
 */
export type ColumnFault = 'UNNAMED' | 'NAMESAKE' | 'DOUBLED'
/** `added`: by a download of refused rows, and known as that. `target` undefined: nobody knows yet what it is. */
export type Column = {
  name: string
  samples: readonly string[]
  target: string | null | undefined
  /** What it can be by its name, where that is not one thing. */
  candidates: readonly string[]
  added: boolean
  fault: ColumnFault | null
}

const isUnknown = ({ target, fault }: Column) => target === undefined && fault === null
const textsIn = (typed: string): string[] =>
  typed
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')

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
    this.#keep()
    this.clear()
    this.file = file
    this.format = formatOf(file.name)
    await this.read()
    if (this.file !== file) return
    const before = this.preview && rememberedOf(this.company, this.preview.columns)
    if (!before) return
    this.said = before
    this.remembered = true
    if (before.encoding !== null || before.delimiter !== null) await this.read()
  }

  /** Another file with this header begins with what was said of this one. */
  #keep(): void {
    if (this.preview) remember(this.company, this.preview.columns, $state.snapshot(this.said))
  }

  /** Forgets what was said of such a file, not the file. */
  async startOver(): Promise<void> {
    this.said = nothingSaid()
    this.remembered = false
    await this.read()
  }

  /** Says of columns that nobody knows that they are not read. */
  leaveOut(columns: readonly Column[]): void {
    const unknown = columns.filter(isUnknown)
    this.said.columns = { ...this.said.columns, ...Object.fromEntries(unknown.map(({ name }) => [name, null])) }
  }

  /** Takes a text for nothing from now on. */
  takeForNothing(text: string): void {
    this.said.nulls = [...textsIn(this.said.nulls), text].join(', ')
  }

  /** Texts among the first rows that may mean nothing, of which nothing has been said. */
  get nothings(): readonly string[] {
    const said = textsIn(this.said.nulls)
    return (this.preview?.nothings ?? []).filter((text) => !said.includes(text))
  }

  /** Reads its beginning, as it was said how. */
  async read(): Promise<void> {
    const { file, format } = this
    if (file === null) return
    const { encoding, delimiter } = this.said
    try {
      const preview = await previewOf(file, { format, encoding, delimiter })
      if (this.file === file) this.preview = preview
    } catch (failure) {
      if (this.file !== file) return
      const noText = failure instanceof NoText
      if (noText) this.preview = null
      this.failure = noText ? importWords.send.noText : importWords.send.unreadable
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
    const names = Map.groupBy(columns, normalName)
    const all = columns.map((name, at): Column => {
      const chosen = Object.hasOwn(this.said.columns, name) ? this.said.columns[name] : undefined
      const meant = known.meant(name)
      const namesake = (names.get(normalName(name))?.length ?? 0) > 1
      const fault = name === '' ? 'UNNAMED' : namesake ? 'NAMESAKE' : null
      const own = { name, samples: samples[at] ?? [], fault } as const
      if (added.has(name) && chosen === undefined) return { ...own, target: null, candidates: [], added: true }
      const target = chosen !== undefined ? chosen : meant.length === 1 ? meant[0] : undefined
      return { ...own, target, candidates: meant.length > 1 ? meant : [], added: false }
    })
    const targets = Map.groupBy(all, ({ target }) => target ?? '')
    return all.map((one) => {
      const doubled = typeof one.target === 'string' && (targets.get(one.target)?.length ?? 0) > 1
      return { ...one, fault: one.fault ?? (doubled ? 'DOUBLED' : null) }
    })
  }

  /** How many columns nobody knows yet. */
  static unknown(columns: readonly Column[]): number {
    return columns.filter(isUnknown).length
  }

  /** Why nothing that is said of its columns makes the file one that can be sent, as a sentence; null: it can. */
  get unfit(): string | null {
    const { format, preview } = this
    if (preview === null) return null
    if (preview.columns.length === 0 && format === 'CSV') return importWords.map.noHeader
    const most = mostColumns + addedIn(preview.columns).size
    return preview.columns.length > most ? importWords.map.tooMany(preview.columns.length, most) : null
  }

  /** What has to be said before it can be sent, as a sentence; null: nothing. */
  static missing(columns: readonly Column[]): string | null {
    const words = importWords.map
    const faulty = (wanted: ColumnFault) => columns.some(({ fault }) => fault === wanted)
    if (faulty('UNNAMED')) return words.unnamedSome
    if (faulty('NAMESAKE')) return words.namesakes
    const unknown = Upload.unknown(columns)
    if (unknown > 0) return words.unknown(unknown)
    if (faulty('DOUBLED')) return words.doubledSome
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
      nulls: textsIn(said.nulls),
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
    // Also of a file that is refused: the next one is the same, mended.
    this.#keep()
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
