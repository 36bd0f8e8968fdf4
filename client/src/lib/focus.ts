// Where the focus goes when what had it leaves the page: without this the keyboard would begin at the top again.
import { tick } from 'svelte'

/** Once the page has been drawn anew, `next` gets the focus, unless something else has taken it. */
export const passFocus = async (next: () => HTMLElement | null | undefined): Promise<void> => {
  await tick()
  if (document.activeElement === document.body || document.activeElement === null)
    next()?.focus({ preventScroll: true })
}
