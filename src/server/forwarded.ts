import type { IncomingHttpHeaders } from 'node:http'

/** What the server reads of a request besides its path: what node:http's `IncomingMessage` has of it. */
export interface RequestHead {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean | undefined }
}

/** What of it a `Request` tells, which has no socket. */
export function headOfRequest(request: Request): RequestHead {
  const { protocol, host } = new URL(request.url)
  return {
    headers: { host, ...Object.fromEntries(request.headers) },
    socket: { encrypted: protocol === 'https:' },
  }
}

/** Whether the client's side of the request is encrypted: here, or at the outermost of `trustedHops` proxies. */
export function isSecure({ headers, socket }: RequestHead, trustedHops: number): boolean {
  const scheme = forwarded(headers['x-forwarded-proto'], trustedHops)
  return scheme === undefined ? socket.encrypted === true : scheme.toLowerCase() === 'https'
}

/** The host that the client asked for, with its port where it named one. */
export function requestedHost({ headers }: RequestHead, trustedHops: number): string | undefined {
  return forwarded(headers['x-forwarded-host'], trustedHops) ?? headers.host
}

/**
 * The entry that the outermost trusted proxy wrote into an `X-Forwarded-*` header, or undefined.
 *
 * Each proxy appends one entry. Counted from the end, the first `trustedHops` are written by proxies we trust; what stands
 * before them is whatever the client made up. Where a header has fewer entries, its first was still written by one of ours.
 */
export function forwarded(header: string | string[] | undefined, trustedHops: number): string | undefined {
  if (trustedHops === 0 || header === undefined) return undefined
  const entries = String(header)
    .split(',')
    .map((entry) => entry.trim())
  return entries[Math.max(0, entries.length - trustedHops)] || undefined
}
