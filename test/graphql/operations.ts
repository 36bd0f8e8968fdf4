// The API's commands and a few reads as plain calls, for tests that are about behaviour and not about documents.
import postgres from 'postgres'
import { afterAll } from 'vitest'
import type { Answer, TestApp } from '../helpers/app.ts'

export type Input = Readonly<Record<string, unknown>>
export type Change = {
  id: string
  operation: string
  recordId: string | null
  recordCode: string | null
  field: { name: string }
  original: { raw: unknown } | null
  proposed: { raw: unknown; masked: boolean } | null
}
export type Proposal = {
  id: string
  status: string
  revision: number
  changes: Change[]
  customer: { account: string; version: number }
  fault: { code: string; message: string } | null
}
/** A result union as tests look at it: what the member that came has, the rest is undefined. */
export type Result = {
  __typename: string
  code: string
  message: string
  path: string[] | null
  problems: { code: string; path: string[] | string; message: string; severity?: string }[]
  customer: { id: string; version: number; creditLimit: string; name: string; reviewStatus: string }
  proposal: Proposal | null
  /** The proposal that an error points to. */
  about: Proposal
  step: string
  fields: string[]
  written: string[]
  proposed: string[]
  submitErrors: { code: string }[]
  workItem: Item
  rows: Row[]
  workflow: Workflow
  company: { id: string }
  user: { id: string }
  group: { id: string }
  queue: { id: string }
  results: (Result | null)[]
  key: string | null
  apiKey: ApiKey
  webhook: { id: string }
}
export type ApiKey = {
  id: string
  name: string
  hint: string
  account: { id: string; name: string; responsible: { name: string } }
  roles: string[]
  createdBy: { name: string } | null
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
  revokedAt: string | null
  revokedBy: { name: string } | null
  active: boolean
}
export type Item = { id: string; status: string; step: string; kind: string; changes: Change[]; proposal: Proposal }
export type Row = {
  row: number
  account: string
  outcome: string
  written: string[]
  proposed: string[]
  proposal: { id: string; status: string } | null
  errors: { code: string; path: string[]; message: string }[]
}
export type Workflow = {
  id: string
  name: string
  activeVersion: { version: number } | null
  versions: { id: string; version: number; definition: unknown }[]
}

const proposal = `id status revision customer { account version } fault { code message }
  changes { id operation recordId recordCode field { name } original { raw } proposed { raw masked } }`
const item = `id status step kind changes { id operation recordId field { name } original { raw } proposed { raw masked } } proposal { ${proposal} }`
const customer = 'customer { id version creditLimit name reviewStatus }'
const workflow = 'workflow { id name activeVersion { version } versions { id version definition } }'
export const apiKey =
  'id name hint account { id name responsible { name } } roles createdBy { name } createdAt expiresAt lastUsedAt revokedAt revokedBy { name } active'
const errors =
  '__typename ... on UserError { code message path } ... on ValidationError { problems { code message path } }'
const aboutProposal = ['StaleRevisionError', 'WrongStateError', 'PendingProposalError', 'ConflictError']
const about = (...names: string[]) =>
  aboutProposal
    .filter((n) => names.includes(n))
    .map((n) => `... on ${n} { about: proposal { ${proposal} } }`)
    .join(' ')

const onProposal = `... on ProposalSuccess { proposal { ${proposal} } } ${about(...aboutProposal)} ... on NoEligibleApproverError { step }`
const onItem = `... on WorkItemSuccess { workItem { ${item} } proposal { ${proposal} } } ${about('StaleRevisionError', 'WrongStateError')}`
const onWorkflow = `__typename ... on UserError { code message path } ... on WorkflowSuccess { ${workflow} }
  ... on InvalidWorkflowError { problems { path severity message } } ... on StaleVersionOfWorkflowError { ${workflow} }`

