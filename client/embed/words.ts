// What only the element says; the rest it has from the client.
import { messages } from '../src/lib/messages.ts'

export const words = {
  region: (about: string, state: string | null) =>
    `${messages.banner.region}, ${about}${state === null ? '' : `: ${state}`}`,
  underWay: (company: string) => `Changes under way in ${company}`,
  refused: 'This banner cannot be shown',
  dismiss: 'Dismiss',
}
