import type { IncomingMessage } from 'node:http'
import { clientAddress } from './address.ts'
import type { RequestSummary } from './observer.ts'

/** What is told of a request; `originalUrl` is what Express leaves of the path after it took a mount path off. */
export function summarizeRequest(
  request: IncomingMessage,
  trustedHops: number,
  answer: {
    readonly status: number
    readonly bytes: number | undefined
    readonly ms: number
    readonly refusal?: string | undefined
  },
): RequestSummary {
  const { refusal, ...outcome } = answer
  return {
    address: clientAddress(request, trustedHops),
    method: request.method ?? '-',
    path: requestTarget(request).replace(/[?#].*$/s, ''),
    httpVersion: request.httpVersion,
    ...outcome,
    ...(refusal === undefined ? {} : { refusal }),
  }
}

/** The request's target as it came in: frameworks that mount middleware on a path cut that path off `url`. */
export function requestTarget(request: IncomingMessage): string {
  if ('originalUrl' in request && typeof request.originalUrl === 'string') return request.originalUrl
  return request.url ?? '/'
}
