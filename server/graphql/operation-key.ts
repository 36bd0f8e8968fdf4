// When two executions of one document ask for the same: whoever goes on behind another place in the stream does so all the same.
import { getOperationAST, Kind, visit, type DocumentNode, type ExecutionArgs } from 'graphql'
import { canonicalJson } from '../domain/digest.ts'
import { isGiven } from '../domain/given.ts'

/** Names of the variables by which an operation's messages can differ: all but one that only says where to go on. */
const variablesOf = (document: DocumentNode, operationName: string): readonly string[] => {
  const operation = getOperationAST(document, operationName === '' ? undefined : operationName)
  if (!isGiven(operation)) return []
  const places = operation.selectionSet.selections.flatMap((field) =>
    field.kind === Kind.FIELD
      ? (field.arguments ?? []).flatMap(({ name, value }) =>
          name.value === 'after' && value.kind === Kind.VARIABLE ? [value.name.value] : [],
        )
      : [],
  )
  const uses: string[] = []
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void uses.push(name.value),
  })
  return (operation.variableDefinitions ?? [])
    .map(({ variable }) => variable.name.value)
    .filter((name) => !places.includes(name) || uses.filter((used) => used === name).length > 1)
}

const known = new WeakMap<DocumentNode, Map<string, readonly string[]>>()

/** The same for two executions of a document that get the same messages, whatever their `after`. */
export const operationKey = ({ document, operationName, variableValues }: ExecutionArgs): string => {
  const name = operationName ?? ''
  const ofDocument = known.get(document) ?? new Map<string, readonly string[]>()
  known.set(document, ofDocument)
  const names = ofDocument.get(name) ?? variablesOf(document, name)
  ofDocument.set(name, names)
  // Null is not the same as not given, for which a default may stand.
  const given = names.filter((each) => Object.hasOwn(variableValues ?? {}, each))
  return canonicalJson([name, ...given.map((each) => [each, variableValues?.[each]])])
}
