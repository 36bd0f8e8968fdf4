// How high the lines of a list are, as far as they have been in the page; the others count as the average of those.
const usual = 84

export class RowHeights {
  readonly #known = new Map<string, number>()
  #sum = 0

  /** Is it another one than before? */
  set(id: string, height: number): boolean {
    const before = this.#known.get(id)
    if (height === 0 || before === height) return false
    this.#sum += height - (before ?? 0)
    this.#known.set(id, height)
    return true
  }

  has(id: string, height: number): boolean {
    return this.#known.get(id) === height
  }

  /** Where each line begins, and last of all where the list ends. */
  tops(rows: readonly { readonly id: string }[]): Float64Array {
    const average = this.#known.size > 0 ? this.#sum / this.#known.size : usual
    const tops = new Float64Array(rows.length + 1)
    let top = 0
    for (const [index, { id }] of rows.entries()) {
      top += this.#known.get(id) ?? average
      tops[index + 1] = top
    }
    return tops
  }
}
