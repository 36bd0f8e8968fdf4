// The built client, read and compressed once at start. It is some hundred kilobytes; from memory it is served without touching the
// disk, and a build that replaces the files under a running server can neither break an answer nor the process.
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createHash } from 'node:crypto'
import { extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

type Encoding = 'br' | 'gzip' | 'identity'
type Page = {
  readonly type: string
  readonly etag: string
  readonly cache: string
  readonly bodies: Readonly<Record<Encoding, Buffer>>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

// The client loads nothing from elsewhere and is framed by nobody.
const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
} as const

/** What pages of other origins may load: the element for them. */
const embedHeaders = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' } as const

const compressed = /^(text|application)\/|svg/

const readPage = (path: string, file: Buffer): Page => {
  const type = types[extname(path)] ?? 'application/octet-stream'
  const small = compressed.test(type)
  return {
    type,
    etag: `"${createHash('sha256').update(file).digest('base64url').slice(0, 22)}"`,
    // Built files carry a hash in their names; the page that names them has to be asked for again.
    cache: path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    bodies: {
      identity: file,
      gzip: small ? gzipSync(file, { level: 7 }) : file,
      br: small ? brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }) : file,
    },
  }
}

const encodingFor = (request: IncomingMessage, page: Page): Encoding => {
  const accepted = String(request.headers['accept-encoding'] ?? '')
  for (const encoding of ['br', 'gzip'] as const) {
    if (
      page.bodies[encoding] !== page.bodies.identity &&
      new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\b)`).test(accepted)
    )
      return encoding
  }
  return 'identity'
}

/** Answers GET and HEAD for the files of a folder, and its index.html for the client's own addresses; false: not one of them. */
export const createPages = (
  folder: string,
): ((path: string, request: IncomingMessage, response: ServerResponse) => boolean) => {
  const pages = new Map<string, Page>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const path = `/${relative(folder, file).split(sep).join('/')}`
    pages.set(path, readPage(path, readFileSync(file)))
  }
  const index = pages.get('/index.html')
  return (path, request, response) => {
    // A deep link is the client's; a file that is not there is not.
    const page = path === '/' ? index : (pages.get(path) ?? (extname(path) === '' ? index : undefined))
    if (page === undefined) return false
    const encoding = encodingFor(request, page)
    const headers = {
      ...pageHeaders,
      ...(path.startsWith('/embed/') && embedHeaders),
      'cache-control': page.cache,
      etag: page.etag,
      vary: 'accept-encoding',
    }
    if (request.headers['if-none-match'] === page.etag) {
      response.writeHead(304, headers)
      response.end()
      return true
    }
    const body = page.bodies[encoding]
    response.writeHead(200, {
      ...headers,
      'content-type': page.type,
      'content-length': body.length,
      ...(encoding !== 'identity' && { 'content-encoding': encoding }),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
    return true
  }
}
