CREATE TABLE "batch_decisions" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"digest" text NOT NULL,
	"outcome" text NOT NULL,
	"comment" text,
	"items" jsonb NOT NULL,
	"processed" integer NOT NULL,
	"decided" integer NOT NULL,
	"failed" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "batch_decisions_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "import_jobs" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"created_by_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"name" text,
	"behavior" text NOT NULL,
	"status" text NOT NULL,
	"layout" jsonb,
	"unattended" boolean NOT NULL,
	"rows" integer NOT NULL,
	"processed" integer NOT NULL,
	"counts" jsonb NOT NULL,
	"plan_digest" text,
	"setup_version" integer,
	"failure" jsonb,
	"content_hash" text,
	"bytes" bigint NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"uploaded_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "import_jobs_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "import_results" (
	"company_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"row" integer NOT NULL,
	"outcome" text NOT NULL,
	"written" text[] NOT NULL,
	"proposed" text[] NOT NULL,
	"proposal_id" uuid,
	"errors" jsonb NOT NULL,
	"wants" text,
	"customer_version" integer,
	"proposal_version" integer,
	CONSTRAINT "import_results_company_id_import_id_row_pk" PRIMARY KEY("company_id","import_id","row")
);
--> statement-breakpoint
CREATE TABLE "import_rows" (
	"company_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"row" integer NOT NULL,
	"account" text,
	"content" json,
	"problem" jsonb,
	CONSTRAINT "import_rows_company_id_import_id_row_pk" PRIMARY KEY("company_id","import_id","row")
);
--> statement-breakpoint
CREATE TABLE "webhook_attempts" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"webhook_id" uuid NOT NULL,
	"position" bigint,
	"proposal_id" uuid,
	"element_path" text,
	"at" timestamp with time zone NOT NULL,
	"duration_ms" integer NOT NULL,
	"status" integer,
	"error" text,
	CONSTRAINT "webhook_attempts_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "webhook_attempts_order" UNIQUE("company_id","webhook_id","at","id")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"company_id" uuid NOT NULL,
	"webhook_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	"event_id" uuid NOT NULL,
	"customer_id" uuid,
	"status" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"last_status" integer,
	"last_error" text,
	CONSTRAINT "webhook_deliveries_company_id_webhook_id_position_pk" PRIMARY KEY("company_id","webhook_id","position")
);
--> statement-breakpoint
CREATE TABLE "webhook_secrets" (
	"company_id" uuid NOT NULL,
	"webhook_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"secret" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	CONSTRAINT "webhook_secrets_company_id_webhook_id_id_pk" PRIMARY KEY("company_id","webhook_id","id")
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"types" text[] NOT NULL,
	"active" boolean NOT NULL,
	"created_by_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"position" bigint NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "webhooks_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "name" text DEFAULT 'Key' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "hint" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "created_by_id" uuid;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "revoked_by_id" uuid;--> statement-breakpoint
ALTER TABLE "proposals" ADD COLUMN "call_due_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "work_items" ADD COLUMN "import_id" uuid;--> statement-breakpoint
ALTER TABLE "import_jobs" ADD CONSTRAINT "import_jobs_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook" FOREIGN KEY ("company_id","webhook_id") REFERENCES "public"."webhooks"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD CONSTRAINT "webhook_secrets_webhook" FOREIGN KEY ("company_id","webhook_id") REFERENCES "public"."webhooks"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "batch_decisions_by_import" ON "batch_decisions" USING btree ("company_id","import_id");--> statement-breakpoint
CREATE INDEX "batch_decisions_unfinished" ON "batch_decisions" USING btree ("updated_at") WHERE "batch_decisions"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "import_jobs_newest" ON "import_jobs" USING btree ("company_id","created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "import_jobs_unfinished" ON "import_jobs" USING btree ("updated_at") WHERE "import_jobs"."status" in ('PLANNING', 'RUNNING');--> statement-breakpoint
CREATE INDEX "import_jobs_finished" ON "import_jobs" USING btree ("finished_at") WHERE "import_jobs"."finished_at" is not null;--> statement-breakpoint
CREATE INDEX "import_results_by_outcome" ON "import_results" USING btree ("company_id","import_id","outcome","row");--> statement-breakpoint
CREATE INDEX "import_results_wanting" ON "import_results" USING btree ("company_id","import_id","wants") WHERE "import_results"."wants" is not null;--> statement-breakpoint
CREATE INDEX "webhook_attempts_age" ON "webhook_attempts" USING btree ("at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("next_at") WHERE "webhook_deliveries"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_in_order" ON "webhook_deliveries" USING btree ("company_id","webhook_id","customer_id","position") WHERE "webhook_deliveries"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_ended" ON "webhook_deliveries" USING btree ("ended_at") WHERE "webhook_deliveries"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "webhooks_live" ON "webhooks" USING btree ("company_id") WHERE "webhooks"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "proposals_calling" ON "proposals" USING btree ("call_due_at") WHERE "proposals"."call_due_at" is not null;--> statement-breakpoint
CREATE INDEX "proposals_by_import" ON "proposals" USING btree ("company_id","import_id") WHERE "proposals"."import_id" is not null;--> statement-breakpoint
CREATE INDEX "work_items_open_of_import" ON "work_items" USING btree ("company_id","import_id","assignee_id") WHERE "work_items"."status" = 'OPEN' and "work_items"."import_id" is not null;