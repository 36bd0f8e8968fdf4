// Everything that can be said about the code without running it. All checks run even when one fails; only those that
// fail are shown.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const checks: [name: string, command: string, ...args: string[]][] = [
  ['lint', 'eslint', '.', '--max-warnings', '0'],
  ['types', 'tsc', '-p', '.'],
  ['types of the client', 'svelte-check', '--tsconfig', 'client/tsconfig.json', '--fail-on-warnings'],
  ['formatting', 'prettier', '--check', '.'],
  ['unused code and dependencies', 'knip'],
  ['schema.graphql', 'node', 'scripts/print-schema.ts', '--check'],
  ['types of schema.graphql', 'node', 'scripts/client-types.ts', '--check'],
  ['migrations', 'node', 'scripts/check-migrations.ts'],
]

const root = join(import.meta.dirname, '..')

function run([name, command, ...args]: (typeof checks)[number]): Promise<boolean> {
  const started = performance.now()
  return new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 }
    execFile(join(root, 'node_modules/.bin', command), args, options, (error, stdout, stderr) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      console.log(`${error === null ? '✓' : '✗'} ${name} (${seconds} s)`)
      if (error !== null) console.log(`${stdout}${stderr}`.trim() || error.message)
      resolve(error === null)
    })
  })
}

// Two at a time: each of the long ones keeps a core busy by itself.
const waiting = [...checks]
let passed = 0
await Promise.all(
  ['first', 'second'].map(async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (await run(check)) passed += 1
    }
  }),
)
const report = process.env.CHECK_REPORT
if (report !== undefined) await writeFile(report, JSON.stringify({ passed, failed: checks.length - passed }))
console.log(`${passed} checks passed, ${checks.length - passed} failed`)
if (passed < checks.length) process.exitCode = 1
