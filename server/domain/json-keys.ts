// Keys that are twice in an object of JSON: a parser keeps the last and drops the others without a word.

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a

/** Where the text that begins at `start` with a quote ends: its closing quote. */
const endOfText = (json: string, start: number): number => {
  for (let at = start + 1; at < json.length; at++) {
    const char = json.charCodeAt(at)
    if (char === quote) return at
    if (char === backslash) at++
  }
  return json.length
}

/** How many keys the objects in a JSON text have in all, each as often as it is there. The text has to be valid. */
export const keysIn = (json: string): number => {
  let keys = 0
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at)
    if (char === quote) at = endOfText(json, at)
    else if (char === colon) keys++
  }
  return keys
}

/** The first key that is twice in one object of a valid JSON text; null: none is. */
export const doubledKey = (json: string): string | null => {
  const open: Set<string>[] = []
  let last = ''
  for (let at = 0; at < json.length; at++) {
    const char = json[at]
    if (char === '"') {
      const end = endOfText(json, at)
      last = json.slice(at, end + 1)
      at = end
    } else if (char === '{' || char === '[') open.push(new Set())
    else if (char === '}' || char === ']') open.pop()
    else if (char === ':') {
      const key = String(JSON.parse(last))
      if (open.at(-1)?.has(key) === true) return key
      open.at(-1)?.add(key)
    }
  }
  return null
}
