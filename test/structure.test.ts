// The layers, held by looking at what each file imports and calls. A rule that nobody checks is a wish.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

/** What each folder of server/ may import besides itself; `everywhere` may be imported by all. */
const layers: Record<string, string[]> = {
  domain: [],
  db: ['domain'],
  store: ['db', 'domain'],
  services: ['domain', 'store', 'db', 'live/outbox.ts'],
  live: ['store', 'db', 'domain'],
  jobs: ['services'],
  files: ['services', 'domain'],
  auth: ['store', 'domain'],
  demo: ['services', 'store', 'db', 'domain', 'auth'],
  graphql: ['services', 'store', 'live', 'auth', 'domain', 'db/connect.ts'],
}
const everywhere = ['clock.ts', 'log.ts', 'startup-error.ts']

/** Packages that belong to one layer: whoever else imports them goes round it. */
const packages: { names: RegExp; layers: string[] }[] = [
  { names: /^(graphql|graphql-yoga|graphql-ws|dataloader|@pothos\/.*|@graphql-.*)$/, layers: ['graphql'] },
  { names: /^(drizzle-orm|postgres)$/, layers: ['db', 'store', 'services', 'live', 'jobs'] },
  { names: /^(pg|pg-boss)$/, layers: ['jobs'] },
  { names: /^(csv-parse)$/, layers: ['files'] },
  { names: /^jose$/, layers: ['auth'] },
]

type Source = { path: string; text: string; lines: number }

const skipped = /(^|\/)(node_modules|dist|migrations)\/|graphql-env\.d\.ts$/

function sources(folder: string, extensions: RegExp): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => extensions.test(path) && !skipped.test(path))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, lines: text.trimEnd().split('\n').length }
    })
}

const server = sources('server', /\.ts$/)
const layerOf = (path: string): string => relative('server', path).split('/')[0] ?? ''

const importsOf = ({ text }: Source): string[] =>
  ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)

/** `@scope/name/part` → `@scope/name`. */
const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/')

/** Every `a.b` and every `new A(…)` with its number of arguments, as written, leaving out comments and strings. */
function usesOf({ path, text }: Source): string[] {
  const uses: string[] = []
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) uses.push(node.getText(file))
    if (ts.isElementAccessExpression(node)) uses.push(`${node.expression.getText(file)}.[]`)
    if (ts.isCallExpression(node)) uses.push(`${node.expression.getText(file)}()`)
    if (ts.isNewExpression(node)) {
      uses.push(`new ${node.expression.getText(file)}/${node.arguments?.length ?? 0}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return uses
}

const offenders = (files: Source[], broken: (file: Source) => string[]): string[] =>
  files.flatMap((file) => broken(file).map((what) => `${file.path}: ${what}`))

describe('layers', () => {
  it.each(Object.entries(layers))('server/%s imports only %j', (layer, allowed) => {
    const files = server.filter(({ path }) => layerOf(path) === layer)
    const found = offenders(files, (file) =>
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .filter((name) => {
          const target = relative('server', join(dirname(file.path), name))
          const places = [layer, ...allowed, ...everywhere]
          return !places.some((place) => target === place || target.startsWith(`${place}/`))
        }),
    )
    expect(found).toEqual([])
  })

  it('every folder of server/ is a layer', () => {
    const folders = readdirSync(join(root, 'server'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).filter((name) => !(name in layers))).toEqual([])
  })

  it.each(packages)('the packages $names belong to $layers', ({ names, layers: owners }) => {
    // A file directly in server/ puts the layers together; it has no business with their libraries either.
    const files = server.filter(({ path }) => !owners.includes(layerOf(path)))
    expect(offenders(files, (file) => importsOf(file).filter((name) => names.test(packageOf(name))))).toEqual([])
  })

  it('the client knows the server by its schema only', () => {
    const files = sources('client', /\.(ts|svelte)$/)
    const found = offenders(files, (file) =>
      importsOf({ ...file, text: scriptOf(file) })
        .filter((name) => name.startsWith('.'))
        .filter((name) => !resolve(root, dirname(file.path), name).startsWith(join(root, 'client'))),
    )
    expect(found).toEqual([])
  })

  function scriptOf({ path, text }: Source): string {
    if (!path.endsWith('.svelte')) return text
    return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n')
  }
})

describe('the domain is pure', () => {
  const domain = server.filter(({ path }) => layerOf(path) === 'domain')

  it('it has no clock, no chance and no process', () => {
    const impure = ['Date.now', 'Date()', 'new Date/0', 'Math.random', 'Temporal.Now', 'performance', 'process']
    impure.push('globalThis', 'console', 'crypto', 'fetch()', 'setTimeout()', 'setInterval()', 'setImmediate()')
    const isImpure = (use: string) => impure.some((what) => use === what || use.startsWith(`${what}.`))
    expect(offenders(domain, (file) => usesOf(file).filter(isImpure))).toEqual([])
  })

  it('of Node it takes the hash function only, for digests', () => {
    const found = offenders(domain, (file) =>
      importsOf(file)
        .filter((name) => name.startsWith('node:'))
        .filter((name) => name !== 'node:crypto' || basename(file.path) !== 'digest.ts'),
    )
    expect(found).toEqual([])
    const digest = domain.filter(({ path }) => basename(path) === 'digest.ts')
    const imported = digest.flatMap(({ text }) => [...text.matchAll(/import \{([^}]*)\} from 'node:crypto'/g)])
    expect(imported.map(([, names]) => names?.trim())).toEqual(imported.map(() => 'hash'))
  })
})

describe('one place for each', () => {
  it('transactions are opened by services', () => {
    // The demo world is made of many service calls that come true together.
    const files = server.filter(({ path }) => layerOf(path) !== 'services' && path !== 'server/demo/seed.ts')
    expect(offenders(files, (file) => usesOf(file).filter((use) => use.endsWith('.transaction()')))).toEqual([])
  })

  it('the environment is read by env.ts, and told to libraries by production.ts', () => {
    const files = server.filter(({ path }) => !['server/env.ts', 'server/production.ts'].includes(path))
    expect(offenders(files, (file) => usesOf(file).filter((use) => use === 'process.env'))).toEqual([])
  })
})

describe('files', () => {
  const all = ['server', 'client', 'test', 'scripts'].flatMap((folder) => sources(folder, /\.(ts|js|svelte|css)$/))

  it('none has more than 400 lines', () => {
    expect(all.filter(({ lines }) => lines > 400).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
  })

  it('are called by plain words with hyphens', () => {
    const component = /^[A-Z][A-Za-z]*\.svelte$/
    const plain = /^[a-z0-9]+(-[a-z0-9]+)*(\.(svelte|test|config|d))*\.(ts|js|css|svelte)$/
    const names = all.map(({ path }) => path).filter((path) => !plain.test(basename(path)))
    expect(names.filter((path) => !component.test(basename(path)))).toEqual([])
  })
})
