ALTER TABLE "import_jobs" ADD COLUMN "idempotency_key" text;--> statement-breakpoint
ALTER TABLE "import_results" ADD COLUMN "proposals" text;