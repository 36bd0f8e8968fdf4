// What a credential opens, and what one that is none is told.
import { describe, expect, test } from 'vitest'
import { startTestApp } from '../helpers/app.ts'
import { operationsOf } from './operations.ts'

const app = await startTestApp()
const { sql, run, read } = operationsOf(app)

describe('a sign-in', () => {
  test('by API key opens the one company of the key, whatever else its account belongs to', async () => {
    await sql`
      with member as (
        insert into memberships (company_id, user_id, roles, active)
        select c.id, u.id, '{INTEGRATION}', true from companies c, users u where c.code = 'DEMF' and u.name = 'Partner'
        returning company_id, user_id
      )
      insert into events (company_id, event_id, type, at, data, commitments)
      select company_id, gen_random_uuid(), 'MembershipChanged', now(), jsonb_build_object('userId', user_id), '{}'
      from member`
    expect(
      await read(
        'partner',
        '{ viewer { memberships { company { code } } } customer(company: "DEMF", account: "DE-001") { id } }',
      ),
    ).toEqual({
      viewer: { memberships: [{ company: { code: 'USMF' } }] },
      customer: null,
    })
    expect(
      await run('partner', 'updateCustomer', {
        company: 'DEMF',
        account: 'DE-001',
        set: { website: 'https://x.example' },
      }),
    ).toMatchObject({ code: 'NOT_FOUND' })
  })

  test('that is none is told so, whatever it looks like', async () => {
    const good = await app.token('clara')
    for (const authorization of [
      '',
      'Bearer',
      'Bearer x',
      `Bearer ${good}x`,
      `Basic ${good}`,
      good,
      'ApiKey nope',
      `ApiKey ${good}`,
      `Bearer ${good.split('.').slice(0, 2).join('.')}.`,
      `Bearer ${'a'.repeat(8000)}`,
    ]) {
      const answer = await app.send(
        null,
        '{ viewer { user { id } } customer(company: "USMF", account: "US-001") { id } }',
        {},
        { authorization },
      )
      expect([authorization.slice(0, 20), answer.data, answer.errors?.map((e) => e.extensions?.code)]).toEqual([
        authorization.slice(0, 20),
        { viewer: null, customer: null },
        ['UNAUTHENTICATED', 'UNAUTHENTICATED'],
      ])
    }
  })
})
