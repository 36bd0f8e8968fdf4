// Which of many lines stand in the page: those in view with some above and below, and those that must not leave it. Heights are
// measured as lines come; one that nobody has seen counts as the average of those. What is looked at stays where it is.
import { untrack } from 'svelte'
import { RowHeights } from './row-heights.ts'

/** Beyond what is in view, so that scrolling and tabbing find the next ones there. */
const beyond = 6
/** At most, with those that are kept. */
const most = 58

type Row = { readonly id: string }
type Slot = Row & { readonly index: number; readonly top: number }

/** Not rounded: a thousand halves of a pixel are a screen. */
const heightOf = (line: HTMLElement): number => line.getBoundingClientRect().height

export class RowWindow {
  readonly #rows: () => readonly Row[]
  readonly #heights = new RowHeights()
  /** Rises when a height is another one. */
  #measured = $state(0)
  /** What is in view, counted from the beginning of the list. */
  #from = $state(0)
  #extent = $state(globalThis.innerHeight)
  #list: HTMLElement | undefined
  /** The line that was brought into view last. */
  #held: string | null = null
  /** The line that is held, or else the first in view, and how far the view begins below its top: it stays there. */
  #anchor: { id: string; above: number } | null = null

  /** By which the lines of the page stand: behind those that are known while they are being moved. */
  #placed: Float64Array | null = null
  /** It was looked for an anchor while the lines did not stand yet. */
  #missed = false

  /** Where each line begins, and last of all where the list ends. */
  readonly #tops = $derived.by(() => {
    void this.#measured
    return this.#heights.tops(this.#rows())
  })

  readonly height = $derived(this.#tops.at(-1) ?? 0)

  /** Made while a component starts. */
  constructor(rows: () => readonly Row[]) {
    this.#rows = rows
    $effect(() => {
      const tops = this.#tops
      untrack(() => {
        this.#hold()
        this.#placed = tops
        if (this.#missed) this.#look()
      })
    })
  }

  /** The lines that stand in the page, in their order. `kept`: those that do whether in view or not. */
  slots(kept: readonly (string | null)[]): Slot[] {
    const rows = this.#rows()
    const first = Math.max(0, this.#at(this.#from) - beyond)
    const end = Math.min(rows.length, this.#at(this.#from + this.#extent) + 1 + beyond, first + most)
    const slotOf = (index: number): Slot[] => {
      const row = rows[index]
      return row ? [{ id: row.id, index, top: this.#top(index) }] : []
    }
    const away = kept
      .map((id) => this.#indexOf(id))
      .filter((index, at, all) => (index < first || index >= end) && all.indexOf(index) === at)
    const view = Array.from({ length: end - first }, (_, index) => first + index)
    return [...away, ...view].sort((a, b) => a - b).flatMap(slotOf)
  }

  /** For the list: follows how it is scrolled, whatever it is that scrolls. */
  readonly follow = (list: HTMLElement): (() => void) => {
    this.#list = list
    const look = () => this.#look()
    untrack(look)
    const sizes = new ResizeObserver(look)
    if (list.parentElement) sizes.observe(list.parentElement)
    document.addEventListener('scroll', look, { capture: true, passive: true })
    addEventListener('resize', look)
    return () => {
      sizes.disconnect()
      document.removeEventListener('scroll', look, { capture: true })
      removeEventListener('resize', look)
    }
  }

  /** Brings a line into view, where it stays while the heights of others become known. */
  reveal(line: HTMLElement): void {
    line.scrollIntoView({ block: 'nearest' })
    this.#held = line.dataset.id ?? null
    untrack(() => this.#look())
    if (this.#held !== null) this.#anchor = { id: this.#held, above: untrack(() => this.#from) - line.offsetTop }
  }

  /** For each line, which has its id as `data-id`. */
  readonly measure = (line: HTMLElement): (() => void) => {
    untrack(() => this.#take([line]))
    this.#sizes.observe(line)
    return () => this.#sizes.unobserve(line)
  }

  // In the next frame: what is put into the page within a report of sizes would be reported too late.
  readonly #sizes = new ResizeObserver((entries) => {
    const lines = entries.map(({ target }) => target as HTMLElement)
    if (lines.some((line) => line.isConnected && !this.#heights.has(line.dataset.id ?? '', heightOf(line))))
      requestAnimationFrame(() => this.#take(lines))
  })

  #take(lines: readonly HTMLElement[]): void {
    for (const line of lines) {
      if (this.#heights.set(line.dataset.id ?? '', heightOf(line))) this.#measured += 1
    }
  }

  #look(): void {
    const list = this.#list
    if (!list) return
    const start = list.getBoundingClientRect().top
    const box = list.parentElement?.getBoundingClientRect()
    const top = Math.max(0, box?.top ?? 0)
    const from = Math.max(0, top - start)
    const moved = from - this.#from
    this.#from = from
    this.#extent = Math.max(0, Math.min(innerHeight, box?.bottom ?? innerHeight) - Math.max(top, start))
    this.#missed = this.#placed !== this.#tops
    if (this.#missed) {
      if (this.#anchor) this.#anchor.above += moved
      return
    }
    const held = this.#indexOf(this.#held)
    const index = held >= 0 && this.#isInView(held) ? held : this.#at(this.#from)
    const row = this.#rows()[index]
    this.#anchor = !row || this.#from === 0 ? null : { id: row.id, above: this.#from - this.#top(index) }
  }

  #isInView(index: number): boolean {
    return this.#top(index) >= this.#from && this.#top(index + 1) <= this.#from + this.#extent
  }

  /** Something above has another height, has come or has gone: what is in view moves not. */
  #hold(): void {
    const anchor = this.#anchor
    const index = this.#indexOf(anchor?.id ?? null)
    if (!anchor || index < 0) return
    const moved = this.#top(index) + anchor.above - this.#from
    if (Math.abs(moved) < 1) return
    const box = this.#list?.parentElement
    if (box && getComputedStyle(box).overflowY === 'auto') box.scrollTop += moved
    else scrollBy(0, moved)
    this.#missed = true
  }

  #top(index: number): number {
    return this.#tops[index] ?? 0
  }

  #indexOf(wanted: string | null): number {
    return wanted === null ? -1 : this.#rows().findIndex(({ id }) => id === wanted)
  }

  /** Index of the line at this height. */
  #at(height: number): number {
    let [from, to] = [0, Math.max(0, this.#tops.length - 2)]
    while (from < to) {
      const middle = (from + to + 1) >> 1
      if (this.#top(middle) <= height) from = middle
      else to = middle - 1
    }
    return from
  }
}
