import { expect, it } from 'vitest'
import { credentialsOfHeaders, credentialsOfParams } from '../../server/auth/credentials.ts'

it('HTTP presents its Authorization header, or else an API key of its own header', () => {
  const headers = (entries: Record<string, string>) => (name: string) => entries[name]
  expect(credentialsOfHeaders(headers({ authorization: 'Bearer x', 'x-api-key': 'y' }))).toBe('Bearer x')
  expect(credentialsOfHeaders(headers({ 'x-api-key': 'y' }))).toBe('ApiKey y')
  expect(credentialsOfHeaders(headers({}))).toBeUndefined()
})

it('a socket presents the same text in its connection parameters, however the name is written', () => {
  expect(credentialsOfParams({ authorization: 'Bearer x' })).toBe('Bearer x')
  expect(credentialsOfParams({ Authorization: 'Bearer x' })).toBe('Bearer x')
})

it.each([undefined, null, 'Bearer x', 7, [], {}, { authorization: 7 }, { authorization: ['Bearer x'] }])(
  'a socket that sends %j presents nothing',
  (params) => {
    expect(credentialsOfParams(params)).toBeUndefined()
  },
)
