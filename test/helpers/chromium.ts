// A real browser for the tests of the client.
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { inject } from 'vitest'

/** Starts Chromium; the caller closes it. Each person of a test gets a context of their own: `browser.newContext()`. */
export function launchChromium(): Promise<Browser> {
  const { executable, fonts, args } = inject('chromium')
  // A bare machine has no fonts of its own: without any, text has no width and nothing can be clicked.
  const env = existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: fonts }
  return chromium.launch({
    executablePath: executable,
    args,
    headless: true,
    env: { ...process.env, ...env },
  })
}
