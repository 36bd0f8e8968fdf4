ALTER TABLE "workflows" ADD COLUMN "deleted_at" timestamp with time zone;
