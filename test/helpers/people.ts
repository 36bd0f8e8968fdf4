// People at their browsers: each demo user in a context of their own, on the production build of the client.
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import pino from 'pino'
import { afterAll, afterEach } from 'vitest'
import { buildClient } from '../../server/client-build.ts'
import { startTestApp, type TestApp } from './app.ts'
import { launchChromium } from './chromium.ts'

export type SeatOptions = {
  width?: number
  height?: number
  scheme?: 'light' | 'dark'
  /** Decisions are sent at once, without the seconds to take them back. */
  atOnce?: boolean
}
export type Office = {
  app: TestApp
  /** Signs a demo user in, as a person does, and opens an address of the client. */
  seat(user: string, path?: string, options?: SeatOptions): Promise<Page>
  /** What went wrong in any page so far: exceptions and errors on the console. */
  complaints: string[]
}

/** Starts the application with the built client, and a browser. Both are stopped when the file is done. */
export async function openOffice(): Promise<Office> {
  const clientDir = await buildClient(pino({ level: 'fatal' }))
  const app = await startTestApp({ clientDir })
  const browser: Browser = await launchChromium()
  afterAll(() => browser.close())
  const complaints: string[] = []
  const pages = new Map<Page, string>()
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return
    for (const [page, user] of pages) {
      const shown = page.isClosed() ? 'closed' : await page.locator('body').innerText()
      process.stderr.write(`\n— ${user} at ${page.url()} —\n${shown}\n`)
    }
    process.stderr.write(`\n— complaints —\n${complaints.join('\n')}\n`)
  })
  return {
    app,
    complaints,
    async seat(user, path = '/', { width = 1280, height = 900, scheme = 'light', atOnce = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        locale: 'en-US',
        reducedMotion: 'reduce',
      })
      if (atOnce) await context.addInitScript(() => localStorage.setItem('countersign.deciding', 'once'))
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      pages.set(page, user)
      page.on('pageerror', (error) => complaints.push(`${user}: ${String(error)}`))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${user}: ${message.text()}`)
      })
      await page.goto(app.url)
      await page.getByRole('button', { name: new RegExp(`^Sign in as ${user}`, 'i') }).click()
      await page.getByRole('link', { name: 'Customers' }).waitFor()
      if (path !== '/') await page.goto(`${app.url}${path}`)
      return page
    },
  }
}

/** What axe finds wrong with the page as it is, one line each. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}
