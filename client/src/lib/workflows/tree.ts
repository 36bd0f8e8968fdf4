// The definition as a tree that is never changed: each edit makes a new one that shares what stayed as it was. Places are the API's
// own paths (elements.1.approval.steps.0), so what it says of a place is found there, also after something has been moved.
export type Path = readonly (string | number)[]

/** What was done to the lists of a tree. `to` is the place after what is moved has been taken out. */
export type Move = { readonly insert: Path } | { readonly remove: Path } | { readonly from: Path; readonly to: Path }

export const textOf = (path: Path): string => path.join('.')
export const pathOf = (text: string): Path =>
  text === '' ? [] : text.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
export const isWithin = (path: Path, outer: Path): boolean => outer.every((part, at) => path[at] === part)
const listOf = (path: Path): Path => path.slice(0, -1)
const indexOf = (path: Path): number => Number(path.at(-1))

type Node = Readonly<Record<string | number, unknown>>
type Tree = { readonly elements: readonly object[] }

/** What stands at a path; undefined where there is nothing. */
export const at = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, part) => (node === null || node === undefined ? undefined : (node as Node)[part]), root)

/** With another value at the path. */
export const put = <Root>(root: Root, path: Path, value: unknown): Root => {
  const [first, ...rest] = path
  if (first === undefined) return value as Root
  const inner = put((root as Node)[first], rest, value)
  if (Array.isArray(root)) return root.with(Number(first), inner) as Root
  return { ...root, [first]: inner }
}

/** With something more in a list, at the path that it is to have. */
export const insert = <Root>(root: Root, path: Path, value: unknown): Root =>
  put(root, listOf(path), (at(root, listOf(path)) as unknown[]).toSpliced(indexOf(path), 0, value))

/** Without the list's entry at the path. */
export const remove = <Root>(root: Root, path: Path): Root =>
  put(root, listOf(path), (at(root, listOf(path)) as unknown[]).toSpliced(indexOf(path), 1))

/** With an entry in another place; the same with both paths exchanged moves it back. */
export const move = <Root>(root: Root, from: Path, to: Path): Root => insert(remove(root, from), to, at(root, from))

/** `path` where an entry of its list, or of one that it lies in, is shifted by one. */
const shift = (path: Path, entry: Path, by: 1 | -1): Path => {
  const depth = entry.length - 1
  const index = path[depth]
  const touched = isWithin(path, listOf(entry)) && typeof index === 'number'
  return touched && index >= indexOf(entry) ? (path as (string | number)[]).with(depth, index + by) : path
}

/** Where that is now which stood at a path before; null: it was removed. */
export const follow = (done: Move, path: Path): Path | null => {
  if ('insert' in done) return shift(path, done.insert, 1)
  if ('remove' in done) return isWithin(path, done.remove) ? null : shift(path, done.remove, -1)
  if (isWithin(path, done.from)) return [...done.to, ...path.slice(done.from.length)]
  return shift(shift(path, done.from, -1), done.to, 1)
}

/** Where a gap in front of `gap` lies once `from` has been taken out; null: it lies inside of it. */
const withoutFrom = (from: Path, gap: Path): Path | null =>
  isWithin(gap, from) && gap.length > from.length
    ? null
    : isWithin(gap, listOf(from)) && Number(gap[from.length - 1]) > indexOf(from)
      ? shift(gap, from, -1)
      : gap

const branching = ['branches', 'outcomes', 'cases'] as const

/** The lists of elements that an element holds, in order. */
export const sequencesIn = (element: object): { path: Path; elements: readonly object[] }[] => {
  const [kind, body] = Object.entries(element)[0] as [string, Record<string, unknown>]
  const held = branching.flatMap((list) =>
    ((body[list] ?? []) as { elements: readonly object[] }[]).map(({ elements }, index) => ({
      path: [kind, list, index, 'elements'],
      elements,
    })),
  )
  return body.else ? [...held, { path: [kind, 'else'], elements: body.else as readonly object[] }] : held
}

/** Every place where an element can be put, in the order of reading. */
export const gapsIn = (elements: readonly object[], list: Path): Path[] => [
  ...elements.flatMap((element, index) => [
    [...list, index],
    ...sequencesIn(element).flatMap((held) => gapsIn(held.elements, [...list, index, ...held.path])),
  ]),
  [...list, elements.length],
]

/** Every place that an element can have in the tree without it, its own among them, in the order of reading. */
export const placesFor = (definition: Tree, from: Path): Path[] => {
  const places = gapsIn(definition.elements, ['elements']).flatMap((gap) => {
    const place = withoutFrom(from, gap)
    return place === null ? [] : [place]
  })
  // Before and behind itself is the same place.
  return places.filter((place, index) => textOf(place) !== textOf(places[index - 1] ?? []))
}

/** The place before or behind an element where it would stand next, across branches; null: it is the first or last. */
export const nextPlace = (definition: Tree, from: Path, by: -1 | 1): Path | null => {
  const places = placesFor(definition, from)
  return places[places.findIndex((place) => textOf(place) === textOf(from)) + by] ?? null
}

/** The place that an entry of another list has one further up or down; null at its end. */
export const nextInList = (root: unknown, from: Path, by: -1 | 1): Path | null => {
  const index = indexOf(from) + by
  const { length } = at(root, listOf(from)) as unknown[]
  return index < 0 || index >= length ? null : [...listOf(from), index]
}

const parts = ['elements', 'else', 'steps', 'branches', 'outcomes', 'cases']

/** The part of the tree that a path lies in: an element, a step, a branch; [] is the workflow. */
export const ownerOf = (path: Path): Path => {
  for (let length = path.length; length > 1; length--) {
    if (typeof path[length - 1] === 'number' && parts.includes(String(path[length - 2]))) return path.slice(0, length)
  }
  return []
}

/** The part of the tree in whose form a path is shown: the only step of an approval stands in the approval's. */
export const homeOf = (root: unknown, path: Path): Path => {
  const owner = ownerOf(path)
  const only = owner.at(-2) === 'steps' && (at(root, listOf(owner)) as unknown[] | undefined)?.length === 1
  return only ? ownerOf(listOf(owner)) : owner
}
