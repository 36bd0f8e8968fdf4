-- Keys of service accounts come and go only together with the event that tells of this very key (DOMAIN sections 2 and 12). Whose a key
-- is, what opens it and who made it stays; when it was used last is no change.
create constraint trigger key_logged after insert on api_keys deferrable initially deferred
  for each row execute function check_work('id', 'keyId', 'KeyChanged');
--> statement-breakpoint
create constraint trigger key_change_logged after update on api_keys deferrable initially deferred for each row
  when ((old.name, old.expires_at, old.revoked_at, old.revoked_by_id)
    is distinct from (new.name, new.expires_at, new.revoked_at, new.revoked_by_id))
  execute function check_work('id', 'keyId', 'KeyChanged');
--> statement-breakpoint
create trigger identity before update on api_keys for each row
  when ((old.company_id, old.id, old.user_id, old.hash, old.hint, old.created_by_id, old.created_at)
    is distinct from (new.company_id, new.id, new.user_id, new.hash, new.hint, new.created_by_id, new.created_at))
  execute function refuse_change('a key keeps what it was made with');
--> statement-breakpoint
create trigger onward before update on api_keys for each row
  when (old.revoked_at is not null
    and (old.revoked_at, old.revoked_by_id) is distinct from (new.revoked_at, new.revoked_by_id))
  execute function refuse_change('a key that was revoked stays so');
--> statement-breakpoint
create trigger kept before delete on api_keys for each row execute function refuse_change('keys are revoked, not deleted');
--> statement-breakpoint
create trigger no_truncate before truncate on api_keys execute function refuse_change('keys are revoked, not deleted');
