-- An event's values lie in one row instead of one each: an import of a hundred thousand customers wrote more than a million of them.
-- The hash covers commitments, so that where values lie makes no difference to the chain.
CREATE TABLE "event_contents" (
	"company_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"contents" jsonb NOT NULL,
	CONSTRAINT "event_contents_company_id_event_id_pk" PRIMARY KEY("company_id","event_id")
);
--> statement-breakpoint
insert into event_contents (company_id, event_id, contents)
select company_id, event_id, jsonb_object_agg(key, jsonb_build_object('value', value, 'salt', salt))
from event_values group by company_id, event_id;
--> statement-breakpoint

-- Values may be erased, one by one, never rewritten.
create function check_erasure() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if (old.company_id, old.event_id) is distinct from (new.company_id, new.event_id)
    or exists (select from jsonb_each(new.contents) kept where old.contents -> kept.key is distinct from kept.value)
  then
    raise exception 'values of events may be erased, not changed' using errcode = 'CS003', table = tg_table_name;
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger immutable before update on event_contents for each row execute function check_erasure();
--> statement-breakpoint
create trigger no_truncate before truncate on event_contents execute function refuse_change('values of events are erased one by one');
