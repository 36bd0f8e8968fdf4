// The language in which figures and dates are written: the first one that a person wishes for and the browser knows.

/** What systems call a language, as Intl calls it: `de_AT.UTF-8` and `en-US@posix` are no language tags. */
const asTag = (name: string): string => (name.split(/[.@]/)[0] ?? '').replaceAll('_', '-')

/** The first of the wished that Intl can write; `en` when it knows none of them. Never throws. */
export const firstKnown = (wished: readonly string[]): string => {
  for (const tag of wished.map(asTag)) {
    try {
      if (Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0) return tag
    } catch {
      // No language tag at all, e.g. `C`.
    }
  }
  return 'en'
}

export const locale = firstKnown([navigator.language, ...navigator.languages])
