// What PostgreSQL can do at most with the same rows: COPY into a staging table, one upsert, one insert of an event for each row. No
// rules, no gate, no preview; the tables keep their indexes and lose their triggers.
import postgres from 'postgres'
import { cellsOf, columns, type Governed } from './rows.ts'

const atOnce = 5000

/** Milliseconds that it takes; the database is spoilt for anything else afterwards. */
export const runLimit = async (url: string, company: string, count: number, governed: Governed): Promise<number> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await sql`alter table customers disable trigger user`
    await sql`alter table events disable trigger user`
    await sql`create unlogged table staged (account text, phone text, website text, email text, credit_rating text, language text, credit_limit text)`
    const started = performance.now()
    await sql.begin(async (tx) => {
      const copy = await tx`copy staged from stdin`.writable()
      for (let from = 1; from <= count; from += atOnce) {
        let text = ''
        for (let n = from; n < from + atOnce && n <= count; n++)
          text += `${cellsOf(n, governed)
            .map((cell) => (cell === '' ? '\\N' : cell))
            .join('\t')}\n`
        if (!copy.write(text)) await new Promise((resolve) => copy.once('drain', resolve))
      }
      await new Promise<void>((resolve, reject) => {
        copy.once('error', reject)
        copy.once('finish', resolve)
        copy.end()
      })
      await tx`analyze staged`
      await tx`
        insert into customers (company_id, id, account, version, created_at, updated_at, name, credit_limit,
          mandatory_credit_limit, exclude_interest_charges, exclude_collection_fees, hold_status,
          phone, website, email, credit_rating, language)
        select c.id, uuidv7(), s.account, 1, now(), now(), s.account, coalesce(s.credit_limit::numeric, 0),
          false, false, false, 'NO', s.phone, s.website, s.email, s.credit_rating, s.language
        from staged s join companies c on c.code = ${company}
        on conflict (company_id, account) do update set
          version = customers.version + 1, updated_at = now(), phone = excluded.phone, website = excluded.website,
          email = excluded.email, credit_rating = excluded.credit_rating, language = excluded.language,
          credit_limit = case excluded.credit_limit when 0 then customers.credit_limit else excluded.credit_limit end`
      await tx`
        insert into events (company_id, event_id, type, at, customer_id, data, commitments)
        select c.company_id, uuidv7(), 'CustomerUpdated', now(), c.id, to_jsonb(s), '{}'
        from staged s join companies on code = ${company} join customers c on c.company_id = companies.id and c.account = s.account`
    })
    return performance.now() - started
  } finally {
    await sql.end()
  }
}

if (columns.length !== 7) throw new Error('the limit copies other columns')
