-- Where a company's events are sent, and what those requests are signed with, changes only with the event that says so. How far an
-- endpoint has been told (its position) does not matter to the log.
create constraint trigger webhook_logged after insert or delete on webhooks deferrable initially deferred
  for each row execute function check_work('id', 'webhookId', 'WebhookChanged');
--> statement-breakpoint
create constraint trigger webhook_change_logged after update on webhooks deferrable initially deferred for each row
  when ((old.name, old.url, old.types, old.active, old.deleted_at)
    is distinct from (new.name, new.url, new.types, new.active, new.deleted_at))
  execute function check_work('id', 'webhookId', 'WebhookChanged');
--> statement-breakpoint
create constraint trigger webhook_secret_logged after insert or update or delete on webhook_secrets deferrable initially deferred
  for each row execute function check_work('webhook_id', 'webhookId', 'WebhookChanged');
--> statement-breakpoint
create trigger identity before update on webhooks for each row
  when ((old.company_id, old.id, old.created_by_id, old.created_at) is distinct from (new.company_id, new.id, new.created_by_id, new.created_at))
  execute function refuse_change('a webhook keeps its identity');
--> statement-breakpoint
create trigger identity before update on webhook_secrets for each row
  when ((old.company_id, old.webhook_id, old.id, old.secret, old.created_at)
    is distinct from (new.company_id, new.webhook_id, new.id, new.secret, new.created_at))
  execute function refuse_change('secrets come and go, they are not exchanged');
--> statement-breakpoint
create trigger no_truncate before truncate on webhooks execute function refuse_change('webhooks change one by one');
--> statement-breakpoint
create trigger no_truncate before truncate on webhook_secrets execute function refuse_change('secrets change one by one');
