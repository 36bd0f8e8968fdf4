-- What is written without approval, as the company allows it to imports and integrations, is let through before anything of the rows is
-- compared: a file has a hundred thousand of them.
create or replace function check_gate() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare
  record_name constant text := tg_argv[0];
  now_xid constant xid8 := pg_current_xact_id();
  company uuid;
  customer uuid;
  child uuid;
  enabled boolean;
  behavior text;
  before jsonb;
  after jsonb;
  operation_name constant text := case tg_op when 'INSERT' then 'ADD' when 'DELETE' then 'REMOVE' else 'SET' end;
  governed text[];
  touched text;
begin
  if tg_op = 'DELETE' then
    company := old.company_id;
    if record_name = 'customer' then customer := old.id; else customer := old.customer_id; child := old.id; end if;
  else
    company := new.company_id;
    if record_name = 'customer' then customer := new.id; else customer := new.customer_id; child := new.id; end if;
  end if;
  select c.approvals_enabled, c.entity_behavior into enabled, behavior from companies c where c.id = company;
  if not enabled then return null; end if;

  -- Written without approval, as the company allows it to imports and integrations.
  if behavior = 'ALLOW_WITHOUT_APPROVAL'
    and exists (
      select from direct_writes w
      where w.company_id = company and w.customer_id = customer and w.xid = now_xid)
    and exists (
      select from events e
      where e.company_id = company and e.customer_id = customer and e.xid = now_xid and e.type = 'CustomerUpdated')
  then return null; end if;

  before := to_jsonb(old);
  after := to_jsonb(new);
  -- The one look that every other write pays for: which governed fields does it touch?
  select array_agg(f.field) into governed
  from approval_fields f
  where f.company_id = company
    and case record_name when 'customer' then strpos(f.field, '.') = 0 else starts_with(f.field, record_name || '.') end
    and (tg_op <> 'UPDATE' or before ->> f.column_name is distinct from after ->> f.column_name);
  if governed is null then return null; end if;

  -- Creating a customer is not governed, nor are the children that it is created with.
  if exists (select from customers where company_id = company and id = customer and created_xid = now_xid) then
    return null;
  end if;

  -- A child that comes or goes is one change, about the record as a whole.
  if tg_op <> 'UPDATE' then governed := array[record_name]; end if;

  foreach touched in array governed loop
    if not exists (
      select from proposals p
      join changes c on c.company_id = p.company_id and c.proposal_id = p.id
      -- What became of the record meanwhile does not matter where the last run was started so.
      cross join lateral (
        select coalesce((
          select r.parameters ->> 'conflictPolicy' from runs r
          where r.company_id = p.company_id and r.proposal_id = p.id
          order by r.number desc limit 1), 'HOLD') = 'OVERWRITE' as overwrites) last_run
      where p.company_id = company and p.customer_id = customer and p.status = 'APPLIED' and p.applied_xid = now_xid
        and c.record = record_name and c.record_id is not distinct from child
        and c.field = touched and c.operation = operation_name and c.refusal is null
        and case tg_op
          when 'UPDATE' then
            (overwrites or c.base #>> '{}' is not distinct from before ->> column_of(touched))
            and c.proposed #>> '{}' is not distinct from after ->> column_of(touched)
          when 'INSERT' then c.base is null and canonical_record(c.proposed) = canonical_record(after)
          else c.proposed is null and (overwrites or canonical_record(c.base) = canonical_record(before))
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
