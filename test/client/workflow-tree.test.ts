// The tree of a workflow's design: whatever is done to it can be taken back, and what was said of a place is found where that went.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  newBranch,
  newCase,
  newElement,
  newStep,
  type Definition,
  type Element,
} from '../../client/src/lib/workflows/definition.ts'
import {
  at,
  follow,
  gapsIn,
  insert,
  isWithin,
  move,
  nextPlace,
  pathOf,
  put,
  remove,
  textOf,
  type Path,
} from '../../client/src/lib/workflows/tree.ts'

const branch = (n: number) => `Branch ${n}`
const { tree } = fc.letrec<{ tree: Element[]; element: Element }>((tie) => ({
  tree: fc.array(tie('element'), { maxLength: 3 }),
  element: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.uuid().map((name) => newElement('task', name, branch)),
    fc.uuid().map((name) => ({
      approval: {
        ...approvalOf(newElement('approval', name, branch)),
        steps: [newStep(`${name} 1`), newStep(`${name} 2`)],
      },
    })),
    fc.record({ name: fc.uuid(), one: tie('tree'), two: tie('tree') }).map(({ name, one, two }) => ({
      parallel: {
        name,
        branches: [
          { ...newBranch('1'), elements: one },
          { ...newBranch('2'), elements: two },
        ],
      },
    })),
    fc.record({ name: fc.uuid(), one: tie('tree'), rest: fc.option(tie('tree')) }).map(({ name, one, rest }) => ({
      condition: { name, cases: [{ ...newCase(), when: name, elements: one }], else: rest },
    })),
  ),
}))
const approvalOf = (element: Element) => ('approval' in element ? element.approval : expect.unreachable())
const definitions = tree.map((elements): Definition => ({ elements }))

const isElement = (path: Path) => ['elements', 'else'].includes(String(path.at(-2)))
/** The paths of all elements. */
const elementsOf = (definition: Definition): Path[] =>
  gapsIn(definition.elements, ['elements']).filter((path) => at(definition, path) !== undefined)
/** Paths of everything that there is, members and all. */
const placesOf = (node: unknown, path: Path = []): Path[] =>
  node === null || typeof node !== 'object'
    ? [path]
    : [path, ...Object.keys(node).flatMap((key) => placesOf(at(node, pathOf(key)), [...path, ...pathOf(key)]))]
const namesOf = (definition: Definition): string[] =>
  placesOf(definition)
    .filter((path) => path.at(-1) === 'name')
    .map((path) => String(at(definition, path)))
    .sort()
const withElement = definitions
  .filter((definition) => definition.elements.length > 0)
  .chain((definition) =>
    fc.record({ definition: fc.constant(definition), from: fc.constantFrom(...elementsOf(definition)) }),
  )

test('moving an element anywhere loses nothing, and moving it back restores the tree as it was', () => {
  fc.assert(
    fc.property(withElement, fc.nat(), ({ definition, from }, pick) => {
      const without = remove(definition, from)
      const gaps = gapsIn(without.elements, ['elements'])
      const to = gaps[pick % gaps.length] ?? ['elements', 0]
      const moved = move(definition, from, to)
      expect(at(moved, to)).toBe(at(definition, from))
      expect(namesOf(moved)).toEqual(namesOf(definition))
      expect(move(moved, to, from)).toEqual(definition)
    }),
  )
})

test('what is taken out and put in again stands where it stood', () => {
  fc.assert(
    fc.property(withElement, ({ definition, from }) => {
      expect(insert(remove(definition, from), from, at(definition, from))).toEqual(definition)
    }),
  )
})

test('an edit leaves the tree before it untouched and shares what it does not change', () => {
  fc.assert(
    fc.property(withElement, ({ definition, from }) => {
      const before = structuredClone(definition)
      const edited = put(definition, [...from, 'seen'], true)
      expect(definition).toEqual(before)
      for (const path of elementsOf(definition)) {
        if (!isWithin(from, path) && !isWithin(path, from)) expect(at(edited, path)).toBe(at(definition, path))
      }
    }),
  )
})

test('a place is followed through inserting, removing and moving', () => {
  fc.assert(
    fc.property(withElement, fc.nat(), ({ definition, from }, pick) => {
      const without = remove(definition, from)
      const gaps = gapsIn(without.elements, ['elements'])
      const to = gaps[pick % gaps.length] ?? ['elements', 0]
      const changes = [
        [{ from, to }, move(definition, from, to)],
        [{ remove: from }, without],
        [{ insert: from }, insert(definition, from, newElement('task', 'new', branch))],
      ] as const
      for (const [done, after] of changes) {
        for (const path of elementsOf(definition)) {
          const now = follow(done, path)
          if (now === null) expect(isWithin(path, from)).toBe(true)
          else expect(nameAt(after, now)).toBe(nameAt(definition, path))
        }
      }
    }),
  )
})
const nameAt = (definition: Definition, path: Path) =>
  (Object.values(at(definition, path) as object)[0] as { name: string }).name

test('by moving down again and again an element comes past every place, and up again back to where it was', () => {
  fc.assert(
    fc.property(withElement, ({ definition, from }) => {
      const walk = (start: Definition, at: Path, by: -1 | 1): { tree: Definition; path: Path; places: string[] } => {
        let tree = start
        let path = at
        const places = [textOf(path)]
        for (let next = nextPlace(tree, path, by); next !== null; next = nextPlace(tree, path, by)) {
          tree = move(tree, path, next)
          path = next
          places.push(textOf(path))
        }
        return { tree, path, places }
      }
      const top = walk(definition, from, -1)
      expect(textOf(top.path)).toBe('elements.0')
      const down = walk(top.tree, top.path, 1)
      const all = gapsIn(remove(definition, from).elements, ['elements']).map(textOf)
      expect(down.places).toEqual(all)
      expect(down.places).toContain(textOf(from))
      expect(isElement(down.path)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a path and its text are the same', () => {
  const path = ['elements', 1, 'approval', 'steps', 0, 'when']
  expect(pathOf(textOf(path))).toEqual(path)
  expect(pathOf('')).toEqual([])
})
