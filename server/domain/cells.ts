// Texts of a file as the rules take them: a file says "1" or "Everything" where the API says true or ALL. What is not recognised is
// passed on as it is, so that the refusal names the field and the reason. Nothing here guesses at amounts of money.
import countries from 'i18n-iso-countries'
import english from 'i18n-iso-countries/langs/en.json' with { type: 'json' }
import { normalName } from './column-names.ts'
import type { FieldDef } from './fields.ts'

export type Convert = (text: string) => string | boolean

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  y: true,
  '1': true,
  false: false,
  no: false,
  n: false,
  '0': false,
}

const countryCodes: ReadonlyMap<string, string> = new Map([
  ...Object.entries(english.countries).flatMap(([code, names]) =>
    [names].flat().map((name) => [normalName(name), code] as const),
  ),
  ...Object.entries(countries.getAlpha3Codes()).map(([three, two]) => [three.toLowerCase(), two] as const),
])

/** How the texts of a field are made into what its parser takes; null: as they are. */
export const conversionOf = (def: FieldDef): Convert | null => {
  switch (def.type) {
    case 'BOOLEAN':
      return (text) => booleans[text.toLowerCase()] ?? text
    case 'ENUM': {
      const values = new Map<string, string>()
      for (const { value, label } of def.options ?? []) values.set(normalName(label), value)
      for (const { value } of def.options ?? []) values.set(normalName(value), value)
      return (text) => values.get(normalName(text)) ?? text
    }
    case 'COUNTRY':
      return (text) => countryCodes.get(normalName(text)) ?? text
    default:
      return null
  }
}
