// People at their browsers: each demo user in a context of their own, on the production build of the client.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import pino from 'pino'
import { afterAll, afterEach } from 'vitest'
import { buildClient } from '../../server/client-build.ts'
import { startTestApp, type TestApp } from './app.ts'
import { launchChromium } from './chromium.ts'

// Given to a page once: axe by itself comes again with every look, twice, and is a megabyte each time.
const { resolve } = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'))
const axeSource = readFileSync(resolve('axe-core/axe.min.js'), 'utf8')

// Nobody waits so long for a page that works; a machine that has much else to do may.
const patienceMs = 30_000

export type SeatOptions = {
  width?: number
  height?: number
  scheme?: 'light' | 'dark'
  /** Decisions are sent at once, without the seconds to take them back. */
  atOnce?: boolean
}
export type Office = {
  app: TestApp
  /** Opens the client as nobody yet. */
  visit(options?: SeatOptions): Promise<Page>
  /** Signs a demo user in, as a person does, and opens an address of the client. */
  seat(user: string, path?: string, options?: SeatOptions): Promise<Page>
  /** What went wrong in any page so far: exceptions and errors on the console. */
  complaints: string[]
}

/** Starts the application with the built client, and a browser. Both are stopped when the file is done. */
export async function openOffice(options: Parameters<typeof startTestApp>[0] = {}): Promise<Office> {
  const clientDir = await buildClient(pino({ level: 'fatal' }))
  const app = await startTestApp({ ...options, clientDir })
  const browser: Browser = await launchChromium()
  afterAll(() => browser.close())
  const complaints: string[] = []
  const pages = new Map<Page, string>()
  // People go home after each test: what they leave open would cost the next one time.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await tell()
    await Promise.all([...pages.keys()].map(leave))
    pages.clear()
  })
  const leave = async (page: Page): Promise<void> => {
    await page.unrouteAll()
    await page.context().close()
  }
  const tell = async (): Promise<void> => {
    for (const [page, user] of pages) {
      // A page that cannot say what it shows must not hide what failed.
      const shown = await page
        .locator('body')
        .innerText({ timeout: 2_000 })
        .catch((error: unknown) => String(error))
      process.stderr.write(`\n— ${user} at ${page.url()} —\n${shown}\n`)
    }
    process.stderr.write(`\n— complaints —\n${complaints.join('\n')}\n`)
  }
  const enter = async (user: string, path: string, options: SeatOptions = {}): Promise<Page> => {
    const { width = 1280, height = 900, scheme = 'light', atOnce = false } = options
    const viewport = { width, height }
    // Without movement, so that nothing is looked at on its way.
    const reducedMotion = 'reduce'
    const context = await browser.newContext({ viewport, colorScheme: scheme, locale: 'en-US', reducedMotion })
    if (atOnce) await context.addInitScript(() => localStorage.setItem('countersign.deciding', 'once'))
    const page = await context.newPage()
    page.setDefaultTimeout(patienceMs)
    letGoQuietly(page)
    pages.set(page, user)
    page.on('pageerror', (error) => complaints.push(`${user}: ${String(error)}`))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${user}: ${message.text()}`)
    })
    await page.goto(`${app.url}${path}`)
    return page
  }
  return {
    app,
    complaints,
    visit: (options) => enter('nobody', '/', options),
    async seat(user, path = '/', options = {}) {
      const page = await enter(user, path, options)
      await page.getByRole('button', { name: new RegExp(`^Sign in as ${user}`, 'i') }).click()
      await page.getByRole('link', { name: 'Customers', exact: true }).first().waitFor()
      return page
    },
  }
}

/**
 * Whose routes are taken off may still be answering one. That the answer comes too late then is nobody's error, and a test that is
 * over would be told of it.
 */
function letGoQuietly(page: Page): void {
  const unrouteAll = page.unrouteAll.bind(page)
  page.unrouteAll = (options) => unrouteAll({ behavior: 'ignoreErrors', ...options })
}

/** What axe finds wrong with the page as it is, one line each; by all of its rules or only by those that are named. */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  for (const frame of page.frames()) if (!(await frame.evaluate(() => 'axe' in window))) await frame.evaluate(axeSource)
  // Of one document there is nothing to put together, which is what the newer mode opens a window for each time.
  const axe = new AxeBuilder({ page, axeSource: 'undefined' }).setLegacyMode().options({ resultTypes: ['violations'] })
  const { violations: found } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}
