// Which addresses a request to a partner may go to. Whoever may name an endpoint could otherwise have this server ask
// what only it can reach: its own machine, its network, the keeper of a cloud's credentials.
import { BlockList, isIP } from 'node:net'

/** Not of the public internet, by the registries of special addresses (RFC 6890 and what has been added to it since). */
const special4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** Within 2000::/3, outside of which nothing is public: protocols that carry an IPv4 address with them, documentation and the like. */
const special6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const private4 = new BlockList()
for (const [net, prefix] of special4) private4.addSubnet(net, prefix, 'ipv4')
const private6 = new BlockList()
for (const [net, prefix] of special6) private6.addSubnet(net, prefix, 'ipv6')
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

/** Whether an address is outside of the public internet; what is no address at all counts as such. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return private4.check(address, 'ipv4')
  if (family !== 6) return true
  // A zone (fe80::1%eth0) only goes with addresses of a link.
  if (address.includes('%')) return true
  return !global6.check(address, 'ipv6') || private6.check(address, 'ipv6')
}

/** The host of a URL as an address, without the brackets of IPv6; undefined where it is a name. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? undefined : host
}

/** Why a URL may not be asked, by what it says itself; null: it may, if its name leads to where it may. */
export function urlProblem(url: string, allowPrivate: boolean): string | null {
  if (!URL.canParse(url)) return 'is no URL: write it in full, such as https://partner.example/hooks'
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && !(allowPrivate && parsed.protocol === 'http:')) return 'must begin with https://'
  if (parsed.username !== '' || parsed.password !== '') {
    return 'must not hold a user name or password: requests are signed instead'
  }
  if (allowPrivate) return null
  const address = literalAddress(parsed)
  const private_ = address !== undefined && isPrivateAddress(address)
  if (private_ || /(^|\.)localhost\.?$/i.test(parsed.hostname)) {
    return 'leads to a private address, which is not allowed here'
  }
  return null
}
