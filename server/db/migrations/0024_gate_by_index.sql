-- A connection keeps the plan of these look-ups for as long as it lasts. Made while a table is almost empty, it reads all of it, and still
-- does a hundred thousand rows of an import later: each commit would take longer than the one before. They are by key, so never that.
alter function check_gate() set enable_seqscan = off;
--> statement-breakpoint
alter function check_digest() set enable_seqscan = off;
--> statement-breakpoint
alter function check_refusal() set enable_seqscan = off;
