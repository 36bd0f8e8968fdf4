// The field catalogue: the one list of everything a customer record holds. Tables, GraphQL types and inputs,
// validation, import headers and the client's forms are derived from it (DOMAIN section 2).

export type FieldType =
  | 'TEXT'
  | 'DECIMAL'
  | 'INTEGER'
  | 'BOOLEAN'
  | 'DATE'
  | 'REFERENCE'
  | 'CUSTOMER'
  | 'BANK_ACCOUNT'
  | 'CURRENCY'
  | 'COUNTRY'
  | 'LANGUAGE'
  | 'EMAIL'
  | 'PHONE'
  | 'URL'
  | 'IBAN'
  | 'BIC'
  | 'ENUM'

export const referenceKinds = [
  'CUSTOMER_GROUP',
  'PAYMENT_TERMS',
  'METHOD_OF_PAYMENT',
  'PAYMENT_SPECIFICATION',
  'CASH_DISCOUNT',
  'SALES_TAX_GROUP',
  'DELIVERY_TERMS',
  'DELIVERY_MODE',
] as const
export type ReferenceKind = (typeof referenceKinds)[number]

export type FieldDef = {
  readonly type: FieldType
  readonly label: string
  readonly description?: string
  /** Heading under which a form shows the field. */
  readonly group: string
  readonly required?: true
  readonly maxLength?: number
  /** Digits behind the point: DECIMAL only. The canonical form is padded to it ("50000.00"). */
  readonly scale?: number
  /** Smallest allowed value of a DECIMAL or INTEGER, as a decimal string. */
  readonly minimum?: string
  /** Bank and tax data: null and marked masked for who may not read it. */
  readonly sensitive?: true
  /** May a company put the field under approval? */
  readonly governable?: true
  /** Changes that make sense only together and are refused together. */
  readonly atomicGroup?: string
  readonly referenceKind?: ReferenceKind
  readonly options?: readonly { readonly value: string; readonly label: string }[]
  /** The value of a new record that does not name the field. */
  readonly initial?: string | number | boolean
  /** Name in the data entities of Dynamics 365 Finance (CustCustomerV3Entity and its bank account, address and contact entities). */
  readonly d365Name?: string
}

