// Made-up customers, the same ones every time: a seed of its own for each company, values that pass the domain's checks.
import { faker as german } from '@faker-js/faker/locale/de'
import { faker as american } from '@faker-js/faker/locale/en'
import type { RawCustomer } from '../domain/create.ts'

type Faker = typeof american
type Raw = Record<string, unknown>

type Place = {
  readonly faker: Faker
  readonly prefix: string
  readonly country: string
  readonly currency: string
  readonly language: string
  readonly terms: readonly string[]
  readonly methods: readonly string[]
  readonly bankAccounts: (faker: Faker, holder: string, index: number) => (Raw & { readonly code: string })[]
  readonly taxNumber: (faker: Faker) => string
}

const bic = (faker: Faker, country: string): string =>
  `${faker.string.alpha({ length: 4, casing: 'upper' })}${country}${faker.string.numeric({ length: 2, allowLeadingZeros: false })}`

const iban = (faker: Faker, country: string) => ({
  iban: faker.finance.iban({ countryCode: country }),
  bic: bic(faker, country),
})

const usmf: Place = {
  faker: american,
  prefix: 'US',
  country: 'US',
  currency: 'USD',
  language: 'en-US',
  terms: ['Net10', 'Net15', 'Net30', 'Net30', 'Net30', 'Net45', 'Net60'],
  methods: ['CHECK', 'CHECK', 'ACH', 'WIRE', 'CARD'],
  bankAccounts: (faker, holder, index) => {
    const bank = `${faker.location.city()} Savings Bank`
    const accountNumber = faker.finance.accountNumber(10)
    const main = { code: 'MAIN', name: bank, holder, accountNumber, bic: bic(faker, 'US'), currency: 'USD' }
    // Every third one is paid in Europe too.
    const country = faker.helpers.arrayElement(['DE', 'NL', 'AT'])
    const euro = { code: 'EURO', name: 'Euro account', holder, ...iban(faker, country), currency: 'EUR' }
    return index % 3 === 1 ? [main, euro] : [main]
  },
  taxNumber: (faker) => `${faker.string.numeric(2)}-${faker.string.numeric(7)}`,
}

const demf: Place = {
  faker: german,
  prefix: 'DE',
  country: 'DE',
  currency: 'EUR',
  language: 'de-DE',
  terms: ['Net10', 'Net15', 'Net30', 'Net30', 'Net45'],
  methods: ['SEPA', 'SEPA', 'WIRE'],
  bankAccounts: (faker, holder) => [
    { code: 'HAUS', name: `Sparkasse ${faker.location.city()}`, holder, ...iban(faker, 'DE'), currency: 'EUR' },
  ],
  taxNumber: (faker) => `DE${faker.string.numeric({ length: 9, allowLeadingZeros: false })}`,
}

/** `count` customers of a demo company in the shape in which they come in, accounts from 001 on. */
export const demoCustomers = (company: string, count: number): RawCustomer[] => {
  const place = company === 'USMF' ? usmf : demf
  place.faker.seed(company === 'USMF' ? 1001 : 2002)
  const names = new Set<string>()
  while (names.size < count) names.add(place.faker.company.name())
  return [...names].map((name, index) => customer(place, name, index + 1))
}

/** 'Müller & Söhne GmbH' → 'mueller-soehne-gmbh'. */
const domainOf = (name: string): string => {
  const letters: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' }
  const plain = name.toLowerCase().replace(/[äöüß]/g, (letter) => letters[letter] ?? letter)
  return `${plain
    .normalize('NFD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}.example`
}

const limits = [
  '5000.00',
  '10000.00',
  '15000.00',
  '25000.00',
  '40000.00',
  '50000.00',
  '60000.00',
  '75000.00',
  '100000.00',
  '150000.00',
  '300000.00',
]

const customer = (place: Place, name: string, index: number): RawCustomer => {
  const { faker } = place
  const domain = domainOf(name)
  const bankAccounts = place.bankAccounts(faker, name, index)
  const contacts = Array.from({ length: faker.number.int({ min: 1, max: 3 }) }, (_, n) => contact(place, domain, n + 1))
  return {
    account: `${place.prefix}-${String(index).padStart(3, '0')}`,
    set: {
      name,
      customerGroup: faker.helpers.arrayElement(['10', '20', '30', '30', '40', '80']),
      currency: place.currency,
      language: place.language,
      creditLimit: fixedLimits[`${place.prefix}-${index}`] ?? faker.helpers.arrayElement(limits),
      mandatoryCreditLimit: faker.datatype.boolean(0.3),
      creditRating: faker.helpers.arrayElement(['A', 'A', 'B', 'B', 'C', null]),
      paymentTerms: faker.helpers.arrayElement(place.terms),
      methodOfPayment: faker.helpers.arrayElement(place.methods),
      cashDiscount:
        faker.helpers.maybe(() => faker.helpers.arrayElement(['0.5D10', '1D14', '2D10']), { probability: 0.4 }) ?? null,
      defaultBankAccount: bankAccounts[0]?.code,
      taxGroup: faker.helpers.weightedArrayElement([
        { value: 'DOM', weight: 9 },
        { value: 'EXEMPT', weight: 1 },
      ]),
      taxExemptNumber: place.taxNumber(faker),
      email: `accounts@${domain}`,
      phone: faker.phone.number({ style: 'international' }),
      website: `https://www.${domain}`,
      deliveryTerms: faker.helpers.arrayElement(['DAP', 'EXW', 'FCA', 'FOB']),
      deliveryMode: faker.helpers.arrayElement(['TRUCK', 'TRUCK', 'PARCEL', 'PICKUP']),
    },
    bankAccounts,
    addresses: [
      address(place, 'OFFICE', 'BUSINESS', true),
      ...(index % 4 === 0 ? [address(place, 'DEPOT', 'DELIVERY', false)] : []),
    ],
    contacts,
  }
}

/** What the guides, the proposals in flight and whoever tries things out count on. */
const fixedLimits: Readonly<Record<string, string>> = {
  'US-1': '50000.00',
  'US-7': '25000.00',
  'US-10': '40000.00',
  'US-15': '75000.00',
}

const address = ({ faker, country }: Place, code: string, purpose: string, primary: boolean): Raw => ({
  code,
  purpose,
  street: faker.location.streetAddress(),
  city: faker.location.city(),
  state: faker.location.state(),
  postalCode: faker.location.zipCode(),
  country,
  primary,
})

const contact = ({ faker }: Place, domain: string, number: number): Raw => {
  const [firstName, lastName] = [faker.person.firstName(), faker.person.lastName()]
  const mailbox = domainOf(`${firstName} ${lastName}`).replace(/\.example$/, '')
  return {
    code: `C${number}`,
    name: `${firstName} ${lastName}`,
    title: faker.person.jobTitle().slice(0, 60),
    email: `${mailbox}@${domain}`,
    phone: faker.phone.number({ style: 'international' }),
  }
}
