import { isIP, isIPv6 } from 'node:net'
import { forwarded } from './forwarded.ts'
import type { RequestHead } from './forwarded.ts'

/** The client's address as the outermost of `trustedHops` proxies saw it; `unknown` on a socket that has none. */
export function clientAddress({ headers, socket }: RequestHead, trustedHops: number): string {
  const named = forwarded(headers['x-forwarded-for'], trustedHops)
  const address = named === undefined ? '' : withoutPort(named)
  return plain(isIP(address) ? address : (socket.remoteAddress ?? 'unknown'))
}

/**
 * What one client is taken to own when connections are counted: an IPv4 address, or the /64 that an IPv6 host is usually
 * given, all of whose addresses it can use.
 */
export function addressBlock(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const before = head.split(':').filter(Boolean)
  const after = tail?.split(':').filter(Boolean) ?? []
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** Some proxies add the client's port: `192.0.2.1:49152`, `[2001:db8::1]:49152`. */
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(entry)
  if (bracketed) return bracketed[1] ?? ''
  return /^[\d.]+:\d+$/.test(entry) ? entry.slice(0, entry.indexOf(':')) : entry
}

/** An IPv4 client on a socket that listens on `::` shows as `::ffff:192.0.2.1`; a link-local one with its interface. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '')
}
