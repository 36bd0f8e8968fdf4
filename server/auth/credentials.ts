// What a caller presents, before anybody has looked whether it is true. HTTP and sockets put the same string in
// different places; from here on there is one string.

export type Credentials = { kind: 'token'; token: string } | { kind: 'apiKey'; key: string }

const longest = 8_192

/** The credentials of an HTTP request: `Authorization`, or `X-Api-Key` for clients that can only set that. */
export function credentialsOfHeaders(header: (name: string) => string | null | undefined): string | undefined {
  const authorization = header('authorization')
  if (authorization) return authorization
  const key = header('x-api-key')
  return key ? `ApiKey ${key}` : undefined
}

/** The credentials of a socket: `{ "authorization": "Bearer …" }` in the connection's parameters. */
export function credentialsOfParams(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null) return undefined
  const entries: [string, unknown][] = Object.entries(params)
  const authorization = entries.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  return typeof authorization === 'string' ? authorization : undefined
}

/**
 * Reads `Bearer <JWT>`, `Bearer <API key>` or `ApiKey <API key>`; null when it is neither. A JWT is told from a key by
 * its three parts.
 */
export function parseCredentials(text: string | undefined): Credentials | null {
  if (text === undefined || text.length > longest) return null
  const [, scheme, value] = /^(bearer|apikey) +(\S+)$/i.exec(text.trim()) ?? []
  if (scheme === undefined || value === undefined) return null
  const isToken = scheme.toLowerCase() === 'bearer' && /^[\w-]*\.[\w-]*\.[\w-]*$/.test(value)
  return isToken ? { kind: 'token', token: value } : { kind: 'apiKey', key: value }
}
