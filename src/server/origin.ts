import { isSecure, requestedHost } from './forwarded.ts'
import type { RequestHead } from './forwarded.ts'

/**
 * Whether a page may use this server, by the `Origin` that browsers put on every WebSocket and on every request that
 * changes something. Nothing else on such a request tells apart our own page from one that a visitor happens to have open.
 */
export interface OriginPolicy {
  allows(head: RequestHead): boolean
  /** Whether it is a page of the very same origin that asks, or no page, so that cookies say who it is. */
  isOwn(head: RequestHead): boolean
}

/**
 * Allows pages of the same origin, of the given ones, and what is no page: a program sends no `Origin`, or could send any.
 *
 * @param origins Exact origins, such as `https://app.example`, or `*` for every page there is.
 * @throws TypeError that names the entry which is neither.
 */
export function createOriginPolicy(origins: readonly string[], trustedHops: number): OriginPolicy {
  const allowed = new Set(origins.map(parseOrigin))
  return {
    allows(head) {
      const { origin } = head.headers
      return origin === undefined || allowed.has('*') || allowed.has(origin) || isSameOrigin(origin, head, trustedHops)
    },
    isOwn(head) {
      const { origin } = head.headers
      return origin === undefined ? !isForeignFetch(head) : isSameOrigin(origin, head, trustedHops)
    },
  }
}

/** Of a request that only reads, browsers may tell no origin; how its page stands to this server they tell by this (Fetch Metadata §2.3). */
function isForeignFetch({ headers }: RequestHead): boolean {
  return /^(cross-site|same-site)$/.test(String(headers['sec-fetch-site']))
}

function parseOrigin(origin: string): string {
  if (origin === '*') return origin
  const url = URL.parse(origin)
  if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\/[^/?#@*\\]+$/i.test(origin)) {
    throw new TypeError(
      `origins: ${JSON.stringify(origin)} is no origin; write it as https://app.example, without a path`,
    )
  }
  return url.origin
}

/**
 * A page that came by https is taken for ours even where this connection looks unencrypted: a proxy that ends TLS may be
 * one we were not told of. The other way round, an http page next to an https server is not: anybody on its way may have
 * written it.
 */
function isSameOrigin(origin: string, head: RequestHead, trustedHops: number): boolean {
  const page = URL.parse(origin)
  const host = requestedHost(head, trustedHops)
  if (page === null || host === undefined || page.origin !== origin) return false
  if (page.protocol === 'http:' && isSecure(head, trustedHops)) return false
  return URL.parse(`${page.protocol}//${host}`)?.host === page.host
}
