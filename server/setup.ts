// `npm run setup`: the first company and its administrator on a database of one's own. Safe to run again.
import { parseArgs } from 'node:util'
import { systemClock, type Clock } from './clock.ts'
import { connect } from './db/connect.ts'
import { migrate } from './db/migrate.ts'
import { reachDatabase } from './db/reach.ts'
import { DomainError } from './domain/errors.ts'
import { customerFields } from './domain/fields.ts'
import { parseField } from './domain/input.ts'
import { readEnv, type Env } from './env.ts'
import { setUpCompany, type CompanyMade, type FirstCompany } from './services/first-company.ts'
import { StartupError } from './startup-error.ts'

const help = `Makes a company, the codes that it starts with, and its administrator. What is there already stays as it is;
run it with another person to add an administrator.

  DATABASE_URL=postgres://… npm run setup -- --company USMF --name "Contoso" \\
    --admin-subject 00u1a2b3 --admin-email ada@example.com

  --company        code of the company, for instance USMF
  --name           its name
  --currency       its currency (USD)
  --admin-subject  the administrator's "sub" in the tokens of your issuer
  --admin-email    their e-mail
  --admin-name     their name (what stands before the @)
  --issuer         who signs the tokens (AUTH_ISSUER)
  --help           this text
`

const optionNames = ['company', 'name', 'currency', 'admin-subject', 'admin-email', 'admin-name', 'issuer'] as const
type OptionName = (typeof optionNames)[number]
type Given = Partial<Record<OptionName, string>>
type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[] }

const isOption = (name: string): name is OptionName => (optionNames as readonly string[]).includes(name)

/** The options as they were written, or a line for everything that is no option. */
const readOptions = (argv: readonly string[]): Read<Given | 'help'> => {
  const options = Object.fromEntries(optionNames.map((name) => [name, { type: 'string' as const }]))
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  const given: Given = {}
  const problems: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') {
      problems.push(
        `"${token.value}" belongs to no option: write npm run setup -- --company USMF …, and names with spaces in quotes.`,
      )
    } else if (token.kind === 'option') {
      if (token.name === 'help' || token.name === 'h') return { ok: true, value: 'help' }
      if (!isOption(token.name)) problems.push(`There is no option ${token.rawName}; --help lists them.`)
      else if (token.value === undefined) problems.push(`Write a value after --${token.name}.`)
      else if (given[token.name] !== undefined) problems.push(`--${token.name} is there twice; write it once.`)
      else given[token.name] = token.value.trim()
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: given }
}

// Control characters; a NUL could not even be stored.
const plainText = /^\P{Cc}+$/u

/** What is to be made, or a line for everything that is missing or wrong. */
const readWanted = (given: Given, issuerOfEnv: string | undefined): Read<FirstCompany> => {
  const problems: string[] = []
  const text = (name: OptionName, what: string, most: number, fallback?: string): string => {
    const value = given[name] ?? fallback ?? ''
    if (value === '') problems.push(`Add --${name}: ${what}.`)
    else if (!plainText.test(value) || value.length > most) problems.push(`--${name} has 1 to ${most} characters.`)
    return value
  }
  const code = text('company', 'the code of the company, for instance USMF', 10)
  if (code !== '' && !/^[A-Za-z0-9_-]*$/.test(code)) {
    problems.push('--company is a code of letters, digits, - and _, for instance USMF.')
  }
  const name = text('name', 'the name of the company, for instance "Contoso"', 100)
  const currency = parseField(given.currency ?? 'USD', { ...customerFields.currency, required: true })
  if (!currency.ok) problems.push('--currency is an ISO 4217 code such as USD or EUR.')
  const subject = text('admin-subject', 'the "sub" of the administrator in the tokens of your issuer', 255)
  const email = text('admin-email', "the administrator's e-mail", 254)
  if (email !== '' && !parseField(email, customerFields.email).ok) {
    problems.push('--admin-email is an e-mail address such as ada@example.com.')
  }
  const person = text('admin-name', "the administrator's name", 100, /^[^@]+/.exec(email)?.[0] ?? 'Administrator')
  const issuer = given.issuer ?? issuerOfEnv ?? ''
  if (issuer === '') problems.push('Set AUTH_ISSUER and AUTH_AUDIENCE, or add --issuer: who signs your tokens.')
  if (problems.length > 0 || !currency.ok) return { ok: false, problems }
  const administrator = { issuer, subject, email, name: person }
  return { ok: true, value: { code, name, currency: String(currency.value), administrator } }
}

/** What came of it, for a person to read. */
const report = (wanted: FirstCompany, made: CompanyMade, issuerOfEnv: string | undefined): string => {
  const { company, administrator, madeCompany, madeAdministrator } = made
  const lines = [
    madeCompany
      ? `${company.code} (${company.name}) is made, with codes to start with.`
      : `${company.code} (${company.name}) was there already and stays as it is.`,
    madeAdministrator
      ? `${administrator.name} is its administrator.`
      : `${administrator.name} was its administrator already.`,
  ]
  const { issuer } = wanted.administrator
  if (issuer !== issuerOfEnv)
    lines.push(`To sign in, start the server with AUTH_ISSUER=${issuer} and its AUTH_AUDIENCE.`)
  return `${lines.join('\n')}\n`
}

export type Output = { readonly out: (text: string) => void; readonly err: (text: string) => void }

/** Runs the command; returns the exit code. */
export const runSetup = async (
  argv: readonly string[],
  env: () => Env,
  clock: Clock,
  { out, err }: Output,
): Promise<number> => {
  const refuse = (problems: readonly string[]): number => {
    err(problems.map((problem) => `${problem}\n`).join(''))
    return 1
  }
  const options = readOptions(argv)
  if (!options.ok) return refuse(options.problems)
  if (options.value === 'help') {
    out(help)
    return 0
  }
  try {
    const { databaseUrl, issuer } = env()
    const wanted = readWanted(options.value, issuer?.issuer)
    if (!wanted.ok) return refuse(wanted.problems)
    if (databaseUrl === undefined)
      return refuse(['Set DATABASE_URL to your database; without one, npm start makes its own.'])
    await reachDatabase(databaseUrl)
    await migrate(databaseUrl)
    const connection = connect(databaseUrl, { max: 1 })
    try {
      out(report(wanted.value, await setUpCompany(connection.db, clock, wanted.value), issuer?.issuer))
    } finally {
      await connection.close()
    }
    return 0
  } catch (error) {
    if (error instanceof StartupError || error instanceof DomainError) return refuse([error.message])
    throw error
  }
}

if (import.meta.main) {
  process.exitCode = await runSetup(process.argv.slice(2), readEnv, systemClock, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  })
}
