// What can be wrong with running other workflows: unknown or inactive ones, circles, too much of it, and people whom the making of
// this workflow keeps from deciding in another.
import { stepsOf } from './compile.ts'
import type { Definition } from './definition.ts'
import { circleFrom, maxDepth, maxTotal, reachedFrom, sizeOf, usersOf } from './subworkflows.ts'
import { askedBy, asksNobody } from './validate-assignee.ts'
import type { Report, Setting } from './validate-report.ts'
import type { RunnableVersion } from './workflow.ts'

/** Names of steps of a version that the makers leave without anybody. */
const stepsWithoutPeople = (version: RunnableVersion, setting: Setting): string[] =>
  [...version.elements.values()].flatMap((element) => {
    const kind = 'task' in element ? 'task' : 'decision' in element ? 'decision' : 'approval'
    const empty = stepsOf(element).filter(({ assign }) =>
      assign.some(({ to }) => {
        const asked = askedBy(to, kind, setting, version.managerConditions)
        return asked !== null && asksNobody(asked)
      }),
    )
    return empty.map(({ name }) => name)
  })

/** `report` is at the element's body. */
export const checkSubworkflow = (
  report: Report,
  { workflowId }: { readonly workflowId: string },
  definition: Definition,
  setting: Setting,
): void => {
  const at = report.at('workflowId')
  const { company, self } = setting
  if (workflowId === self.id) return at.error('A workflow cannot run itself; name another one, or remove this element.')
  const workflow = company.workflows.find(({ id }) => id === workflowId)
  if (workflow === undefined) return at.error('There is no such workflow; name one of this company.')
  if (workflow.activeVersion === null)
    return at.error(`The workflow "${workflow.name}" is not active; activate it first, or name another one.`)
  const definitionOf = (id: string): Definition | undefined =>
    id === self.id ? definition : company.workflows.find((each) => each.id === id)?.activeVersion?.definition
  const circle = circleFrom(workflowId, definitionOf)
  if (circle !== null) {
    const nameOf = (id: string) => company.workflows.find((each) => each.id === id)?.name ?? 'this workflow'
    return at.error(
      `These workflows run each other without end: ${circle.map(nameOf).join(' → ')}. Take one of them out.`,
    )
  }
  const { activeVersion } = workflow
  const reached = [activeVersion, ...reachedFrom(activeVersion.definition, company.workflows).values()]
  const names = reached.flatMap((version) => stepsWithoutPeople(version, setting))
  if (names.length > 0)
    at.error(
      `In "${workflow.name}" nobody could decide ${names.map((name) => `"${name}"`).join(', ')}: whoever saves or activates this workflow or one that it runs may not. Name other people there, or let somebody else save this one.`,
    )
}

/** How much runs in all: here, and in every active workflow that runs this one. `report` is at the elements. */
export const checkSizes = (report: Report, definition: Definition, { company, self }: Setting): void => {
  const definitionOf = (id: string): Definition | undefined =>
    id === self.id ? definition : company.workflows.find((each) => each.id === id)?.activeVersion?.definition
  const check = (whole: Definition, whose: string): void => {
    const { total, depth } = sizeOf(whole, definitionOf)
    if (depth > maxDepth)
      report.error(
        `${whose} goes ${depth} subworkflows deep; at most ${maxDepth} are allowed. Put some of what they do into one workflow.`,
      )
    if (total > maxTotal)
      report.error(
        `${whose} comes to ${total} elements together with its subworkflows; at most ${maxTotal} are allowed. Run fewer of them.`,
      )
  }
  const isCircular = (id: string) => circleFrom(id, definitionOf) !== null
  const reached = reachedFrom(definition, company.workflows)
  if (![...reached.keys()].some(isCircular)) check(definition, 'This workflow')
  if (typeof self.id !== 'string') return
  const above = new Map<string, (typeof company.workflows)[number]>()
  const open = [self.id]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const user of usersOf(id, company.workflows)) {
      if (above.has(user.id)) continue
      above.set(user.id, user)
      open.push(user.id)
    }
  }
  for (const { id, name, activeVersion } of above.values())
    if (activeVersion !== null && !isCircular(id)) check(activeVersion.definition, `With this, the workflow "${name}"`)
}
