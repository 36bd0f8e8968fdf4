// What must hold of any page, however it is looked at: light and dark, wide and on a telephone, with and without eyes.
import type { Page } from 'playwright-core'
import { violations } from '../helpers/people.ts'

/** Each width and each scheme is looked at in full once; in the other two nothing but colours and widths can differ. */
const looks = [
  { width: 1280, height: 900, colorScheme: 'light', rules: undefined },
  { width: 1280, height: 900, colorScheme: 'dark', rules: ['color-contrast'] },
  { width: 390, height: 844, colorScheme: 'dark', rules: undefined },
  { width: 390, height: 844, colorScheme: 'light', rules: ['color-contrast'] },
] as const

/** The client may take a moment to another width. */
const settling = 2_000

/** What is wrong with the page as it stands, in each of its looks: one line each, none for a good page. */
export async function faults(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const { width, height, colorScheme, rules } of looks) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    const look = `${width} px, ${colorScheme}`
    const fits = () => (document.scrollingElement?.scrollWidth ?? 0) <= window.innerWidth
    await page.waitForFunction(fits, null, { timeout: settling }).catch(() => found.push(`${look}: scrolls sideways`))
    found.push(...(await violations(page, rules)).map((violation) => `${look}: ${violation}`))
  }
  await page.setViewportSize({ width: 1280, height: 900 })
  return found
}

/** Tabs from the top of the page until what is named is in focus; how many steps it took, or null within a hundred. */
export async function stepsTo(page: Page, name: RegExp): Promise<number | null> {
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  })
  for (let steps = 1; steps <= 100; steps++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const { activeElement } = document
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? ''
    })
    if (name.test(focused.trim())) return steps
  }
  return null
}
