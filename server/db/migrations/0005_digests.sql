-- An approval is bound to a digest, so the digest has to be that of the content (DOMAIN sections 1 and 9): computed here as
-- server/domain/digest.ts does. Nobody changes what was approved and keeps the digest.
create function canonical_json(value jsonb) returns text language sql immutable strict as $$
  select case jsonb_typeof(value)
    when 'object' then (
      select '{' || coalesce(string_agg(to_jsonb(e.key)::text || ':' || canonical_json(e.value), ',' order by e.key collate "C"), '') || '}'
      from jsonb_each(value) as e)
    else value::text
  end
$$;
--> statement-breakpoint
create function change_digest(change changes, customer_id uuid) returns text language sql immutable as $$
  select encode(sha256(convert_to('[' || concat_ws(',',
    to_jsonb(change.company_id)::text,
    to_jsonb(customer_id)::text,
    coalesce(to_jsonb(change.record_id)::text, 'null'),
    to_jsonb(change.field)::text,
    to_jsonb(change.operation)::text,
    coalesce(canonical_json(change.base), 'null'),
    coalesce(canonical_json(change.proposed), 'null'),
    case when change.field = 'creditLimit' then change.credit_check::text else 'null' end,
    to_jsonb(change.salt)::text) || ']', 'UTF8')), 'hex')
$$;
--> statement-breakpoint

-- At commit, of the row as it is then: a transaction may write a change more than once.
create function check_digest() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare
  owner uuid;
  kept changes;
begin
  select c.* into kept from changes c where c.company_id = new.company_id and c.id = new.id;
  if not found then return null; end if;
  select p.customer_id into owner from proposals p where p.company_id = kept.company_id and p.id = kept.proposal_id;
  if kept.digest is distinct from change_digest(kept, owner) then
    raise exception 'the digest of a change is that of its content' using errcode = 'CS003', table = tg_table_name;
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger digest_of_content after insert or update on changes deferrable initially deferred
  for each row execute function check_digest();
--> statement-breakpoint

-- The customer is part of the content of every change, and of no row of theirs.
create trigger identity before update on proposals for each row
  when ((old.company_id, old.id, old.customer_id) is distinct from (new.company_id, new.id, new.customer_id))
  execute function refuse_change('a proposal keeps its customer');
