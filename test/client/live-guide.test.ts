// The guide to the module by which pages follow streams shows code that runs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Status } from '../../client/src/lib/live/live.ts'
import { startTestApp, until } from '../helpers/app.ts'
import { settled } from '../helpers/live.ts'
import { commandsOf } from '../graphql/live-commands.ts'
import { connect, followQueue } from './live-example.ts'

const text = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
const app = await startTestApp()
await settled(app)
const { propose, recall, queue } = commandsOf(app)

test('all of its code is in the example', () => {
  const blocks = [...text('docs/client-live.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')
  expect(blocks).toHaveLength(2)
  for (const block of blocks) expect(text('test/client/live-example.ts')).toContain(block)
})

test('the example keeps a queue as it is', async () => {
  const statuses: Status[] = []
  const signin = { token: () => app.token('mia'), renew: async () => undefined }
  const live = connect(signin, (status) => statuses.push(status), `${app.url}/graphql`)
  afterAll(() => live.dispose())
  let shown: string[] | undefined
  const failures: string[] = []
  const stop = followQueue(
    live,
    (items) => (shown = items.map(({ id }) => id)),
    (why) => failures.push(why),
  )
  await until('the queue', () => shown)
  const id = await propose('clara', 'US-024', { creditLimit: '812345' })
  const item = (await queue('mia')).find(({ proposal }) => proposal.id === id)
  const isShown = (): boolean => shown?.includes(item?.id ?? '') === true
  await until('the item', () => (isShown() ? true : undefined))
  await recall('clara', id)
  await until('it to leave', () => (isShown() ? undefined : true))
  stop()
  expect(statuses).toEqual(['live'])
  expect(failures).toEqual([])
})
