// Workflows, queues and absences as an administrator would set them up, for what a test needs beforehand.
import type { TestApp } from '../helpers/app.ts'

/** Node ids of the members of USMF by the first part of their names. */
export const people = async (app: TestApp): Promise<(user: string) => string> => {
  type Answer = { users: { edges: { node: { id: string; name: string } }[] } }
  const { users } = await app.ask<Answer>(
    'adam',
    '{ users(company: "USMF", first: 50) { edges { node { id name } } } }',
  )
  return (user) => {
    const found = users.edges.find(({ node }) => node.name.toLowerCase().startsWith(user))
    if (!found) throw new Error(`nobody is called ${user}`)
    return found.node.id
  }
}

const tell = async (app: TestApp, mutation: string, type: string, input: object): Promise<void> => {
  const wanted = '__typename ... on UserError { message path }'
  const document = `mutation($input: ${type}!) { result: ${mutation}(input: $input) { ${wanted} } }`
  const { result } = await app.ask<{ result: { message?: string } }>('adam', document, { input })
  if (result.message !== undefined) throw new Error(JSON.stringify(result))
}

export const saveQueue = (app: TestApp, name: string, memberIds: string[]) =>
  tell(app, 'saveQueue', 'SaveGroupInput', { company: 'USMF', name, memberIds })

let rank = 0
/** A workflow for these accounts and no others, in force at once. */
export const saveWorkflow = (
  app: TestApp,
  name: string,
  ownerId: string,
  accounts: string[],
  elements: object[],
  more: object = {},
) =>
  tell(app, 'saveWorkflow', 'SaveWorkflowInput', {
    ...{ company: 'USMF', name, ownerId, rank: (rank += 1), activate: true },
    activation: accounts.map((account) => `customer.account == "${account}"`).join(' || '),
    definition: { elements },
    ...more,
  })

export const setAbsence = (app: TestApp, userId: string, standInId: string) =>
  tell(app, 'setAbsence', 'SetAbsenceInput', {
    ...{ company: 'USMF', userId, standInId },
    from: new Date(Date.now() - 60_000).toISOString(),
    until: new Date(Date.now() + 86_400_000).toISOString(),
  })

/** An approval of one step. */
export const approval = (name: string, to: object, more: object = {}) => ({
  approval: { name, steps: [{ name, assign: [{ to }] }], ...more },
})
