// Tokens for as many people as there are, of a key that lives as long as the bench.
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { demoIssuer } from '../../server/auth/demo.ts'
import { people } from './world.ts'

const audience = 'countersign'

export type SignIns = {
  /** What a server has to know in order to believe the tokens: issuer, audience, public key. */
  readonly args: readonly string[]
  /** One for each of the people, as it is sent for authorization. */
  readonly tokens: readonly string[]
}

const make = async (): Promise<SignIns> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const sign = (person: string): Promise<string> =>
    new SignJWT()
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(demoIssuer)
      .setAudience(audience)
      .setSubject(person)
      .setIssuedAt()
      .setExpirationTime('12h')
      .sign(privateKey)
  const tokens = await Promise.all(people.map(async (person) => `Bearer ${await sign(person)}`))
  return { args: [demoIssuer, audience, JSON.stringify(await exportJWK(publicKey))], tokens }
}

let made: Promise<SignIns> | undefined

/** The same for all servers of a bench. */
export const signIns = (): Promise<SignIns> => (made ??= make())
