CREATE TABLE "api_keys" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_keys_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "api_keys_hash" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "approval_fields" (
	"company_id" uuid NOT NULL,
	"field" text NOT NULL,
	CONSTRAINT "approval_fields_company_id_field_pk" PRIMARY KEY("company_id","field")
);
--> statement-breakpoint
CREATE TABLE "companies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"currency" text NOT NULL,
	"setup_version" integer DEFAULT 1 NOT NULL,
	"approvals_enabled" boolean NOT NULL,
	"entity_behavior" text NOT NULL,
	"auto_submit" boolean NOT NULL,
	"authors_may_not_approve" boolean NOT NULL,
	"conflict_policy" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_xid" "xid8",
	CONSTRAINT "companies_code" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "group_members" (
	"company_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "group_members_company_id_group_id_user_id_pk" PRIMARY KEY("company_id","group_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "groups_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "groups_name" UNIQUE("company_id","name")
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"company_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"roles" text[] NOT NULL,
	"manager_id" uuid,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "memberships_company_id_user_id_pk" PRIMARY KEY("company_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "reference_values" (
	"company_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "reference_values_company_id_kind_code_pk" PRIMARY KEY("company_id","kind","code")
);
--> statement-breakpoint
CREATE TABLE "addresses" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "addresses_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"code" text NOT NULL,
	"purpose" text NOT NULL,
	"street" text,
	"city" text,
	"state" text,
	"postal_code" text,
	"country" text,
	"primary" boolean NOT NULL,
	CONSTRAINT "addresses_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "addresses_code" UNIQUE("company_id","customer_id","code")
);
--> statement-breakpoint
CREATE TABLE "bank_accounts" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "bank_accounts_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"code" text NOT NULL,
	"name" text,
	"holder" text,
	"iban" text,
	"account_number" text,
	"bic" text,
	"currency" text,
	CONSTRAINT "bank_accounts_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "bank_accounts_code" UNIQUE("company_id","customer_id","code")
);
--> statement-breakpoint
CREATE TABLE "contacts" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "contacts_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"code" text NOT NULL,
	"name" text NOT NULL,
	"title" text,
	"email" text,
	"phone" text,
	CONSTRAINT "contacts_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "contacts_code" UNIQUE("company_id","customer_id","code")
);
--> statement-breakpoint
CREATE TABLE "customers" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account" text NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"name" text NOT NULL,
	"customer_group" text,
	"currency" text,
	"language" text,
	"credit_limit" numeric(20, 2) NOT NULL,
	"mandatory_credit_limit" boolean NOT NULL,
	"credit_rating" text,
	"exclude_interest_charges" boolean NOT NULL,
	"exclude_collection_fees" boolean NOT NULL,
	"hold_status" text NOT NULL,
	"payment_terms" text,
	"method_of_payment" text,
	"payment_specification" text,
	"default_bank_account" text,
	"cash_discount" text,
	"cash_discount_base_days" integer,
	"invoice_account" text,
	"tax_group" text,
	"tax_exempt_number" text,
	"email" text,
	"phone" text,
	"website" text,
	"delivery_terms" text,
	"delivery_mode" text,
	"created_xid" "xid8",
	CONSTRAINT "customers_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "customers_account" UNIQUE("company_id","account")
);
--> statement-breakpoint
CREATE TABLE "direct_writes" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"xid" "xid8",
	CONSTRAINT "direct_writes_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"user_id" uuid NOT NULL,
	"key" text NOT NULL,
	"mutation" text NOT NULL,
	"input_hash" text NOT NULL,
	"result" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_user_id_key_pk" PRIMARY KEY("user_id","key")
);
--> statement-breakpoint
CREATE TABLE "event_values" (
	"company_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"key" text NOT NULL,
	"field" text NOT NULL,
	"record_id" text,
	"value" jsonb,
	"salt" text,
	CONSTRAINT "event_values_company_id_event_id_key_pk" PRIMARY KEY("company_id","event_id","key")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"company_id" uuid NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"event_id" uuid NOT NULL,
	"type" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor_id" uuid,
	"on_behalf_of_id" uuid,
	"customer_id" uuid,
	"proposal_id" uuid,
	"work_item_id" uuid,
	"data" jsonb NOT NULL,
	"commitments" jsonb NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"position" bigint,
	"previous_hash" text,
	"hash" text,
	"feed" bigint,
	CONSTRAINT "events_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "events_event_id" UNIQUE("company_id","event_id"),
	CONSTRAINT "events_sealed_whole" CHECK (num_nulls(position, previous_hash, hash, feed) in (0, 4))
);
--> statement-breakpoint
CREATE TABLE "feed_head" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"number" bigint NOT NULL,
	CONSTRAINT "feed_head_only" CHECK ("feed_head"."only")
);
--> statement-breakpoint
CREATE TABLE "log_heads" (
	"company_id" uuid PRIMARY KEY NOT NULL,
	"position" bigint NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "secrets" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "changes" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "changes_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record" text NOT NULL,
	"record_id" uuid,
	"field" text NOT NULL,
	"operation" text NOT NULL,
	"base" jsonb,
	"proposed" jsonb,
	"credit_check" boolean NOT NULL,
	"salt" text NOT NULL,
	"digest" text NOT NULL,
	"author_ids" uuid[] NOT NULL,
	"source" text NOT NULL,
	"proposed_at" timestamp with time zone NOT NULL,
	"reason" text,
	CONSTRAINT "changes_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "comments" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "comments_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"author_id" uuid NOT NULL,
	"text" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "comments_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "decisions_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" uuid NOT NULL,
	"work_item_id" uuid,
	"element_path" text NOT NULL,
	"step_path" text,
	"step" text,
	"actor_id" uuid,
	"on_behalf_of_id" uuid,
	"automatic" boolean NOT NULL,
	"outcome" text NOT NULL,
	"comment" text,
	"revision" integer NOT NULL,
	"effective_at" timestamp with time zone,
	"at" timestamp with time zone NOT NULL,
	"changes" jsonb NOT NULL,
	CONSTRAINT "decisions_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "involvements" (
	"company_id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"as" text NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "involvements_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	CONSTRAINT "involvements_company_id_proposal_id_user_id_as_pk" PRIMARY KEY("company_id","proposal_id","user_id","as")
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"status" text NOT NULL,
	"revision" integer NOT NULL,
	"version" integer NOT NULL,
	"effective_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"created_by_id" uuid NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"import_id" uuid,
	"fault" jsonb,
	"closed_at" timestamp with time zone,
	"applied_xid" "xid8",
	CONSTRAINT "proposals_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"workflow_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"submitted_by_id" uuid NOT NULL,
	"submitted_at" timestamp with time zone NOT NULL,
	"comment" text,
	"parameters" jsonb NOT NULL,
	"elements" jsonb NOT NULL,
	"steps" jsonb NOT NULL,
	"end_how" text,
	"end_at" text,
	"end_on" timestamp with time zone,
	CONSTRAINT "runs_company_id_id_pk" PRIMARY KEY("company_id","id"),
	CONSTRAINT "runs_number" UNIQUE("company_id","proposal_id","number")
);
--> statement-breakpoint
CREATE TABLE "work_items" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "work_items_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"element_path" text NOT NULL,
	"step_path" text NOT NULL,
	"step" text NOT NULL,
	"subject" text NOT NULL,
	"instructions" text,
	"assignee_id" uuid,
	"assignments" integer[] NOT NULL,
	"status" text NOT NULL,
	"decided_by_id" uuid,
	"version" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone,
	"changes" jsonb NOT NULL,
	CONSTRAINT "work_items_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"issuer" text,
	"subject" text,
	"responsible_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_subject" UNIQUE("issuer","subject")
);
--> statement-breakpoint
CREATE TABLE "workflow_activations" (
	"company_id" uuid NOT NULL,
	"workflow_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"user_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"place" bigint GENERATED ALWAYS AS IDENTITY (sequence name "workflow_activations_place_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	CONSTRAINT "workflow_activations_company_id_workflow_id_version_user_id_pk" PRIMARY KEY("company_id","workflow_id","version","user_id")
);
--> statement-breakpoint
CREATE TABLE "workflow_versions" (
	"company_id" uuid NOT NULL,
	"workflow_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"note" text,
	"created_by_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "workflow_versions_company_id_workflow_id_version_pk" PRIMARY KEY("company_id","workflow_id","version")
);
--> statement-breakpoint
CREATE TABLE "workflows" (
	"company_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"owner_id" uuid NOT NULL,
	"rank" integer NOT NULL,
	"is_default" boolean NOT NULL,
	"activation" text,
	"lock_version" integer NOT NULL,
	"active_version" integer,
	CONSTRAINT "workflows_company_id_id_pk" PRIMARY KEY("company_id","id")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_member" FOREIGN KEY ("company_id","user_id") REFERENCES "public"."memberships"("company_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_fields" ADD CONSTRAINT "approval_fields_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_group" FOREIGN KEY ("company_id","group_id") REFERENCES "public"."groups"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_member" FOREIGN KEY ("company_id","user_id") REFERENCES "public"."memberships"("company_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "groups" ADD CONSTRAINT "groups_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_manager" FOREIGN KEY ("company_id","manager_id") REFERENCES "public"."memberships"("company_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reference_values" ADD CONSTRAINT "reference_values_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "addresses" ADD CONSTRAINT "addresses_customer" FOREIGN KEY ("company_id","customer_id") REFERENCES "public"."customers"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_accounts" ADD CONSTRAINT "bank_accounts_customer" FOREIGN KEY ("company_id","customer_id") REFERENCES "public"."customers"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_customer" FOREIGN KEY ("company_id","customer_id") REFERENCES "public"."customers"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "customers" ADD CONSTRAINT "customers_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "direct_writes" ADD CONSTRAINT "direct_writes_customer" FOREIGN KEY ("company_id","customer_id") REFERENCES "public"."customers"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "changes" ADD CONSTRAINT "changes_proposal" FOREIGN KEY ("company_id","proposal_id") REFERENCES "public"."proposals"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_proposal" FOREIGN KEY ("company_id","proposal_id") REFERENCES "public"."proposals"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_proposal" FOREIGN KEY ("company_id","proposal_id") REFERENCES "public"."proposals"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "involvements" ADD CONSTRAINT "involvements_proposal" FOREIGN KEY ("company_id","proposal_id") REFERENCES "public"."proposals"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_customer" FOREIGN KEY ("company_id","customer_id") REFERENCES "public"."customers"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_proposal" FOREIGN KEY ("company_id","proposal_id") REFERENCES "public"."proposals"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "work_items" ADD CONSTRAINT "work_items_proposal" FOREIGN KEY ("company_id","proposal_id") REFERENCES "public"."proposals"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_responsible_id_users_id_fk" FOREIGN KEY ("responsible_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_activations" ADD CONSTRAINT "workflow_activations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_activations" ADD CONSTRAINT "workflow_activations_version" FOREIGN KEY ("company_id","workflow_id","version") REFERENCES "public"."workflow_versions"("company_id","workflow_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_versions" ADD CONSTRAINT "workflow_versions_created_by_id_users_id_fk" FOREIGN KEY ("created_by_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_versions" ADD CONSTRAINT "workflow_versions_workflow" FOREIGN KEY ("company_id","workflow_id") REFERENCES "public"."workflows"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflows" ADD CONSTRAINT "workflows_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflows" ADD CONSTRAINT "workflows_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "memberships_user" ON "memberships" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "customers_by_name" ON "customers" USING btree ("company_id","name","id");--> statement-breakpoint
CREATE INDEX "customers_by_credit_limit" ON "customers" USING btree ("company_id","credit_limit","id");--> statement-breakpoint
CREATE INDEX "customers_by_update" ON "customers" USING btree ("company_id","updated_at","id");--> statement-breakpoint
CREATE INDEX "customers_search" ON "customers" USING gin (lower("account" || ' ' || "name") gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "direct_writes_customer" ON "direct_writes" USING btree ("company_id","customer_id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "events_unsealed" ON "events" USING btree ("id") WHERE position is null;--> statement-breakpoint
CREATE UNIQUE INDEX "events_position" ON "events" USING btree ("company_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "events_feed" ON "events" USING btree ("feed");--> statement-breakpoint
CREATE INDEX "events_customer" ON "events" USING btree ("company_id","customer_id","position");--> statement-breakpoint
CREATE INDEX "events_proposal" ON "events" USING btree ("company_id","proposal_id","position");--> statement-breakpoint
CREATE INDEX "changes_by_proposal" ON "changes" USING btree ("company_id","proposal_id");--> statement-breakpoint
CREATE INDEX "comments_by_proposal" ON "comments" USING btree ("company_id","proposal_id");--> statement-breakpoint
CREATE INDEX "decisions_by_proposal" ON "decisions" USING btree ("company_id","proposal_id");--> statement-breakpoint
CREATE INDEX "involvements_by_user" ON "involvements" USING btree ("company_id","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "proposals_one_open" ON "proposals" USING btree ("company_id","customer_id") WHERE "proposals"."status" not in ('APPLIED', 'DISCARDED');--> statement-breakpoint
CREATE INDEX "proposals_by_customer" ON "proposals" USING btree ("company_id","customer_id","updated_at");--> statement-breakpoint
CREATE INDEX "proposals_by_update" ON "proposals" USING btree ("company_id","updated_at","id");--> statement-breakpoint
CREATE INDEX "proposals_by_status" ON "proposals" USING btree ("company_id","status","updated_at","id");--> statement-breakpoint
CREATE INDEX "runs_by_workflow" ON "runs" USING btree ("company_id","workflow_id") WHERE "runs"."end_how" is null;--> statement-breakpoint
CREATE INDEX "work_items_by_proposal" ON "work_items" USING btree ("company_id","proposal_id");--> statement-breakpoint
CREATE INDEX "work_items_open_by_assignee" ON "work_items" USING btree ("assignee_id","created_at","id") WHERE "work_items"."status" = 'OPEN';--> statement-breakpoint
CREATE INDEX "work_items_open" ON "work_items" USING btree ("company_id","created_at","id") WHERE "work_items"."status" = 'OPEN';--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree (lower("email")) WHERE "users"."kind" = 'PERSON';