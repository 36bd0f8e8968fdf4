import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// CI asks for a machine-readable result beside the one for people.
const report = process.env.TEST_REPORT

// One copy of graphql: vite would take its ESM build for our files, node gives its dependents the other.
const resolve = {
  alias: [{ find: /^graphql$/, replacement: join(import.meta.dirname, 'node_modules/graphql/index.js') }],
}

/** In which turn projects run. Those of one turn share a worker for each processor, two on the smallest machine of CI, never more than four. */
const turn = (groupOrder: number) => ({
  maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
  sequence: { groupOrder },
})

// Loading the server takes longer than most files need to test it, so files share a worker that has it already, as requests share
// a process. Those that put something else in the place of a module or of the time have one for themselves.
const files = (pattern: string): string[] => globSync(pattern, { cwd: import.meta.dirname })
const server = files('test/{db,store,services,graphql,live,auth,jobs,files}/**/*.test.ts')
const processes = files('test/process/**/*.test.ts')
const pretends = (file: string): boolean =>
  /\bvi\.(mock|spyOn|useFakeTimers)\(/.test(readFileSync(join(import.meta.dirname, file), 'utf8'))
const serverTest = {
  globalSetup: ['test/helpers/postgres-setup.ts'],
  pool: 'threads' as const,
  testTimeout: 120_000,
  hookTimeout: 60_000,
  ...turn(0),
}

export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        // Rules only: no database, no process, so files can share a worker.
        test: {
          name: 'domain',
          include: ['test/domain/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          testTimeout: 60_000,
          ...turn(0),
        },
      },
      {
        test: { name: 'structure', include: ['test/*.test.ts'], pool: 'threads', testTimeout: 60_000, ...turn(0) },
      },
      {
        resolve,
        test: {
          name: 'server',
          include: server,
          exclude: server.filter(pretends),
          isolate: false,
          ...serverTest,
        },
      },
      {
        resolve,
        test: { name: 'server with substitutes', include: [...server, ...processes].filter(pretends), ...serverTest },
      },
      {
        resolve,
        test: {
          // Whole processes with databases of their own, which take seconds to start.
          name: 'process',
          include: processes,
          exclude: processes.filter(pretends),
          globalSetup: ['postgres', 'client'].map((name) => `test/helpers/${name}-setup.ts`),
          pool: 'threads',
          isolate: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
          ...turn(1),
        },
      },
      {
        resolve,
        test: {
          name: 'client',
          include: ['test/client/**/*.test.ts'],
          globalSetup: ['postgres', 'chromium', 'client'].map((name) => `test/helpers/${name}-setup.ts`),
          pool: 'threads',
          isolate: false,
          testTimeout: 180_000,
          expect: { poll: { timeout: 30_000 } },
          hookTimeout: 60_000,
          ...turn(1),
        },
      },
    ],
  },
})
