import type { IncomingMessage } from 'node:http'
import { clientAddress } from './address.ts'
import { headOfRequest } from './forwarded.ts'
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

/** The same of a request without node:http underneath, which has nothing but itself. */
export function summarizeFetched(request: Request, trustedHops: number): ReturnType<typeof summarizeRequest> {
  return {
    address: clientAddress(headOfRequest(request), trustedHops),
    method: request.method,
    path: new URL(request.url).pathname,
    httpVersion: '1.1',
  }
}

/** The request's target as it came in: frameworks that mount middleware on a path cut that path off `url`. */
export function requestTarget(request: IncomingMessage): string {
  if ('originalUrl' in request && typeof request.originalUrl === 'string') return request.originalUrl
  return request.url ?? '/'
}
