// Names and codes that people give to things.
import { isText } from './text.ts'

/** Is it a name of 1 to `max` characters on one line? Control characters have no place in it. */
export const isName = (text: string, max: number): boolean => {
  const length = [...text].length
  return length >= 1 && length <= max && !/\p{Cc}/u.test(text) && isText(text)
}
