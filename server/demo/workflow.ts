// The workflow of the demo world, as an administrator would save it (ARCHITECTURE section 7).

const twoWorkingDays = { amount: 2, unit: 'DAYS', workingTime: true } as const

/** In the shape of WorkflowDefinitionInput; `olga` is the id of the person with that name. */
export const customerChanges = (olga: string) => ({
  elements: [
    {
      approval: {
        name: 'Manager',
        steps: [
          {
            name: 'Manager',
            subject: 'Changes of {{customer.account}} {{customer.name}}',
            instructions: 'Check that the changes are wanted and their reasons plausible.',
            assign: [{ to: { hierarchy: { levels: 1 } } }],
            timeLimit: twoWorkingDays,
            escalation: [{ to: { users: [olga] }, timeLimit: twoWorkingDays }],
          },
        ],
        automatic: [
          {
            when: 'changes.creditLimit.changed && changes.creditLimit.delta < 0',
            then: 'APPROVE',
            fields: ['creditLimit'],
          },
        ],
      },
    },
    {
      approval: {
        name: 'Specialists',
        steps: [
          {
            name: 'Credit',
            subject: 'Credit of {{customer.account}} {{customer.name}}',
            instructions: 'Check rating and payment history; up to 100,000 one of you is enough.',
            guards: ['creditLimit', 'paymentTerms'],
            when: 'proposed.creditLimit <= 100000',
            assign: [{ to: { group: 'credit' } }],
          },
          {
            name: 'Credit, large',
            subject: 'Large credit of {{customer.account}} {{customer.name}}',
            instructions: 'Check rating and payment history; above 100,000 all of you have to agree.',
            guards: ['creditLimit', 'paymentTerms'],
            when: 'proposed.creditLimit > 100000',
            assign: [{ to: { group: 'credit' }, policy: 'ALL' }],
          },
          {
            name: 'Treasury',
            subject: 'Bank accounts of {{customer.account}} {{customer.name}}',
            instructions: 'Call the customer back on a number that was known before the change.',
            guards: ['bankAccounts', 'defaultBankAccount'],
            assign: [{ to: { group: 'treasury' } }],
          },
          {
            name: 'Master data',
            subject: 'Master data of {{customer.account}} {{customer.name}}',
            instructions: 'Compare name and tax number with the register.',
            guards: ['name', 'taxExemptNumber', 'methodOfPayment'],
            assign: [{ to: { users: [olga] } }],
          },
        ],
      },
    },
  ],
})

/** What is under approval in `USMF`; `bankAccounts` stands for all fields of it. */
export const governedFields = [
  'creditLimit',
  'paymentTerms',
  'methodOfPayment',
  'name',
  'taxExemptNumber',
  'defaultBankAccount',
  'bankAccounts',
] as const
