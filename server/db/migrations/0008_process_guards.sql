-- What the whole process asks of the gate, and of whoever changes how a company shares out its work (DOMAIN sections 2, 6, 9 and 10).

-- A refused change is never written. Where the run was started with OVERWRITE, an approved value is written over whatever stands
-- there; what is written, and that it was approved, is looked at all the same.
create or replace function check_gate() returns trigger language plpgsql set search_path = public, pg_temp as $$
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
--> statement-breakpoint

-- Others' votes still hold for a change that was refused, so a refusal that vanished would let it through: it comes and goes only
-- with an event of its proposal that says so.
create function check_refusal() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if not exists (
    select from events
    where company_id = new.company_id and proposal_id = new.proposal_id and position is null and xid = pg_current_xact_id()
      and type = any(case when new.refusal is null then array['ChangeReplaced', 'ChangeProposed'] else array['ChangeRefused'] end))
  then
    raise exception 'a refusal comes and goes only together with an event of the change' using errcode = 'CS002', table = tg_table_name;
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger refusal_logged after update on changes deferrable initially deferred for each row
  when (old.refusal is distinct from new.refusal)
  execute function check_refusal();
--> statement-breakpoint

-- Who takes work, by when, and in whose place: it changes only with the event that says so of this very thing. The arguments: the
-- column that names the thing, what the event's data call it, and the types of event that will do.
create function check_work() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare
  row_then constant jsonb := coalesce(to_jsonb(new), to_jsonb(old));
  company constant uuid := row_then ->> 'company_id';
begin
  if exists (select from companies where id = company and created_xid = pg_current_xact_id()) then return null; end if;
  if not exists (
    select from events
    where company_id = company and position is null and xid = pg_current_xact_id()
      and type = any(string_to_array(tg_argv[2], ',')) and data ->> tg_argv[1] = row_then ->> tg_argv[0])
  then
    raise exception '% changes only together with its event %', tg_table_name, tg_argv[2]
      using errcode = 'CS002', table = tg_table_name;
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger queue_logged after insert or update or delete on queues deferrable initially deferred
  for each row execute function check_work('id', 'queueId', 'QueueSaved');
--> statement-breakpoint
create constraint trigger member_logged after insert or update or delete on queue_members deferrable initially deferred
  for each row execute function check_work('queue_id', 'queueId', 'QueueSaved');
--> statement-breakpoint
create constraint trigger calendar_logged after insert or update or delete on calendars deferrable initially deferred
  for each row execute function check_work('id', 'calendarId', 'CalendarSaved');
--> statement-breakpoint
create constraint trigger absence_logged after insert or delete on absences deferrable initially deferred
  for each row execute function check_work('id', 'absenceId', 'AbsenceSet');
--> statement-breakpoint
create constraint trigger absence_change_logged after update on absences deferrable initially deferred for each row
  when ((old.stand_in_id, old."from", old.until, old.workflow_id)
    is distinct from (new.stand_in_id, new."from", new.until, new.workflow_id))
  execute function check_work('id', 'absenceId', 'AbsenceSet');
--> statement-breakpoint
create constraint trigger absence_begin_told after update on absences deferrable initially deferred for each row
  when (old.began_at is distinct from new.began_at)
  execute function check_work('id', 'absenceId', 'AbsenceBegan');
--> statement-breakpoint
-- One that is taken back before it begins is over without an end to tell of.
create constraint trigger absence_end_told after update on absences deferrable initially deferred for each row
  when (old.ended_at is distinct from new.ended_at)
  execute function check_work('id', 'absenceId', 'AbsenceEnded,AbsenceSet');
--> statement-breakpoint
create trigger identity before update on queues for each row
  when ((old.company_id, old.id) is distinct from (new.company_id, new.id))
  execute function refuse_change('a queue keeps its identity');
--> statement-breakpoint
create trigger identity before update on queue_members for each row
  when ((old.company_id, old.queue_id, old.user_id) is distinct from (new.company_id, new.queue_id, new.user_id))
  execute function refuse_change('members come and go, they are not exchanged');
--> statement-breakpoint
create trigger identity before update on calendars for each row
  when ((old.company_id, old.id) is distinct from (new.company_id, new.id))
  execute function refuse_change('a calendar keeps its identity');
--> statement-breakpoint
create trigger identity before update on absences for each row
  when ((old.company_id, old.id, old.user_id) is distinct from (new.company_id, new.id, new.user_id))
  execute function refuse_change('an absence stays with its person');
--> statement-breakpoint
create trigger no_truncate before truncate on queues execute function refuse_change('queues change one by one');
--> statement-breakpoint
create trigger no_truncate before truncate on queue_members execute function refuse_change('members of a queue change one by one');
--> statement-breakpoint
create trigger no_truncate before truncate on calendars execute function refuse_change('calendars change one by one');
--> statement-breakpoint
create trigger no_truncate before truncate on absences execute function refuse_change('absences change one by one');