/** Customer fields under their catalogue names, a line each. The sixteen that D365 can govern come first in each group. */
// prettier-ignore
export const customerFields = {
  name: { type: 'TEXT', label: 'Name', group: 'General', required: true, maxLength: 100, governable: true, d365Name: 'OrganizationName' },
  customerGroup: { type: 'REFERENCE', referenceKind: 'CUSTOMER_GROUP', label: 'Customer group', group: 'General', governable: true, d365Name: 'CustomerGroupId' },
  currency: { type: 'CURRENCY', label: 'Currency', group: 'General', governable: true, d365Name: 'SalesCurrencyCode' },
  language: { type: 'LANGUAGE', label: 'Language', group: 'General', governable: true, d365Name: 'LanguageId' },
  creditLimit: { type: 'DECIMAL', scale: 2, minimum: '0', initial: '0.00', required: true, label: 'Credit limit', description: 'In the currency of the customer.', group: 'Credit and collections', governable: true, d365Name: 'CreditLimit' },
  mandatoryCreditLimit: { type: 'BOOLEAN', initial: false, required: true, label: 'Mandatory credit limit', description: 'The limit is enforced even for open orders.', group: 'Credit and collections', governable: true, d365Name: 'CreditLimitIsMandatory' },
  creditRating: { type: 'TEXT', maxLength: 10, label: 'Credit rating', group: 'Credit and collections', governable: true, d365Name: 'CreditRating' },
  excludeInterestCharges: { type: 'BOOLEAN', initial: false, required: true, label: 'Exclude from interest charges', group: 'Credit and collections', governable: true, d365Name: 'IsExcludedFromInterestChargeCalculation' },
  excludeCollectionFees: { type: 'BOOLEAN', initial: false, required: true, label: 'Exclude from collection fees', group: 'Credit and collections', governable: true, d365Name: 'IsExcludedFromCollectionFeeCalculation' },
  holdStatus: { type: 'ENUM', initial: 'NO', required: true, label: 'Hold status', description: 'What the customer is stopped for.', group: 'Credit and collections', governable: true, d365Name: 'OnHoldStatus', options: [
    { value: 'NO', label: 'Not on hold' }, { value: 'INVOICE', label: 'Invoices' }, { value: 'ALL', label: 'Everything' },
    { value: 'PAYMENT', label: 'Payments' }, { value: 'REQUISITION', label: 'Requisitions' }, { value: 'NEVER', label: 'Never' } ] },
  paymentTerms: { type: 'REFERENCE', referenceKind: 'PAYMENT_TERMS', label: 'Payment terms', group: 'Payment', governable: true, d365Name: 'PaymentTerms' },
  methodOfPayment: { type: 'REFERENCE', referenceKind: 'METHOD_OF_PAYMENT', label: 'Method of payment', group: 'Payment', governable: true, d365Name: 'PaymentMethod' },
  paymentSpecification: { type: 'REFERENCE', referenceKind: 'PAYMENT_SPECIFICATION', label: 'Payment specification', group: 'Payment', governable: true, d365Name: 'PaymentSpecification' },
  defaultBankAccount: { type: 'BANK_ACCOUNT', label: 'Default bank account', description: "The code of one of the customer's bank accounts.", group: 'Payment', governable: true, d365Name: 'PaymentBankAccount' },
  cashDiscount: { type: 'REFERENCE', referenceKind: 'CASH_DISCOUNT', label: 'Cash discount', group: 'Payment', governable: true, d365Name: 'PaymentCashDiscount' },
  cashDiscountBaseDays: { type: 'INTEGER', minimum: '0', label: 'Cash discount base days', group: 'Payment', governable: true, d365Name: 'PaymentCashDiscountBaseDays' },
  invoiceAccount: { type: 'CUSTOMER', label: 'Invoice account', description: 'The account that is invoiced in place of this one.', group: 'Payment', governable: true, d365Name: 'InvoiceAccount' },
  taxGroup: { type: 'REFERENCE', referenceKind: 'SALES_TAX_GROUP', label: 'Sales tax group', group: 'Tax', governable: true, d365Name: 'SalesTaxGroup' },
  taxExemptNumber: { type: 'TEXT', maxLength: 20, label: 'Tax exempt number', description: 'VAT or tax registration number.', group: 'Tax', sensitive: true, governable: true, d365Name: 'TaxExemptNumber' },
  email: { type: 'EMAIL', maxLength: 254, label: 'E-mail', group: 'Contact', governable: true, d365Name: 'PrimaryContactEmail' },
  phone: { type: 'PHONE', maxLength: 30, label: 'Phone', group: 'Contact', governable: true, d365Name: 'PrimaryContactPhone' },
  website: { type: 'URL', maxLength: 255, label: 'Website', group: 'Contact', governable: true, d365Name: 'PrimaryContactURL' },
  deliveryTerms: { type: 'REFERENCE', referenceKind: 'DELIVERY_TERMS', label: 'Delivery terms', group: 'Delivery', governable: true, d365Name: 'DeliveryTerms' },
  deliveryMode: { type: 'REFERENCE', referenceKind: 'DELIVERY_MODE', label: 'Delivery mode', group: 'Delivery', governable: true, d365Name: 'DeliveryMode' },
} as const satisfies Record<string, FieldDef>

