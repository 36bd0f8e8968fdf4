// npm install can write a lock that npm ci then refuses, when a registry lacks some of a package's platform builds. It
// shows on the next machine only, so it is looked for here.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'

type Package = {
  version?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  hasInstallScript?: boolean
}

const root = join(import.meta.dirname, '..')
let manifest: Package & { allowScripts: Record<string, boolean> }
let packages: Record<string, Package>

beforeAll(async () => {
  manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as typeof manifest
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as { packages: typeof packages }
  packages = lock.packages
})

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Where Node would find a dependency of the package at `from`: beside it or further up. */
function isLocked(name: string, from: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true
    if (folder === '') return false
  }
}

it('the lock has an entry for every optional dependency, whatever platform wrote it', () => {
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !isLocked(name, path))
      .map((name) => `${name} of ${path}`),
  )
  expect(missing).toEqual([])
})

it('every package that wants to run a script at install has been decided about', () => {
  const wanting = Object.entries(packages).filter(([, entry]) => entry.hasInstallScript)
  const undecided = wanting.map(([path]) => nameOf(path)).filter((name) => !(name in manifest.allowScripts))
  expect(undecided).toEqual([])
})

it('every dependency is wanted in one exact version', () => {
  const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})

it('there is one graphql: two copies do not recognise each other’s types', () => {
  expect(Object.keys(packages).filter((path) => nameOf(path) === 'graphql')).toEqual(['node_modules/graphql'])
})
