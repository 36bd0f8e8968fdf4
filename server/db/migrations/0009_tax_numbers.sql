-- Tax numbers compared as server/domain/workflow/checks.ts writes them: one customer is looked for by the number of another.
create function normal_tax_number(number text) returns text language sql immutable parallel safe
return upper(regexp_replace(number, '[\s./\-\u2010-\u2015]', '', 'g'));
--> statement-breakpoint
create index customers_by_tax_number on customers (company_id, normal_tax_number(tax_exempt_number))
  where tax_exempt_number is not null;
