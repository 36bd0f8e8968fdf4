// Node ids: opaque to whoever holds them, base64url of `Type:company:…` here. They are decoded by hand, because a wrong
// or foreign id must answer like one that never existed, inside the result and not as a broken request.
import { DomainError } from '../domain/errors.ts'

/** How many parts an id of the type has after its name; all are UUIDs, but for a workflow version's last, its number. */
const nodeTypes = {
  Company: 1,
  User: 1,
  Group: 2,
  WorkQueue: 2,
  Absence: 2,
  Customer: 2,
  BankAccount: 3,
  Address: 3,
  Contact: 3,
  Proposal: 2,
  ProposedChange: 3,
  WorkItem: 3,
  Decision: 2,
  Comment: 2,
  Workflow: 2,
  WorkflowVersion: 3,
  Event: 2,
  ImportJob: 2,
  BatchDecision: 2,
  ApiKey: 2,
  Webhook: 2,
} as const
export type NodeType = keyof typeof nodeTypes

/** `parts` begin with the company, except for a User's; the last one is the thing's own id. */
export type DecodedId = {
  readonly type: NodeType
  readonly parts: readonly [string, ...string[]]
  readonly own: string
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const versionNumber = /^[1-9]\d{0,8}$/
const isNodeType = (name: string): name is NodeType => Object.hasOwn(nodeTypes, name)

export const encodeId = (type: NodeType, ...parts: readonly (string | number)[]): string =>
  Buffer.from([type, ...parts].join(':')).toString('base64url')

/** What an id names; null for anything that `encodeId` has not made. */
export const decodeId = (id: string): DecodedId | null => {
  if (id.length > 400) return null
  const bytes = Buffer.from(id, 'base64url')
  if (bytes.toString('base64url') !== id) return null
  const [type, ...parts] = bytes.toString('utf8').split(':')
  if (type === undefined || !isNodeType(type) || parts.length !== nodeTypes[type]) return null
  const last = parts.at(-1)
  const [first, ...rest] = parts
  if (first === undefined || last === undefined) return null
  const wellFormed = parts.every((part, index) =>
    type === 'WorkflowVersion' && index === 2 ? versionNumber.test(part) : uuid.test(part),
  )
  return wellFormed ? { type, parts: [first, ...rest], own: last } : null
}

const notFound = (at: readonly string[]): DomainError =>
  new DomainError('NOT_FOUND', 'Nothing with this id is there for you. Take ids from what the API has answered.', {
    at,
  })

/** The company and the own id that an input's id names; NOT_FOUND at `at` when it is of another type or none at all. */
export const idOf = (
  type: Exclude<NodeType, 'User' | 'Company'>,
  id: string,
  at: readonly string[],
): { companyId: string; id: string } => {
  const decoded = decodeId(id)
  if (decoded?.type !== type) throw notFound(at)
  return { companyId: decoded.parts[0], id: decoded.own }
}

/** The user that an input's id names; NOT_FOUND at `at` when it names none. */
export const userIdOf = (id: string, at: readonly string[]): string => {
  const decoded = decodeId(id)
  if (decoded?.type !== 'User') throw notFound(at)
  return decoded.own
}

/** As `idOf`, of the company that the command is about. */
export const idWithin = (
  type: Exclude<NodeType, 'User' | 'Company'>,
  companyId: string | null,
  id: string,
  at: readonly string[],
): string => {
  const found = idOf(type, id, at)
  if (found.companyId !== companyId) throw notFound(at)
  return found.id
}

/** As `idWithin`, for a list. */
export const idsWithin = (
  type: Exclude<NodeType, 'User' | 'Company'>,
  companyId: string | null,
  ids: readonly string[],
  at: readonly string[],
): string[] => ids.map((id, index) => idWithin(type, companyId, id, [...at, String(index)]))

/** The version of a workflow of the company that an input's id names; NOT_FOUND at `at` when it names none. */
export const versionWithin = (
  companyId: string,
  id: string,
  at: readonly string[],
): { workflowId: string; version: number } => {
  const decoded = decodeId(id)
  const [company, workflowId, version] = decoded?.type === 'WorkflowVersion' ? decoded.parts : []
  if (workflowId === undefined || company !== companyId) throw notFound(at)
  return { workflowId, version: Number(version) }
}
