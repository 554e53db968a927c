import type { IncomingMessage } from 'node:http'

/**
 * What makes a request ambiguous: something on its way may have read it as another one than we do. Undefined for a request
 * that can be answered.
 */
export function findRequestFault(request: IncomingMessage): string | undefined {
  if (hostsOf(request) > 1) return 'a request has one Host header'
  return undefined
}

/** The same for a request to upgrade, of which node:http and ws let through what RFC 6455 §4.2.1 does not. */
export function findUpgradeFault(request: IncomingMessage): string | undefined {
  const { headers, httpVersionMajor, httpVersionMinor } = request
  if (httpVersionMajor < 1 || (httpVersionMajor === 1 && httpVersionMinor < 1)) return 'a WebSocket needs HTTP/1.1'
  if (hostsOf(request) !== 1) return 'a request has one Host header'
  // The bytes of the body would be taken for frames.
  if (headers['transfer-encoding'] !== undefined) return 'a request for a WebSocket has no body'
  if ((headers['content-length'] ?? '0') !== '0') return 'a request for a WebSocket has no body'
  return undefined
}

function hostsOf({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
}
