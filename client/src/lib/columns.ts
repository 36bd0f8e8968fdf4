// Which fields the list of customers shows beside account, name and status; the catalogue says how they look.
export const listColumns: readonly string[] = ['customerGroup', 'creditLimit', 'paymentTerms']
