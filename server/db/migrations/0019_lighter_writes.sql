-- What an import pays for each of its rows: entries in indexes that are of no use to it, and events packed and unpacked twice.
ALTER TABLE "direct_writes" DROP CONSTRAINT "direct_writes_customer";
--> statement-breakpoint
DROP INDEX "import_results_by_outcome";--> statement-breakpoint
DROP INDEX "events_position";--> statement-breakpoint
DROP INDEX "events_feed";--> statement-breakpoint
DROP INDEX "events_proposal";--> statement-breakpoint
CREATE INDEX "import_results_by_outcome" ON "import_results" USING btree ("company_id","import_id","outcome","row") WHERE outcome in ('PROPOSED', 'REFUSED', 'INVALID');--> statement-breakpoint
CREATE UNIQUE INDEX "events_position" ON "events" USING btree ("company_id","position") WHERE position is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "events_feed" ON "events" USING btree ("feed") WHERE feed is not null;--> statement-breakpoint
CREATE INDEX "events_proposal" ON "events" USING btree ("company_id","proposal_id","position") WHERE proposal_id is not null;
--> statement-breakpoint
-- An event of some kilobytes stays as it is: packing it costs more than it saves, as it is read and written again to be sealed.
alter table events set (toast_tuple_target = 8160);
