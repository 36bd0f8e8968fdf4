// Workflows, queues and absences for tests of who sees which work items, and the viewer's queue as a list and as a stream.
import type { TestApp } from '../helpers/app.ts'
import { follow, type Stream } from '../helpers/live.ts'
import { approvalQueue, type QueueItem, type QueueMessage, type Removal } from './live-commands.ts'
import { operationsOf, type Input, type Result } from './operations.ts'

export type Person = 'clara' | 'colin' | 'mia' | 'cora' | 'carl' | 'tess' | 'olga' | 'adam' | 'audrey'
const people: readonly Person[] = ['clara', 'colin', 'mia', 'cora', 'carl', 'tess', 'olga', 'adam', 'audrey']
export type Listed = { id: string; version: number; step: string; dueAt: string | null; account: string }
type Edge = { cursor: string; node: Omit<Listed, 'account'> & { proposal: { customer: { account: string } } } }
type Connection = {
  totalCount: number
  edges: Edge[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string }
}
const page = `totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { id version step dueAt proposal { customer { account } } } }`

/** `step` is the name of every step; `to` is an assignee of a definition. */
export const asks = (to: Input, more: Input = {}) => ({
  approval: { name: 'Approval', steps: [{ name: 'Step', assign: [{ to }], ...more }] },
})
export const days = (amount: number) => ({ amount, unit: 'DAYS' })

export const queueWorldOf = async (app: TestApp) => {
  const operations = operationsOf(app)
  const { run, read, submitted } = operations
  const ids = Object.fromEntries(
    await Promise.all(people.map(async (name) => [name, await operations.userId(name)] as const)),
  ) as Record<Person, string>

  /** As `run`, and fails unless it succeeds. */
  const must = async (user: string, mutation: string, input: Input): Promise<Result> => {
    const result = await run(user, mutation, input)
    if (result.code !== undefined) throw new Error(`${user}: ${mutation}: ${JSON.stringify(result)}`)
    return result
  }
  /** What is submitted for this customer runs these elements. */
  const workflowFor = async (account: string, ...elements: Input[]): Promise<string> => {
    const saved = await must('adam', 'saveWorkflow', {
      company: 'USMF',
      name: `For ${account}`,
      ownerId: ids.olga,
      activation: `customer.account == "${account}"`,
      definition: { elements },
      activate: true,
    })
    return saved.workflow.id
  }
  const queueOf = async (name: string, members: readonly Person[], id?: string): Promise<string> =>
    (
      await must('adam', 'saveQueue', {
        company: 'USMF',
        name,
        memberIds: members.map((member) => ids[member]),
        ...(id !== undefined && { id }),
      })
    ).queue.id
  let limit = 300_000
  /** Proposes another credit limit and submits it. */
  const propose = (account: string, user = 'clara') =>
    submitted(user, account, { set: { creditLimit: String((limit += 1)) } })

  const connection = async (user: string, args = '', filter: Input | null = null): Promise<Connection> =>
    (
      await read<{ approvalQueue: Connection }>(
        user,
        `query ($filter: QueueFilter) { approvalQueue(filter: $filter ${args}) { ${page} } }`,
        { filter },
      )
    ).approvalQueue
  const companyItems = async (user: string, filter: Input | null = null, args = '', company = 'USMF') =>
    (
      await read<{ workItems: Connection | null }>(
        user,
        `query ($filter: WorkItemFilter, $company: String!) { workItems(company: $company, filter: $filter ${args}) { ${page} } }`,
        { filter, company },
      )
    ).workItems
  const itemsOf = ({ edges }: Connection): Listed[] =>
    edges.map(({ node: { proposal, ...item } }) => ({ ...item, account: proposal.customer.account }))
  const accountsOf = (found: Connection): string[] => itemsOf(found).map(({ account }) => account)
  /** Accounts of the items in somebody's queue, in its order. */
  const queueAccounts = async (user: string, filter: Input | null = null): Promise<string[]> =>
    accountsOf(await connection(user, 'first: 100', filter))
  const itemOf = async (user: string, account: string): Promise<Listed> => {
    const found = itemsOf(await connection(user, 'first: 100')).find((item) => item.account === account)
    if (found === undefined) throw new Error(`${user} has nothing about ${account}`)
    return found
  }

  const opened = async (user: string, filter: Input | null = null, after: string | null = null): Promise<Stream> => {
    const stream = await follow(app, user, approvalQueue, { filter, after })
    if (after === null) await stream.until<QueueMessage>('the snapshot', ({ complete }) => complete === true)
    return stream
  }
  /** Waits until an item of a customer has come. */
  const arrival = async (stream: Stream, account: string): Promise<QueueItem & { cursor: string }> => {
    const of = ({ upserts = [] }: QueueMessage) => upserts.find(({ proposal }) => proposal.customer.account === account)
    const message = await stream.until<QueueMessage>(`an item of ${account}`, (m) => of(m) !== undefined)
    return { ...of(message)!, cursor: message.cursor }
  }
  /** Waits until an item has left. */
  const departure = async (stream: Stream, { id }: { id: string }): Promise<Removal & { totalCount: number }> => {
    const of = ({ removed = [] }: QueueMessage) => removed.find((removal) => removal.id === id)
    const message = await stream.until<QueueMessage>(`${id} leaving`, (m) => of(m) !== undefined)
    return { ...of(message)!, totalCount: message.totalCount ?? -1 }
  }
  return {
    ...operations,
    ids,
    must,
    workflowFor,
    queueOf,
    propose,
    connection,
    companyItems,
    itemsOf,
    accountsOf,
    queueAccounts,
    itemOf,
    opened,
    arrival,
    departure,
  }
}
