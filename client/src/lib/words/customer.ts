// What the pages of customers and proposals say, apart from what other pages say as well.
const plural = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

export const customerWords = {
  dayAnd: (near: string, day: string) => `${near}, ${day}`,

  masked: (labels: string) => `Some of it is masked: ${labels}.`,

  approvedProposal: 'by an approved proposal',

  alsoApproved: (at: string, more: number) =>
    more === 0 ? `Also approved, applies on ${at}` : `Also approved, applies on ${at}, and ${more} more`,

  past: {
    open: 'As of a date',
    title: 'The record as it stood',
    moment: 'On',
    show: 'Show',
    back: 'Back to now',
    stood: 'As it stood on',
    version: (n: number) => `version ${n}`,
    readOnly: 'This is the past: nothing can be edited here.',
    differs: (n: number) => (n === 0 ? 'Nothing has changed since.' : `${plural(n, 'value')} changed since.`),
    onlyChanged: 'Only what changed since',
    now: 'now',
    goneNow: 'Removed since',
    addedSince: (n: number, what: string) => `Added since: ${n} (${what})`,
    notYet: 'This customer was not there yet.',
    madeAt: 'It was made on',
    badMoment: 'That is no moment. Choose a date and a time.',
    future: 'That moment has not come yet: this is the record as it is now.',
  },

  list: {
    total: (n: string) => (n === '1' ? '1 customer' : `${n} customers`),
    create: 'New customer',
    order: 'Order',
    orders: {
      ACCOUNT: 'By account',
      NAME: 'By name',
      UPDATED_DESC: 'Last written first',
      CREDIT_LIMIT_DESC: 'Highest credit limit first',
    },
    underWay: (n: string) => (n === '1' ? '1 customer has changes under way' : `${n} customers have changes under way`),
    allApproved: 'No changes are under way. Every record stands as it was approved.',
    clear: 'Show all customers',
    how: 'Bring in the customers of another system with an import, or make the first one by hand.',
    howReader: 'Ask a clerk of the company to import them or to make the first one.',
    toImports: 'Go to imports',
  },

  make: {
    title: 'New customer',
    help: 'Making a customer needs no approval: all of it is written at once. Changes of it take the usual way afterwards.',
    asked: 'What has a * has to be filled in.',
    account: 'Account',
    accountHelp: 'Unique within the company. It never changes.',
    save: 'Create customer',
    cancel: 'Discard',
    leave: 'Back to the list',
    made: (account: string) => `${account} was created.`,
    kept: 'What you type is kept until you create the customer or discard it.',
    notAllowed: 'Customers are made by clerks. Ask one, or an administrator for the role.',
    refused: 'It was not created yet: see the fields that are marked.',
  },

  draft: {
    check: 'Ask for a credit limit check when it is applied',
    kept: 'Kept here until you save or cancel, also when you leave or reload the page.',
    offline: 'The server cannot be reached. What you typed is kept; save when the connection is back.',
  },

  news: {
    written: (labels: string) => `Changed in the record meanwhile: ${labels}.`,
    more: (n: number) => plural(n, 'other value'),
    fresh: 'changed meanwhile',
  },

  proposals: { earlier: 'Earlier proposals' },

  history: {
    filters: 'Filter the history',
    kind: 'What happened',
    kinds: {
      all: 'What people did',
      values: 'Values written',
      decisions: 'Decisions',
      proposals: 'Proposals',
      comments: 'What was said',
    },
    field: 'Field',
    anyField: 'Any field',
    older: 'Show older',
    end: 'This is where its history begins.',
    back: (day: string) => `Looked back to ${day}.`,
    nothing: 'Nothing of that kind here.',
    clear: 'Show everything',
    linkTo: (at: string) => `Link to what happened at ${at}`,
    then: 'Record then',
    proposal: 'Proposal',
    notFound: 'What the link points to is not in this history.',
    was: 'was',
    becomes: 'is now',
  },
}
