// What somebody reads who has just started Countersign: where to go and as whom.
import type { Env } from './env.ts'

const people = [
  ['clara', 'clerk of USMF: changes customers and submits the changes'],
  ['mia', 'accounts receivable manager: approves first'],
  ['cora, carl', 'credit: approve the credit limit and the payment terms'],
  ['adam', 'administrator: fields, workflows, members'],
] as const

/** `url` is where the server listens. */
export function welcome(url: string, env: Env): string {
  const lines = ['', `Countersign is running at ${url}`, `GraphQL is at ${url}/graphql`, '']
  if (env.issuer !== undefined) {
    lines.push(`Sign in with a token of ${env.issuer.issuer} for ${env.issuer.audience}.`)
  } else if (env.databaseUrl !== undefined) {
    lines.push('Nobody can sign in with a token yet: set AUTH_ISSUER and AUTH_AUDIENCE.')
  } else {
    lines.push('Sign in there, without a password, as for instance')
    for (const [name, what] of people) lines.push(`  ${name.padEnd(12)}${what}`)
    lines.push('', `The data is in ${env.dataDir}. Ctrl-C stops everything.`)
  }
  return `${lines.join('\n')}\n\n`
}
