// What only the element says; the rest it has from the client.
export const words = {
  underWay: (company: string) => `Changes under way in ${company}`,
  refused: 'This banner cannot be shown',
  dismiss: 'Dismiss',
}
