// How an endpoint is doing. Beside the endpoint itself, which changes only with its event: this changes with every try.
import { foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'
import { webhooks } from './webhooks.ts'

export const webhookHealth = pgTable(
  'webhook_health',
  {
    companyId: uuid().notNull(),
    webhookId: uuid().notNull(),
    /** In a row, since something last arrived. */
    failures: integer().notNull().default(0),
    /** Nothing is sent before; then one delivery to try it. */
    restingUntil: instant(),
    /** To a few seconds. */
    lastSuccessAt: instant(),
    lastFailureAt: instant(),
    lastError: text(),
  },
  (t) => [
    primaryKey({ columns: [t.companyId, t.webhookId] }),
    foreignKey({
      name: 'webhook_health_webhook',
      columns: [t.companyId, t.webhookId],
      foreignColumns: [webhooks.companyId, webhooks.id],
    }),
  ],
)
