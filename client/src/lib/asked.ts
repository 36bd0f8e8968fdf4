// Which workflows name something of the company's, a group, a queue or a webhook: as the server looks for it, anywhere in the definition of
// the version in use.
import type { Json } from './graphql.ts'

type What = 'group' | 'queue' | 'webhookId'
type Workflow = { id: string; name: string; activeVersion: { definition: Json } | null }

const names = (definition: Json, what: What, value: string): boolean => {
  if (Array.isArray(definition)) return definition.some((inner) => names(inner, what, value))
  if (definition === null || typeof definition !== 'object') return false
  return Object.entries(definition).some(
    ([key, inner]) => (key === what && inner === value) || names(inner, what, value),
  )
}

/** Those whose version in use names it. */
export const workflowsNaming = <Found extends Workflow>(
  workflows: readonly Found[],
  what: What,
  value: string,
): Found[] =>
  workflows.filter(({ activeVersion }) => activeVersion !== null && names(activeVersion.definition, what, value))
