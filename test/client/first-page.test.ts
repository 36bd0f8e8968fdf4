// How much script a browser loads before the queue can be used, and what the client makes of a browser's language.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { expect, test } from 'vitest'
import { firstKnown } from '../../client/src/lib/locale.ts'
import { buildClient } from '../../server/client-build.ts'

const limit = 120_000

test('the first page loads no more than 120 kB of script', async () => {
  const dist = await buildClient(pino({ level: 'fatal' }))
  const index = await readFile(join(dist, 'index.html'), 'utf8')
  const scripts = [...index.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path!)
  const sizes = new Map<string, number>()
  // What a script imports for its own beginning is loaded with it; what it asks for later is not.
  for (let path = scripts.pop(); path !== undefined; path = scripts.pop()) {
    if (sizes.has(path)) continue
    const script = await readFile(join(dist, path))
    sizes.set(path, gzipSync(script).length)
    for (const [, name] of script.toString().matchAll(/(?:import|from)\s*["']\.\/([^"']+\.js)["']/g)) {
      scripts.push(`/assets/${name}`)
    }
  }
  expect(sizes.size).toBeGreaterThan(0)
  const sum = [...sizes.values()].reduce((a, b) => a + b, 0)
  expect(sum, JSON.stringify(Object.fromEntries(sizes))).toBeLessThanOrEqual(limit)
})

test('the first language that Intl can write is taken, and English where it can write none', () => {
  expect(firstKnown(['de-AT', 'en'])).toBe('de-AT')
  expect(firstKnown(['x-klingon', 'fr'])).toBe('fr')
  expect(firstKnown(['C'])).toBe('en')
  expect(firstKnown(['en-US@posix'])).toBe('en-US')
  expect(firstKnown(['de_AT.UTF-8'])).toBe('de-AT')
  expect(firstKnown([])).toBe('en')
})
