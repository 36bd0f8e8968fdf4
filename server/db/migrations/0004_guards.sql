-- What the gate and the exclusions rest on keeps its word as well (DOMAIN sections 2, 8, 9 and 12): the set-up changes only
-- with its event in the same transaction, what a run was started under stays, and nothing is emptied past its triggers.

-- Every parameter shows in the log when it changes, whichever way.
drop trigger parameters_logged on companies;
--> statement-breakpoint
create constraint trigger parameters_logged after update on companies deferrable initially deferred for each row
  when ((old.approvals_enabled, old.entity_behavior, old.auto_submit, old.authors_may_not_approve, old.conflict_policy)
    is distinct from (new.approvals_enabled, new.entity_behavior, new.auto_submit, new.authors_may_not_approve, new.conflict_policy))
  execute function check_parameters('ParametersChanged');
--> statement-breakpoint

-- Who may do what, and whose manager decides, is told of the very user.
create function check_membership() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare
  member constant memberships := coalesce(new, old);
begin
  if exists (select from companies where id = member.company_id and created_xid = pg_current_xact_id()) then return null; end if;
  if not exists (
    select from events
    where company_id = member.company_id and position is null and xid = pg_current_xact_id()
      and type = 'MembershipChanged' and data ->> 'userId' = member.user_id::text)
  then
    raise exception 'a membership changes only together with its event MembershipChanged'
      using errcode = 'CS002', table = tg_table_name;
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger membership_logged after insert or delete on memberships deferrable initially deferred
  for each row execute function check_membership();
--> statement-breakpoint
create constraint trigger membership_change_logged after update on memberships deferrable initially deferred for each row
  when ((old.roles, old.manager_id, old.active) is distinct from (new.roles, new.manager_id, new.active))
  execute function check_membership();
--> statement-breakpoint
create trigger identity before update on memberships for each row
  when ((old.company_id, old.user_id) is distinct from (new.company_id, new.user_id))
  execute function refuse_change('a membership keeps its company and its user');
--> statement-breakpoint

-- Who saved or activated a version, and who had a hand in a proposal, may not decide: none of it is taken back.
create trigger immutable before update or delete on workflow_versions for each row
  execute function refuse_change('a version of a workflow stays as it was saved');
--> statement-breakpoint
create trigger immutable before update or delete on workflow_activations for each row
  execute function refuse_change('who activated a version stays');
--> statement-breakpoint
create trigger immutable before update or delete on involvements for each row
  execute function refuse_change('who was involved stays');
--> statement-breakpoint

-- A run keeps what it was started with. Taken out, it could be put back with other parameters.
create trigger identity before update on runs for each row
  when ((old.company_id, old.id, old.proposal_id, old.number, old.workflow_id, old.version, old.submitted_by_id,
      old.submitted_at, old.parameters)
    is distinct from (new.company_id, new.id, new.proposal_id, new.number, new.workflow_id, new.version, new.submitted_by_id,
      new.submitted_at, new.parameters))
  execute function refuse_change('a run keeps what it was started with');
--> statement-breakpoint
create trigger kept before delete on runs for each row execute function refuse_change('what has run stays');
--> statement-breakpoint

-- The end of a chain moves on with every seal, and never back.
create trigger onward before update on log_heads for each row
  when (old.company_id <> new.company_id or new.position <= old.position)
  execute function refuse_change('the end of a log only moves on');
--> statement-breakpoint
create trigger kept before delete on log_heads for each row execute function refuse_change('the end of a log only moves on');
--> statement-breakpoint

create trigger no_truncate before truncate on approval_fields execute function refuse_change('what is governed changes row by row');
--> statement-breakpoint
create trigger no_truncate before truncate on changes execute function refuse_change('it would pass by the gate');
--> statement-breakpoint
create trigger no_truncate before truncate on direct_writes execute function refuse_change('it would pass by the gate');
--> statement-breakpoint
create trigger no_truncate before truncate on event_values execute function refuse_change('values of events are erased row by row');
--> statement-breakpoint
create trigger no_truncate before truncate on proposals execute function refuse_change('it would pass by the gate');
--> statement-breakpoint
create trigger no_truncate before truncate on runs execute function refuse_change('what has run stays');
--> statement-breakpoint
create trigger no_truncate before truncate on work_items execute function refuse_change('what was asked stays');
--> statement-breakpoint
create trigger no_truncate before truncate on involvements execute function refuse_change('who was involved stays');
--> statement-breakpoint
create trigger no_truncate before truncate on workflow_versions execute function refuse_change('a version of a workflow stays as it was saved');
--> statement-breakpoint
create trigger no_truncate before truncate on workflow_activations execute function refuse_change('who activated a version stays');
--> statement-breakpoint
create trigger no_truncate before truncate on memberships execute function refuse_change('members change one by one');
--> statement-breakpoint
create trigger no_truncate before truncate on log_heads execute function refuse_change('the end of a log only moves on');
