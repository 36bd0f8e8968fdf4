-- The gate (DOMAIN section 9): whatever writes to this database, a field under approval changes only with an approved
-- proposal, or with a write that the company's entity behaviour allows, each with its event in the same transaction.
-- Everything is compared by the number of the transaction, which triggers write and nobody else.
-- Names are looked up in public alone: a temporary table must not stand in for one of ours.

create function force_created_xid() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  new.created_xid := pg_current_xact_id();
  return new;
end $$;
--> statement-breakpoint
create trigger created_xid before insert on companies for each row execute function force_created_xid();
--> statement-breakpoint
create trigger created_xid before insert on customers for each row execute function force_created_xid();
--> statement-breakpoint

create function force_xid() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  new.xid := pg_current_xact_id();
  return new;
end $$;
--> statement-breakpoint
create trigger xid before insert or update on direct_writes for each row execute function force_xid();
--> statement-breakpoint
create trigger xid before insert on events for each row execute function force_xid();
--> statement-breakpoint

-- A proposal is applied once, in one transaction, and what is closed stays closed.
create function force_applied_xid() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if tg_op = 'UPDATE' and old.status in ('APPLIED', 'DISCARDED') and new.status <> old.status then
    raise exception 'a closed proposal cannot be opened again' using errcode = 'CS003', table = tg_table_name;
  end if;
  if new.status <> 'APPLIED' then
    new.applied_xid := null;
  elsif tg_op = 'INSERT' or old.status <> 'APPLIED' then
    new.applied_xid := pg_current_xact_id();
  else
    new.applied_xid := old.applied_xid;
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger applied_xid before insert or update on proposals for each row execute function force_applied_xid();
--> statement-breakpoint

-- 'bankAccounts.postalCode' → 'postal_code': the column that holds a field.
create function column_of(field text) returns text language sql immutable parallel safe
return lower(regexp_replace(regexp_replace(field, '^.*\.', ''), '([A-Z])', '_\1', 'g'));
--> statement-breakpoint

