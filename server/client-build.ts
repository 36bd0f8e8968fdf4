// Builds the client when its sources have changed since the last build, so that one command starts everything and a
// second start does not wait for it.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { environmentOfChild } from './env.ts'
import type { Log } from './log.ts'
import { StartupError } from './startup-error.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'client/dist')
// Names the sources that dist was built from. Vite empties the folder first, so an interrupted build has none.
const marker = join(dist, '.sources')

/** Makes client/dist what client/ says; answers its folder. Without Vite an existing build is served as it is. */
export async function buildClient(log: Log): Promise<string> {
  const sources = await digestOfSources()
  const built = await readFile(marker, 'utf8').catch(() => undefined)
  if (built === sources) return dist
  const vite = findVite()
  if (vite === undefined) {
    if (built !== undefined) return dist
    throw new StartupError('The client has not been built: run npm ci without --omit and npm run build.')
  }
  log.debug('building the client')
  await runVite(vite)
  await writeFile(marker, sources)
  return dist
}

/** Over contents and not over times: a fresh clone and a checkout change the times of what is the same. */
async function digestOfSources(): Promise<string> {
  const names = await readdir(join(root, 'client'), { recursive: true, withFileTypes: true })
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(dist))
    .concat(join(root, 'package-lock.json'))
    .sort()
  const digest = createHash('sha256')
  for (const path of files)
    digest
      .update(path.slice(root.length))
      .update('\0')
      .update(await readFile(path))
  return digest.digest('hex')
}

function findVite(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')
  } catch {
    return undefined
  }
}

/** In a process of its own: Vite sets NODE_ENV and takes a processor to itself for seconds. */
function runVite(vite: string): Promise<void> {
  const args = [vite, 'build', '--config', join(root, 'client/vite.config.ts'), '--logLevel', 'error']
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, env: environmentOfChild({ NODE_ENV: 'production' }) },
      (error, stdout, stderr) => {
        if (error === null) resolve()
        else reject(new StartupError(`The client does not build:\n${`${stdout}${stderr}`.trim()}`, { cause: error }))
      },
    )
  })
}