// prettier-ignore
export const bankAccountFields = {
  code: { type: 'TEXT', maxLength: 10, required: true, label: 'Bank account', description: 'Unique within the customer; cannot be changed later.', group: 'Bank accounts', d365Name: 'BankAccountId' },
  name: { type: 'TEXT', maxLength: 60, label: 'Bank name', group: 'Bank accounts', governable: true, d365Name: 'BankName' },
  holder: { type: 'TEXT', maxLength: 100, label: 'Account holder', group: 'Bank accounts', sensitive: true, governable: true, d365Name: 'AccountHolder' },
  iban: { type: 'IBAN', maxLength: 34, label: 'IBAN', group: 'Bank accounts', sensitive: true, governable: true, atomicGroup: 'bank', d365Name: 'IBAN' },
  accountNumber: { type: 'TEXT', maxLength: 34, label: 'Account number', description: 'Where there is no IBAN.', group: 'Bank accounts', sensitive: true, governable: true, atomicGroup: 'bank', d365Name: 'BankAccountNumber' },
  bic: { type: 'BIC', maxLength: 11, label: 'BIC', group: 'Bank accounts', sensitive: true, governable: true, atomicGroup: 'bank', d365Name: 'SWIFTCode' },
  currency: { type: 'CURRENCY', label: 'Currency', group: 'Bank accounts', governable: true, d365Name: 'CurrencyCode' },
} as const satisfies Record<string, FieldDef>

// prettier-ignore
export const addressFields = {
  code: { type: 'TEXT', maxLength: 20, required: true, label: 'Address', description: 'Unique within the customer; cannot be changed later.', group: 'Addresses', d365Name: 'AddressLocationId' },
  purpose: { type: 'ENUM', initial: 'BUSINESS', required: true, label: 'Purpose', group: 'Addresses', governable: true, d365Name: 'AddressLocationRoles', options: [
    { value: 'BUSINESS', label: 'Business' }, { value: 'INVOICE', label: 'Invoice' }, { value: 'DELIVERY', label: 'Delivery' },
    { value: 'REMITTANCE', label: 'Remittance' }, { value: 'OTHER', label: 'Other' } ] },
  street: { type: 'TEXT', maxLength: 250, label: 'Street', group: 'Addresses', governable: true, atomicGroup: 'address', d365Name: 'AddressStreet' },
  city: { type: 'TEXT', maxLength: 60, label: 'City', group: 'Addresses', governable: true, atomicGroup: 'address', d365Name: 'AddressCity' },
  state: { type: 'TEXT', maxLength: 60, label: 'State', group: 'Addresses', governable: true, atomicGroup: 'address', d365Name: 'AddressState' },
  postalCode: { type: 'TEXT', maxLength: 20, label: 'Postal code', group: 'Addresses', governable: true, atomicGroup: 'address', d365Name: 'AddressZipCode' },
  country: { type: 'COUNTRY', label: 'Country', group: 'Addresses', governable: true, atomicGroup: 'address', d365Name: 'AddressCountryRegionISOCode' },
  primary: { type: 'BOOLEAN', initial: false, required: true, label: 'Primary', group: 'Addresses', governable: true, d365Name: 'IsPrimary' },
} as const satisfies Record<string, FieldDef>

// prettier-ignore
export const contactFields = {
  code: { type: 'TEXT', maxLength: 20, required: true, label: 'Contact', description: 'Unique within the customer; cannot be changed later.', group: 'Contacts', d365Name: 'ContactPersonId' },
  name: { type: 'TEXT', maxLength: 100, required: true, label: 'Name', group: 'Contacts', governable: true, d365Name: 'ContactPersonName' },
  title: { type: 'TEXT', maxLength: 60, label: 'Title', group: 'Contacts', governable: true, d365Name: 'ProfessionalTitle' },
  email: { type: 'EMAIL', maxLength: 254, label: 'E-mail', group: 'Contacts', governable: true, d365Name: 'PrimaryEmailAddress' },
  phone: { type: 'PHONE', maxLength: 30, label: 'Phone', group: 'Contacts', governable: true, d365Name: 'PrimaryPhoneNumber' },
} as const satisfies Record<string, FieldDef>

export const childFields = {
  bankAccounts: bankAccountFields,
  addresses: addressFields,
  contacts: contactFields,
} as const
export const childRecords = ['bankAccounts', 'addresses', 'contacts'] as const
export type ChildRecordName = (typeof childRecords)[number]
export type RecordName = 'customer' | ChildRecordName

