// What floats in the corner of the window lies over no bar that holds what can be done: bars at the window's foot are marked by
// `data-foot`, and the corner stands above those that it would cover.
import type { Attachment } from 'svelte/attachments'

const gap = 8

export const aboveBars: Attachment<HTMLElement> = (corner) => {
  let asked = 0

  const place = () => {
    asked = 0
    const { height, left, right } = corner.getBoundingClientRect()
    if (height === 0) return
    const bottom = innerHeight - gap
    const tops = [...document.querySelectorAll('[data-foot]')].flatMap((bar) => {
      const at = bar.getBoundingClientRect()
      const under =
        at.height > 0 && at.right > left && at.left < right && at.top < bottom && at.bottom > bottom - height
      return under ? [at.top] : []
    })
    const wanted = tops.length === 0 ? '0px' : `${Math.round(innerHeight - Math.min(...tops) - gap)}px`
    if (corner.style.getPropertyValue('--bars') !== wanted) corner.style.setProperty('--bars', wanted)
  }
  const ask = () => {
    if (asked === 0 && corner.childElementCount > 0) asked = requestAnimationFrame(place)
  }

  // Bars come, grow and go with what stands on the page; decisions on their way count the seconds.
  const sizes = new ResizeObserver(ask)
  sizes.observe(corner)
  sizes.observe(document.body)
  const words = new MutationObserver(ask)
  words.observe(corner, { childList: true, characterData: true, subtree: true })
  addEventListener('scroll', ask, { passive: true })
  addEventListener('resize', ask)
  return () => {
    cancelAnimationFrame(asked)
    sizes.disconnect()
    words.disconnect()
    removeEventListener('scroll', ask)
    removeEventListener('resize', ask)
  }
}