/** What is selected of each mutation's result. */
export const selections: Readonly<Record<string, string>> = {
  createCustomer: `${errors} ... on CreateCustomerSuccess { ${customer} }`,
  updateCustomer: `${errors} ... on UpdateCustomerSuccess { written proposed submitErrors { code } ${customer} proposal { ${proposal} } }
    ... on StaleVersionError { ${customer} } ... on ChangesRejectedError { fields } ${about('PendingProposalError')}`,
  importCustomers: `${errors} ... on ImportCustomersSuccess { rows { row account outcome written proposed proposal { id status } errors { code path message } } }`,
  ...Object.fromEntries(
    [
      'submitProposal',
      'recallProposal',
      'discardChanges',
      'discardProposal',
      'rebaseProposal',
      'addComment',
      'scheduleProposal',
      'revertProposal',
      'cancelRun',
      'resumeRun',
    ].map((m) => [m, `${errors} ${onProposal}`]),
  ),
  ...Object.fromEntries(
    [
      'approve',
      'reject',
      'requestChange',
      'completeTask',
      'returnTask',
      'choose',
      'delegate',
      'reassign',
      'claim',
      'release',
      'moveToQueue',
    ].map((m) => [m, `${errors} ${onItem}`]),
  ),
  // Of up to 200 items: less of each, so that it is not too much at once.
  decideMany: `results { __typename ... on UserError { code message path } ... on StaleRevisionError { about: proposal { id revision } }
    ... on WorkItemSuccess { workItem { id status } proposal { id status revision } } }`,
  decideBatch: `${errors} ... on DecideBatchSuccess { decided failed { code message path } job { id } }`,
  ...Object.fromEntries(
    ['setApprovalParameters', 'setFieldApproval', 'setReferenceValues', 'setCalendar'].map((m) => [
      m,
      `${errors} ... on CompanySuccess { company { id } }`,
    ]),
  ),
  ...Object.fromEntries(
    ['setMember', 'setAbsence', 'endAbsence'].map((m) => [m, `${errors} ... on UserSuccess { user { id } }`]),
  ),
  createApiKey: `${errors} ... on CreateApiKeySuccess { key apiKey { ${apiKey} } }`,
  revokeApiKey: `${errors} ... on ApiKeySuccess { apiKey { ${apiKey} } }`,
  ...Object.fromEntries(
    ['commitImport', 'cancelImport'].map((m) => [m, `${errors} ... on ImportSuccess { job { id status } }`]),
  ),
  ...Object.fromEntries(
    ['saveWebhook', 'deleteWebhook', 'replayWebhook', 'rotateWebhookSecret'].map((m) => [
      m,
      `${errors} ... on WebhookSuccess { secret webhook { id } }`,
    ]),
  ),
  testWebhook: `${errors} ... on TestWebhookSuccess { attempt { status error position } webhook { id } }`,
  saveGroup: `${errors} ... on GroupSuccess { group { id } }`,
  saveQueue: `${errors} ... on QueueSuccess { queue { id } }`,
  saveWorkflow: onWorkflow,
  activateWorkflow: onWorkflow,
  deactivateWorkflow: onWorkflow,
  deleteWorkflow: onWorkflow,
}
const inputs: Readonly<Record<string, string>> = {
  saveQueue: 'SaveGroupInput',
  cancelRun: 'RunInput',
  resumeRun: 'RunInput',
  cancelImport: 'ImportIdInput',
  completeTask: 'TaskInput',
  returnTask: 'RejectInput',
  reassign: 'DelegateInput',
  claim: 'WorkItemInput',
  release: 'WorkItemInput',
  deactivateWorkflow: 'WorkflowIdInput',
  deleteWorkflow: 'WorkflowIdInput',
}
const documentOf = (mutation: string): string =>
  `mutation ($input: ${inputs[mutation] ?? `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`}!) { ${mutation}(input: $input) { ${selections[mutation]} } }`

const tables = [
  'customers',
  'bank_accounts',
  'addresses',
  'contacts',
  'proposals',
  'changes',
  'runs',
  'work_items',
  'decisions',
] as const
const more = [
  'comments',
  'involvements',
  'direct_writes',
  'idempotency_keys',
  'workflows',
  'workflow_versions',
] as const
const setup = [
  'workflow_activations',
  'memberships',
  'groups',
  'group_members',
  'queues',
  'queue_members',
  'calendars',
  'absences',
  'approval_fields',
  'reference_values',
] as const
const integrations = ['webhooks', 'webhook_secrets', 'import_jobs', 'import_results', 'batch_decisions'] as const

