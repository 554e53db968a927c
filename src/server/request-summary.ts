import type { IncomingMessage } from 'node:http'
import { clientAddress } from './address.ts'
import type { RequestSummary } from './observer.ts'

/** What is told of a request. To be read off while its socket is open: a closed one has no address any more. */
export function summarizeRequest(
  request: IncomingMessage,
  trustedHops: number,
): Pick<RequestSummary, 'address' | 'method' | 'path' | 'httpVersion'> {
  return {
    address: clientAddress(request, trustedHops),
    method: request.method ?? '-',
    path: requestTarget(request).replace(/[?#].*$/s, ''),
    httpVersion: request.httpVersion,
  }
}

/** The request's target as it came in: frameworks that mount middleware on a path cut that path off `url`. */
export function requestTarget(request: IncomingMessage): string {
  if ('originalUrl' in request && typeof request.originalUrl === 'string') return request.originalUrl
  return request.url ?? '/'
}
