// Which workflows ask a group by its name: as the server looks for it, anywhere in the definition of the version in use.
import type { Json } from './graphql.ts'

const asks = (definition: Json, group: string): boolean => {
  if (Array.isArray(definition)) return definition.some((inner) => asks(inner, group))
  if (definition === null || typeof definition !== 'object') return false
  return Object.entries(definition).some(([key, inner]) => (key === 'group' && inner === group) || asks(inner, group))
}

type Workflow = { id: string; name: string; activeVersion: { definition: Json } | null }

/** Those whose version in use asks the group. */
export const workflowsThatAsk = <Found extends Workflow>(workflows: readonly Found[], group: string): Found[] =>
  workflows.filter(({ activeVersion }) => activeVersion !== null && asks(activeVersion.definition, group))
