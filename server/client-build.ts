// Builds the client when its sources have changed since the last build, so that one command starts everything and a
// second start does not wait for it.
import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { environmentOfChild } from './env.ts'
import type { Log } from './log.ts'
import { StartupError } from './startup-error.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'client/dist')
// Names the sources that a folder was built from.
const marker = '.sources'

/** Makes client/dist what client/ says; answers its folder. Without Vite an existing build is served as it is. */
export async function buildClient(log: Log): Promise<string> {
  const sources = await digestOfSources()
  const built = await sourcesOfDist()
  if (built === sources) return dist
  const vite = findVite()
  if (vite === undefined) {
    if (built !== undefined) return dist
    throw new StartupError('The client has not been built: run npm ci without --omit and npm run build.')
  }
  log.debug('building the client')
  // Beside its place and moved there when it is whole: others may start, or serve the old one, at the same time.
  const made = join(root, '.cache', `client-${randomUUID()}`)
  try {
    await runVite(vite, 'client/vite.config.ts', made)
    await runVite(vite, 'client/embed/vite.config.ts', join(made, 'embed'))
    await writeFile(join(made, marker), sources)
    if ((await sourcesOfDist()) !== sources) await replaceDist(made)
  } finally {
    await rm(made, { recursive: true, force: true })
  }
  return dist
}

const sourcesOfDist = (): Promise<string | undefined> => readFile(join(dist, marker), 'utf8').catch(() => undefined)

async function replaceDist(made: string): Promise<void> {
  const old = `${made}-old`
  await rename(dist, old).catch(() => undefined)
  // Who was faster has built the same.
  await rename(made, dist).catch(() => undefined)
  await rm(old, { recursive: true, force: true })
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
function runVite(vite: string, configFile: string, outDir: string): Promise<void> {
  const config = ['--config', join(root, configFile), '--logLevel', 'error']
  const args = [vite, 'build', ...config, '--outDir', outDir, '--emptyOutDir']
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
