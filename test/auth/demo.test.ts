import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createDemoTokens, demoIssuer, handleDemo, type DemoSignIn } from '../../server/auth/demo.ts'
import { createLog } from '../../server/log.ts'

const now = new Date('2026-03-01T12:00:00Z')
const log = createLog('silent')
const clara = { user: 'clara', name: 'Clara', title: 'Clerk', memberships: [{ company: 'USMF', roles: ['CLERK'] }] }

let server: Server | undefined
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())))

async function serve(demo: DemoSignIn | undefined): Promise<string> {
  server = createServer((request, response) => {
    void handleDemo(demo, request, response).then((handled) => handled || response.writeHead(418).end())
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const demo = async (): Promise<DemoSignIn> => ({
  tokens: await createDemoTokens(() => now, log),
  users: () => Promise.resolve([clara]),
})

const post = (url: string, body: string) => fetch(`${url}/demo/token`, { method: 'POST', body })

it('gives a demo user a token that this process believes', async () => {
  const signIn = await demo()
  const response = await post(await serve(signIn), '{"user":"clara"}')
  const { token } = (await response.json()) as { token: string }
  expect(await signIn.tokens.verify(token)).toEqual({
    issuer: demoIssuer,
    subject: 'clara',
    expiresAt: new Date('2026-03-02T00:00:00Z'),
  })
})

it('does not believe the tokens of another process', async () => {
  expect(await (await demo()).tokens.verify(await (await demo()).tokens.issue('clara'))).toBeNull()
})

it('lists who can sign in', async () => {
  const response = await fetch(`${await serve(await demo())}/demo/users`)
  expect(await response.json()).toEqual({ users: [clara] })
})

it.each(['{"user":"nobody"}', '{"user":7}', '{}', '', 'clara', JSON.stringify({ user: 'x'.repeat(5_000) })])(
  'refuses %.20j with a sentence and no token',
  async (body) => {
    const response = await post(await serve(await demo()), body)
    expect(response.status).toBe(400)
    expect(Object.keys((await response.json()) as object)).toEqual(['error'])
  },
)

it('is not there on a database of one’s own', async () => {
  const url = await serve(undefined)
  expect((await post(url, '{"user":"clara"}')).status).toBe(404)
  expect((await fetch(`${url}/demo/users`)).status).toBe(404)
})

it('leaves every other path to the application', async () => {
  expect((await fetch(`${await serve(await demo())}/graphql`)).status).toBe(418)
})
