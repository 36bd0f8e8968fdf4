CREATE TABLE "absences" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"stand_in_id" uuid NOT NULL,
	"from" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"workflow_id" uuid,
	"began_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "absences_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "calendars" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"zone" text NOT NULL,
	"week" jsonb NOT NULL,
	"holidays" date[] NOT NULL,
	"is_default" boolean NOT NULL,
	CONSTRAINT "calendars_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "calendars_name" UNIQUE("company_id","name")
);
--> statement-breakpoint
CREATE TABLE "queue_members" (
	"company_id" uuid NOT NULL,
	"queue_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "queue_members_company_id_queue_id_user_id_pk" PRIMARY KEY("company_id","queue_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "queues" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "queues_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "queues_name" UNIQUE("company_id","name")
);
--> statement-breakpoint
DROP INDEX "proposals_one_open";--> statement-breakpoint
DROP INDEX "work_items_open_by_assignee";--> statement-breakpoint
DROP INDEX "work_items_open";--> statement-breakpoint
ALTER TABLE "changes" ADD COLUMN "refusal" jsonb;--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "choice" text;--> statement-breakpoint
ALTER TABLE "proposals" ADD COLUMN "reverts_id" uuid;--> statement-breakpoint
ALTER TABLE "proposals" ADD COLUMN "due_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "pinned" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "work_items" ADD COLUMN "queue_id" uuid;--> statement-breakpoint
ALTER TABLE "work_items" ADD COLUMN "held_by_ids" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "work_items" ADD COLUMN "due_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "work_items" ADD COLUMN "escalation_level" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "work_items" ADD COLUMN "choices" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "absences" ADD CONSTRAINT "absences_user" FOREIGN KEY ("company_id","user_id") REFERENCES "public"."memberships"("company_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "absences" ADD CONSTRAINT "absences_stand_in" FOREIGN KEY ("company_id","stand_in_id") REFERENCES "public"."memberships"("company_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calendars" ADD CONSTRAINT "calendars_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queue_members" ADD CONSTRAINT "queue_members_queue" FOREIGN KEY ("company_id","queue_id") REFERENCES "public"."queues"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queue_members" ADD CONSTRAINT "queue_members_member" FOREIGN KEY ("company_id","user_id") REFERENCES "public"."memberships"("company_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queues" ADD CONSTRAINT "queues_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "absences_by_user" ON "absences" USING btree ("company_id","user_id");--> statement-breakpoint
CREATE INDEX "absences_to_begin" ON "absences" USING btree ("from") WHERE "absences"."began_at" is null;--> statement-breakpoint
CREATE INDEX "absences_to_end" ON "absences" USING btree ("until") WHERE "absences"."ended_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "calendars_one_default" ON "calendars" USING btree ("company_id") WHERE "calendars"."is_default";--> statement-breakpoint
CREATE INDEX "queue_members_user" ON "queue_members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "proposals_scheduled" ON "proposals" USING btree ("company_id","customer_id") WHERE "proposals"."status" = 'SCHEDULED';--> statement-breakpoint
CREATE INDEX "proposals_due" ON "proposals" USING btree ("due_at") WHERE "proposals"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "work_items_in_queue" ON "work_items" USING btree ("queue_id",coalesce("due_at", timestamptz 'infinity'),"created_at","id") WHERE "work_items"."status" = 'OPEN' and "work_items"."assignee_id" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "proposals_one_open" ON "proposals" USING btree ("company_id","customer_id") WHERE "proposals"."status" not in ('APPLIED', 'DISCARDED', 'SCHEDULED');--> statement-breakpoint
CREATE INDEX "work_items_open_by_assignee" ON "work_items" USING btree ("assignee_id",coalesce("due_at", timestamptz 'infinity'),"created_at","id") WHERE "work_items"."status" = 'OPEN';--> statement-breakpoint
CREATE INDEX "work_items_open" ON "work_items" USING btree ("company_id",coalesce("due_at", timestamptz 'infinity'),"created_at","id") WHERE "work_items"."status" = 'OPEN';