-- A child record, from its row or from a change, by column and as text: what is the same record is the same value.
create function canonical_record(content jsonb) returns jsonb language sql immutable parallel safe set search_path = public, pg_temp as $$
  select coalesce(jsonb_object_agg(column_of(key), value #>> '{}') filter (where jsonb_typeof(value) <> 'null'), '{}')
  from jsonb_each(case jsonb_typeof(content) when 'object' then content - '{company_id,id,customer_id,place}'::text[] else '{}' end)
$$;
--> statement-breakpoint

create function check_gate() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare
  record_name constant text := tg_argv[0];
  now_xid constant xid8 := pg_current_xact_id();
  before constant jsonb := to_jsonb(old);
  after constant jsonb := to_jsonb(new);
  row_then constant jsonb := coalesce(after, before);
  company constant uuid := row_then ->> 'company_id';
  customer constant uuid := row_then ->> case record_name when 'customer' then 'id' else 'customer_id' end;
  child constant uuid := case when record_name <> 'customer' then row_then ->> 'id' end;
  operation_name constant text := case tg_op when 'INSERT' then 'ADD' when 'DELETE' then 'REMOVE' else 'SET' end;
  governed text[];
  touched text;
begin
  -- The one look that every write pays for: which governed fields does it touch?
  select array_agg(f.field) into governed
  from approval_fields f
  join companies c on c.id = f.company_id and c.approvals_enabled
  where f.company_id = company
    and case record_name when 'customer' then strpos(f.field, '.') = 0 else starts_with(f.field, record_name || '.') end
    and (tg_op <> 'UPDATE' or before ->> column_of(f.field) is distinct from after ->> column_of(f.field));
  if governed is null then return null; end if;

  -- Creating a customer is not governed, nor are the children that it is created with.
  if record_name = 'customer' then
    if (row_then ->> 'created_xid')::xid8 = now_xid then return null; end if;
  elsif exists (select from customers where company_id = company and id = customer and created_xid = now_xid) then
    return null;
  end if;

  -- Written without approval, as the company allows it to imports and integrations.
  if exists (
      select from direct_writes w
      join companies c on c.id = w.company_id and c.entity_behavior = 'ALLOW_WITHOUT_APPROVAL'
      where w.company_id = company and w.customer_id = customer and w.xid = now_xid)
    and exists (
      select from events e
      where e.company_id = company and e.customer_id = customer and e.xid = now_xid and e.type = 'CustomerUpdated')
  then return null; end if;

  -- A child that comes or goes is one change, about the record as a whole.
  if tg_op <> 'UPDATE' then governed := array[record_name]; end if;

  foreach touched in array governed loop
    if not exists (
      select from proposals p
      join changes c on c.company_id = p.company_id and c.proposal_id = p.id
      where p.company_id = company and p.customer_id = customer and p.status = 'APPLIED' and p.applied_xid = now_xid
        and c.record = record_name and c.record_id is not distinct from child
        and c.field = touched and c.operation = operation_name
        and case tg_op
          when 'UPDATE' then
            c.base #>> '{}' is not distinct from before ->> column_of(touched)
            and c.proposed #>> '{}' is not distinct from after ->> column_of(touched)
          when 'INSERT' then c.base is null and canonical_record(c.proposed) = canonical_record(after)
          else c.proposed is null and canonical_record(c.base) = canonical_record(before)
        end
        and exists (
          select from decisions d
          where d.company_id = company and d.proposal_id = p.id and d.outcome = 'APPROVED'
            and d.changes @> jsonb_build_array(jsonb_build_object('id', c.id, 'digest', c.digest)))
        and exists (
          select from events e
          where e.company_id = company and e.proposal_id = p.id and e.xid = now_xid and e.type = 'ProposalApplied'))
    then
      raise exception 'the field % is under approval: nothing approved in this transaction covers this write', touched
        using errcode = 'CS001', table = tg_table_name, column = column_of(touched);
    end if;
  end loop;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger gate after update or delete on customers deferrable initially deferred
  for each row execute function check_gate('customer');
--> statement-breakpoint
create constraint trigger gate after insert or update or delete on bank_accounts deferrable initially deferred
  for each row execute function check_gate('bankAccounts');
--> statement-breakpoint
create constraint trigger gate after insert or update or delete on addresses deferrable initially deferred
  for each row execute function check_gate('addresses');
--> statement-breakpoint
create constraint trigger gate after insert or update or delete on contacts deferrable initially deferred
  for each row execute function check_gate('contacts');
--> statement-breakpoint

-- Loosening what is governed must show in the log as well.
create function check_parameters() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare
  company constant uuid := coalesce(to_jsonb(old) ->> 'company_id', to_jsonb(old) ->> 'id');
begin
  if exists (select from companies where id = company and created_xid = pg_current_xact_id()) then return null; end if;
  if not exists (
    select from events
    where company_id = company and position is null and xid = pg_current_xact_id() and type = tg_argv[0])
  then
    raise exception 'what is governed changes only together with its event %', tg_argv[0]
      using errcode = 'CS002', table = tg_table_name;
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger parameters_logged after update on companies deferrable initially deferred for each row
  when (old.approvals_enabled and not new.approvals_enabled or old.entity_behavior <> new.entity_behavior)
  execute function check_parameters('ParametersChanged');
--> statement-breakpoint
create constraint trigger approval_fields_logged after update or delete on approval_fields deferrable initially deferred
  for each row execute function check_parameters('FieldApprovalChanged');
--> statement-breakpoint

-- What is never changed, whoever asks.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% of % is refused: %', tg_op, tg_table_name, tg_argv[0] using errcode = 'CS003', table = tg_table_name;
end $$;
--> statement-breakpoint
create trigger identity before update on companies for each row
  when ((old.id, old.created_xid) is distinct from (new.id, new.created_xid))
  execute function refuse_change('a company keeps its identity');
--> statement-breakpoint
create trigger identity before update on customers for each row
  when ((old.company_id, old.id, old.account, old.created_xid) is distinct from (new.company_id, new.id, new.account, new.created_xid))
  execute function refuse_change('a customer keeps its identity');
--> statement-breakpoint
create trigger identity before update on bank_accounts for each row
  when ((old.company_id, old.id, old.customer_id, old.code) is distinct from (new.company_id, new.id, new.customer_id, new.code))
  execute function refuse_change('a bank account keeps its identity');
--> statement-breakpoint
create trigger identity before update on addresses for each row
  when ((old.company_id, old.id, old.customer_id, old.code) is distinct from (new.company_id, new.id, new.customer_id, new.code))
  execute function refuse_change('an address keeps its identity');
--> statement-breakpoint
create trigger identity before update on contacts for each row
  when ((old.company_id, old.id, old.customer_id, old.code) is distinct from (new.company_id, new.id, new.customer_id, new.code))
  execute function refuse_change('a contact keeps its identity');
--> statement-breakpoint
create trigger immutable before update or delete on decisions for each row
  execute function refuse_change('what was decided stays');
--> statement-breakpoint
-- The sequencer gives an event its position, hashes and feed number once; nothing else of it ever changes.
create trigger sealed before update on events for each row when (old.position is not null)
  execute function refuse_change('the event is sealed');
--> statement-breakpoint
create trigger immutable before update of company_id, id, event_id, type, at, actor_id, on_behalf_of_id, customer_id,
  proposal_id, work_item_id, data, commitments, xid on events for each row
  execute function refuse_change('events are only appended');
--> statement-breakpoint
create trigger append_only before delete on events for each row execute function refuse_change('events are only appended');
--> statement-breakpoint
-- Values may be erased, never rewritten.
create trigger immutable before update on event_values for each row
  execute function refuse_change('values of events may be erased, not changed');
--> statement-breakpoint
-- TRUNCATE passes by every trigger for rows.
create trigger no_truncate before truncate on customers execute function refuse_change('it would pass by the gate');
--> statement-breakpoint
create trigger no_truncate before truncate on bank_accounts execute function refuse_change('it would pass by the gate');
--> statement-breakpoint
create trigger no_truncate before truncate on addresses execute function refuse_change('it would pass by the gate');
--> statement-breakpoint
create trigger no_truncate before truncate on contacts execute function refuse_change('it would pass by the gate');
--> statement-breakpoint
create trigger no_truncate before truncate on decisions execute function refuse_change('what was decided stays');
--> statement-breakpoint
create trigger no_truncate before truncate on events execute function refuse_change('events are only appended');