const childLabels = { bankAccounts: 'Bank accounts', addresses: 'Addresses', contacts: 'Contacts' } as const

/** One line of the catalogue as the API and the rules name it: `creditLimit`, `bankAccounts.iban`, or `bankAccounts` for the record as a whole. */
export type CatalogueField = {
  /** Full name: unique over the catalogue. */
  readonly name: string
  readonly record: RecordName
  /** Name within its record; null for a record as a whole. */
  readonly property: string | null
  readonly order: number
  /** Null for a record as a whole (type RECORD). */
  readonly def: FieldDef | null
  readonly label: string
  readonly group: string
  readonly sensitive: boolean
  readonly governable: boolean
}

const listCatalogue = (): CatalogueField[] => {
  const list: CatalogueField[] = []
  const add = (
    record: RecordName,
    property: string | null,
    def: FieldDef | null,
    label: string,
    group: string,
  ): void => {
    const name = record === 'customer' ? (property ?? 'customer') : property === null ? record : `${record}.${property}`
    list.push({
      name,
      record,
      property,
      def,
      label,
      group,
      order: list.length + 1,
      sensitive: def?.sensitive ?? false,
      governable: def === null ? true : (def.governable ?? false),
    })
  }
  for (const [property, def] of Object.entries<FieldDef>(customerFields))
    add('customer', property, def, def.label, def.group)
  for (const record of childRecords) {
    add(record, null, null, childLabels[record], childLabels[record])
    for (const [property, def] of Object.entries<FieldDef>(childFields[record]))
      add(record, property, def, def.label, def.group)
  }
  return list
}

/** The whole catalogue in the order of the forms. */
export const catalogue: readonly CatalogueField[] = listCatalogue()
const byName: ReadonlyMap<string, CatalogueField> = new Map(catalogue.map((f) => [f.name, f]))

/** A catalogue field by its full name; undefined when the catalogue does not hold it. */
export const findField = (name: string): CatalogueField | undefined => byName.get(name)

/** The full name of a property of a record: ('bankAccounts', 'iban') → 'bankAccounts.iban'. */
export const fieldName = (record: RecordName, property: string): string =>
  record === 'customer' ? property : `${record}.${property}`

/** A field as a sentence names it: "Credit limit", "Bank accounts: IBAN"; a name that nobody knows as it is. */
export const labelOf = (name: string): string => {
  const field = byName.get(name)
  if (field === undefined) return name
  return field.record === 'customer' || field.property === null ? field.label : `${field.group}: ${field.label}`
}

/** Fields as a sentence lists them, each once: "Credit limit, Name". */
export const labelsOf = (names: readonly string[]): string => [...new Set(names.map(labelOf))].join(', ')

/** Does naming `guard` name `field` as well? A record's name stands for the record and for each of its fields. */
export const coversField = (guard: string, field: string): boolean => guard === field || field.startsWith(`${guard}.`)

// Static shapes that follow from the definitions.
type ValueOf<D extends FieldDef> = D['type'] extends 'BOOLEAN' ? boolean : D['type'] extends 'INTEGER' ? number : string
export type ValuesOf<C extends Record<string, FieldDef>> = {
  [K in keyof C]: C[K] extends { required: true } ? ValueOf<C[K]> : ValueOf<C[K]> | null
}
export type CustomerValues = ValuesOf<typeof customerFields>
export type BankAccountValues = ValuesOf<typeof bankAccountFields>
export type AddressValues = ValuesOf<typeof addressFields>
export type ContactValues = ValuesOf<typeof contactFields>
export type ChildValues = { bankAccounts: BankAccountValues; addresses: AddressValues; contacts: ContactValues }

/** A patch of a record: an absent field is left alone, null clears it. */
export type PatchOf<C extends Record<string, FieldDef>> = { [K in keyof C]?: ValueOf<C[K]> | null }
