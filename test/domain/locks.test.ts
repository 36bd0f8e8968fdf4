// DOMAIN section 3: what a proposal on its way lets through, and what not.
import { describe, expect, it } from 'vitest'
import { editOf, World } from './world.ts'

describe('a lock', () => {
  const pending = (): World => {
    const world = new World()
    world.edit('clara', { creditLimit: '100' })
    world.submit('clara')
    return world
  }

  it('refuses an edit of governed fields whole, names the proposal and who can recall it', () => {
    const world = pending()
    const before = world.state
    const result = world.try('colin', editOf({ set: { phone: '+49 1', name: 'Contoso West' } }))
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'PENDING_PROPOSAL', detail: { proposalId: world.proposal.id } },
    })
    expect(result.ok ? '' : result.error.message).toMatch(/clara, adam or an administrator can recall/)
    expect(world.state).toBe(before)
  })

  it('is refused even with the value that is proposed already, and takes what is in the record as no change', () => {
    const world = pending()
    expect(world.try('clara', editOf({ set: { creditLimit: '100' } }))).toMatchObject({
      ok: false,
      error: { code: 'PENDING_PROPOSAL' },
    })
    expect(world.try('clara', editOf({ set: { name: world.customer.values.name } })).ok).toBe(true)
  })

  it('lets through what is not governed', () => {
    const world = pending()
    world.edit('colin', { phone: '+49 1' })
    expect(world.customer.values.phone).toBe('+49 1')
    expect(world.status).toBe('PENDING')
  })
})
