// One address for everything: /graphql, the demo sign-in, health and figures, and the client with its deep links.
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { handleDemo, type DemoSignIn } from './auth/demo.ts'
import { loggableError, type Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { createPages } from './pages.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export type HttpOptions = {
  readonly graphql: Handler
  /** Answers false when a request is for something else. */
  readonly uploads: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  readonly demo: DemoSignIn | undefined
  /** The built client; a folder that is not there serves the API alone. */
  readonly clientDir: string | undefined
  /** Rejects while the process cannot do its work. */
  readonly ready: () => Promise<void>
  readonly metrics: Metrics
  readonly log: Log
}

const text = (response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(body)
}

const client = (
  clientDir: string | undefined,
): ((path: string, request: IncomingMessage, response: ServerResponse) => void) => {
  const pages =
    clientDir === undefined || !existsSync(join(clientDir, 'index.html')) ? undefined : createPages(clientDir)
  return (path, request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return text(response, 405, 'This address is only for reading.')
    if (pages?.(path, request, response) === true) return
    text(response, 404, 'There is no such page. The API is at /graphql.')
  }
}

const headersMs = 60_000
/** How long the body of a request may take that is no file. */
const bodyMs = 300_000

const isImports = (path: string): boolean => path === '/imports' || path.startsWith('/imports/')

/** What figures are kept by: never a path with an id in it. */
const label = (path: string): string =>
  ['/graphql', '/imports', '/demo/token', '/demo/users', '/health/live', '/health/ready', '/metrics'].includes(path)
    ? path
    : 'client'

export const createHttp = ({ graphql, uploads, demo, clientDir, ready, metrics, log }: HttpOptions): Server => {
  const pages = client(clientDir)
  const route = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (path === '/graphql') return graphql(request, response)
    if (path === '/health/live') return text(response, 200, 'live')
    if (path === '/health/ready') {
      return ready().then(
        () => text(response, 200, 'ready'),
        () => text(response, 503, 'not ready: the database does not answer'),
      )
    }
    if (path === '/metrics') return text(response, 200, await metrics.registry.metrics(), metrics.registry.contentType)
    if (await handleDemo(demo, request, response)) return
    if (isImports(path) && (await uploads(request, response))) return
    return pages(path, request, response)
  }
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const end = metrics.requests.startTimer({ method: request.method ?? '', path: label(path) })
    const late =
      path === '/imports' ? undefined : setTimeout(() => request.complete || request.destroy(), bodyMs).unref()
    response.on('close', () => {
      clearTimeout(late)
      end({ status: String(response.statusCode) })
    })
    route(path, request, response).catch((error: unknown) => {
      log.error({ err: loggableError(error), path }, 'a request failed')
      if (!response.headersSent) text(response, 500, 'Something went wrong here; it has been logged.')
      else response.destroy()
    })
  }
  // A file may take longer than Node lets a request take, as long as something of it comes: its handler sees to that.
  const server = createServer({ requestTimeout: 0, headersTimeout: headersMs }, serve)
  // Whoever asks before sending a file is told by its handler, who knows then whether they may.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!isImports((request.url ?? '/').split('?')[0] ?? '/')) response.writeContinue()
    serve(request, response)
  })
  return server
}
