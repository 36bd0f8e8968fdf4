// npm run bench -- <what>: measures, and writes what came out to bench/results/. Never a test: figures differ by machine.
// A bench loads what it measures and no more.

const benches: Record<string, (options: ReadonlySet<string>) => Promise<void>> = {
  import: async (options) => (await import('./import/import.ts')).benchImport(options),
  interpreter: async (options) => (await import('./interpreter.ts')).benchInterpreter(options),
  live: async (options) => (await import('./live/live.ts')).benchLive(options),
  read: async (options) => (await import('./read.ts')).benchRead(options),
}

const [name = '', ...options] = process.argv.slice(2)
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench === undefined) {
  console.error(
    `Usage: npm run bench -- <${Object.keys(benches).join('|')}> [--quick] [--profile] [--part=…]; see bench/README.md`,
  )
  process.exit(1)
}
await bench(new Set(options))
