// What an operation asks of a list's entries, known before the entries are answered.
import { Kind, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql'

/**
 * Names of the fields below `path`, three levels of them ("proposal", "proposal.changes", "proposal.changes.id"), as the
 * schema calls them. Types and directives are not looked at: what is read in vain once costs little.
 */
export const asked = (info: GraphQLResolveInfo, path: readonly string[]): ReadonlySet<string> => {
  const names = new Set<string>()
  const visit = (set: SelectionSetNode | undefined, way: readonly string[], prefix: string, levels: number): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet, way, prefix, levels)
      else if (selection.kind === Kind.FRAGMENT_SPREAD)
        visit(info.fragments[selection.name.value]?.selectionSet, way, prefix, levels)
      else if (way.length > 0) {
        if (selection.name.value === way[0]) visit(selection.selectionSet, way.slice(1), prefix, levels)
      } else {
        names.add(prefix + selection.name.value)
        if (levels > 1) visit(selection.selectionSet, way, `${prefix}${selection.name.value}.`, levels - 1)
      }
    }
  }
  for (const node of info.fieldNodes) visit(node.selectionSet, path, '', 3)
  return names
}
