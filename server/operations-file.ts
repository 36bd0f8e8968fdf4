// The registered operations of a deployment: what build tools of GraphQL clients write, texts by their SHA-256.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Env } from './env.ts'
import { noneRegistered, type PersistedOperations } from './graphql/persisted.ts'
import { StartupError } from './startup-error.ts'

const manifest = z.record(z.string(), z.string())

/** A file that cannot be read, is not such JSON, or names a text by a hash that is not its own is a StartupError. */
export const readOperations = ({
  operationsFile,
  operationsOnly,
}: Pick<Env, 'operationsFile' | 'operationsOnly'>): PersistedOperations => {
  if (operationsFile === undefined) return noneRegistered
  const refused = (why: string): StartupError => new StartupError(`OPERATIONS_FILE ${operationsFile} ${why}.`)
  let content: unknown
  try {
    content = JSON.parse(readFileSync(operationsFile, 'utf8'))
  } catch (error) {
    throw refused(error instanceof SyntaxError ? 'is not JSON' : 'cannot be read')
  }
  const found = manifest.safeParse(content)
  if (!found.success) throw refused('has to be one JSON object of texts by their SHA-256')
  const documents = new Map<string, string>()
  for (const [name, text] of Object.entries(found.data)) {
    const hash = name.replace(/^sha256:/, '').toLowerCase()
    if (createHash('sha256').update(text).digest('hex') !== hash)
      throw refused(`names an operation by ${name}, which is not its SHA-256`)
    documents.set(hash, text)
  }
  return { documents, only: operationsOnly }
}
