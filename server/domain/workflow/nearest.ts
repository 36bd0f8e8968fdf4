// "Did you mean …": the nearest known name to one that is not known.

const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}

/** How many typing errors make one name of another; infinite: they are different names. */
const errorsBetween = (name: string, candidate: string): number => {
  const most = Math.max(1, Math.floor(name.length / 3))
  if (Math.abs(candidate.length - name.length) > most) return Infinity
  const far = distance(name, candidate)
  return far > most ? Infinity : far
}

/** Of names with dots each part is looked at by itself: what two have in common before a dot does not make them alike behind it. */
const between = (name: string, candidate: string): number => {
  const [parts, others] = [name.split('.'), candidate.split('.')]
  if (parts.length !== others.length) return errorsBetween(name, candidate)
  return parts.reduce((sum, part, i) => sum + errorsBetween(part, others[i] ?? ''), 0)
}

/** The known name that a typing error away is `name`; undefined when none is near. */
const nearest = (name: string, known: Iterable<string>): string | undefined => {
  if (name.length > 100) return undefined
  let best: string | undefined
  let least = Infinity
  for (const candidate of known) {
    const far = between(name.toLowerCase(), candidate.toLowerCase())
    if (far < least) [best, least] = [candidate, far]
  }
  return best
}

/** Half a sentence to hang on: `; did you mean "x"?`, or the alternative when nothing is near. */
export const didYouMean = (name: string, known: Iterable<string>, otherwise = ''): string => {
  const best = nearest(name, known)
  return best === undefined ? otherwise : `; did you mean "${best}"?`
}