/** Calls of the API as one of the demo world's people; `partner` comes with its key. */
export const operationsOf = (app: TestApp) => {
  const sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
  afterAll(() => sql.end())
  const whole = async <T>(user: string, query: string, variables: Input = {}): Promise<Answer<T>> =>
    user === 'partner'
      ? app.send<T>(null, query, variables, { authorization: 'ApiKey demo-partner-key' })
      : app.send<T>(user, query, variables)
  const read = async <T>(user: string, query: string, variables: Input = {}): Promise<T> => {
    const answer = await whole<T>(user, query, variables)
    if (answer.errors !== undefined) throw new Error(`${user}: ${JSON.stringify(answer.errors)}\n${query}`)
    return answer.data
  }
  const run = async (user: string, mutation: string, input: Input): Promise<Result> =>
    (await read<Record<string, Result>>(user, documentOf(mutation), { input }))[mutation]!
  /** As `run`, with the answer's extensions. */
  const runWhole = (user: string, mutation: string, input: Input) =>
    whole<Record<string, Result>>(user, documentOf(mutation), { input })

  const update = (user: string, account: string, input: Input, company = 'USMF') =>
    run(user, 'updateCustomer', { company, account, ...input })
  const queue = async (user: string): Promise<Item[]> =>
    (
      await read<{ approvalQueue: { edges: { node: Item }[] } }>(
        user,
        `{ approvalQueue(first: 100) { edges { node { ${item} } } } }`,
      )
    ).approvalQueue.edges.map(({ node }) => node)
  const itemOf = async (user: string, account: string): Promise<Item> => {
    const found = (await queue(user)).find((each) => each.proposal.customer.account === account)
    if (found === undefined) throw new Error(`${user} is not asked about ${account}`)
    return found
  }
  /** Proposes an edit and submits it. */
  const submitted = async (user: string, account: string, input: Input): Promise<Proposal> => {
    const edited = await update(user, account, input)
    if (!edited.proposal) throw new Error(`nothing proposed: ${JSON.stringify(edited)}`)
    const sent = await run(user, 'submitProposal', { proposalId: edited.proposal.id })
    if (!sent.proposal) throw new Error(`not submitted: ${JSON.stringify(sent)}`)
    return sent.proposal
  }
  const answer = async (user: string, account: string, mutation = 'approve', input: Input = {}): Promise<Result> => {
    const { id, proposal: open } = await itemOf(user, account)
    return run(user, mutation, { workItemId: id, revision: open.revision, ...input })
  }
  const customerOf = async (user: string, account: string, selection: string, company = 'USMF') =>
    (
      await read<{ customer: Record<string, unknown> }>(
        user,
        `query ($c: String!, $a: String!) { customer(company: $c, account: $a) { ${selection} } }`,
        { c: company, a: account },
      )
    ).customer
  const proposalOf = async (user: string, id: string): Promise<Proposal> =>
    (
      await read<{ node: Proposal }>(user, `query ($id: ID!) { node(id: $id) { ... on Proposal { ${proposal} } } }`, {
        id,
      })
    ).node
  const userId = async (name: string, company = 'USMF', as = 'adam'): Promise<string> => {
    const { users } = await read<{ users: { edges: { node: { id: string; email: string | null; name: string } }[] } }>(
      as,
      'query ($c: String!) { users(company: $c, first: 100) { edges { node { id email name } } } }',
      { c: company },
    )
    const found = users.edges.find(({ node }) => node.email?.startsWith(`${name}@`) === true || node.name === name)
    if (found === undefined) throw new Error(`no ${name} in ${company}`)
    return found.node.id
  }
  /** What is in the database: every table whole, events by their number. Equal before and after: nothing was written. */
  const footprint = async (): Promise<Record<string, string>> => {
    const [row] = await sql.unsafe<Record<string, string>[]>(
      `select (select count(*)::text from events) as events, (select count(*)::text from users) as users, (select count(*) || '/' || count(revoked_at) from api_keys) as api_keys, ${[
        ...tables,
        ...more,
        ...setup,
        ...integrations,
      ]
        .map((t) => {
          // How far a webhook has read the log is not its administrator's, and goes on by itself.
          const row = t === 'webhooks' ? `(to_jsonb(t) - 'position')::text` : 't::text'
          return `(select coalesce(md5(string_agg(${row}, '' order by ${row})), '') from ${t} t) as ${t}`
        })
        .join(', ')}`,
    )
    return { ...row }
  }
  return {
    sql,
    whole,
    read,
    run,
    runWhole,
    update,
    queue,
    itemOf,
    submitted,
    answer,
    customerOf,
    proposalOf,
    userId,
    footprint,
  }
}
