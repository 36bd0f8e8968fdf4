// Codes that a company starts with, so that its first customer can be entered; an administrator changes them as needed.
import type { ReferenceKind } from '../domain/fields.ts'

type Codes = readonly { readonly code: string; readonly name: string }[]
const codes = (names: Readonly<Record<string, string>>): Codes =>
  Object.entries(names).map(([code, name]) => ({ code, name }))

export const starterValues: Readonly<Record<ReferenceKind, Codes>> = {
  CUSTOMER_GROUP: codes({
    10: 'Wholesale customers',
    20: 'Major customers',
    30: 'Retail customers',
    40: 'Online customers',
    80: 'Other customers',
    90: 'Intercompany customers',
  }),
  PAYMENT_TERMS: codes({
    COD: 'Cash on delivery',
    Net10: 'Net 10 days',
    Net15: 'Net 15 days',
    Net30: 'Net 30 days',
    Net45: 'Net 45 days',
    Net60: 'Net 60 days',
    Net90: 'Net 90 days',
  }),
  METHOD_OF_PAYMENT: codes({
    ACH: 'ACH transfer',
    CARD: 'Credit card',
    CASH: 'Cash',
    CHECK: 'Check',
    SEPA: 'SEPA direct debit',
    WIRE: 'Wire transfer',
  }),
  PAYMENT_SPECIFICATION: codes({
    CCD: 'ACH corporate credit or debit',
    CTX: 'ACH corporate trade exchange',
    B2B: 'SEPA business to business',
    CORE: 'SEPA core',
  }),
  CASH_DISCOUNT: codes({
    '0.5D10': '0.5 % within 10 days',
    '1D14': '1 % within 14 days',
    '2D10': '2 % within 10 days',
    '3D7': '3 % within 7 days',
  }),
  SALES_TAX_GROUP: codes({
    DOM: 'Domestic customers',
    EU: 'Customers in the European Union',
    EXP: 'Export customers',
    EXEMPT: 'Exempt customers',
  }),
  DELIVERY_TERMS: codes({
    CIF: 'Cost, insurance and freight',
    CPT: 'Carriage paid to',
    DAP: 'Delivered at place',
    DDP: 'Delivered duty paid',
    EXW: 'Ex works',
    FCA: 'Free carrier',
    FOB: 'Free on board',
  }),
  DELIVERY_MODE: codes({
    AIR: 'Air',
    PARCEL: 'Parcel service',
    PICKUP: 'Picked up by the customer',
    RAIL: 'Rail',
    SEA: 'Sea',
    TRUCK: 'Truck',
  }),
}
