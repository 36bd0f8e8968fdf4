// Ids inside of a workflow definition: the API's outside, the bare ones inside.
import { decodeId, encodeId } from './ids.ts'
import type { Definition } from '../domain/workflow/definition.ts'

type Named = 'User' | 'Workflow' | 'Webhook'
const idKeys: ReadonlyMap<string, Named> = new Map([
  ['users', 'User'],
  ['startUserId', 'User'],
  ['finalApproverId', 'User'],
  ['workflowId', 'Workflow'],
  ['webhookId', 'Webhook'],
])
/** An id that names nothing must stay one that names nothing: validation then says that it is unknown. */
const unknownMark = 'unknown:'

const mapIds = (value: unknown, map: (type: Named, id: string) => string, key?: string): unknown => {
  if (Array.isArray(value)) return value.map((entry) => mapIds(entry, map, key))
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapIds(inner, map, name)]))
  }
  const type = key === undefined ? undefined : idKeys.get(key)
  return type !== undefined && typeof value === 'string' ? map(type, value) : value
}

/** A definition as given, with bare ids. */
export const decodeDefinition = (companyId: string | null, definition: unknown): unknown =>
  mapIds(definition, (type, id) => {
    const decoded = decodeId(id)
    const own = decoded?.type === type && (type === 'User' || decoded.parts[0] === companyId)
    return own ? decoded.own : `${unknownMark}${id}`
  })

/** A stored definition with the ids of the API. */
export const encodeDefinition = (companyId: string, definition: Definition): unknown =>
  mapIds(definition, (type, id) => {
    if (id.startsWith(unknownMark)) return id.slice(unknownMark.length)
    return type === 'User' ? encodeId('User', id) : encodeId(type, companyId, id)
  })
