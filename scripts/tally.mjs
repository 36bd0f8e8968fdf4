// Adds up what ran, for whoever reads only the last line. Plain JavaScript: it must run where the install has failed.
import { readFileSync } from 'node:fs'

const [status, testReport, checkReport] = process.argv.slice(2)

const read = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

const tests = read(testReport)
const checks = read(checkReport)
const passed = (tests?.numPassedTests ?? 0) + (checks?.passed ?? 0)
let failed = (tests?.numFailedTests ?? 0) + (checks?.failed ?? 0)
// A file that does not load, a hook that fails, an install that breaks: failures that are no test.
if (failed === 0 && (status !== '0' || passed === 0 || !tests?.success || checks === undefined)) failed = 1
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
