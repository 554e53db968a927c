import type { IncomingMessage } from 'node:http'
import { lostBody } from './parsed-body.ts'
import { findRequestFault } from './request-fault.ts'
import type { HandlerOptions } from './request-handler.ts'
import { summarizeFetched, summarizeRequest } from './request-summary.ts'

/** What a framework that hands on a `Request` may know of it besides. */
export interface FetchEnv {
  /** The same request as node:http has it, as `@hono/node-server` passes it on: its sender's address, and its path before anybody cut it. */
  readonly incoming?: IncomingMessage | undefined
}

/** What Hono, Next's route handlers and others that speak the standard of `fetch` call with a request. */
export type FetchHandler = (request: Request, env?: FetchEnv) => Promise<Response>

/** Hands the chat's requests to `app` and tells the observer of them; answers the others with 404. */
export function createFetchHandler({ app, places, observer, onError, trustedHops }: HandlerOptions): FetchHandler {
  async function answer(request: Request, incoming: IncomingMessage | undefined): Promise<Response> {
    const fault = incoming && findRequestFault(incoming)
    if (fault !== undefined) return plainResponse(400, fault)
    if (request.bodyUsed) {
      onError(lostBody(), { stage: 'reading a request' })
      return plainResponse(500, 'the server lost the body of this request')
    }
    return app.fetch(request, incoming ? { incoming } : {})
  }

  return async (request, { incoming } = {}) => {
    if (places.findFetched(request, incoming) === undefined) return plainResponse(404, 'not found')
    const summary = incoming ? summarizeRequest(incoming, trustedHops) : summarizeFetched(request, trustedHops)
    const startedAt = performance.now()
    const response = await answer(request, incoming)
    const length = response.headers.get('Content-Length')
    observer.onRequest({
      ...summary,
      status: response.status,
      bytes: length === null || request.method === 'HEAD' ? undefined : Number(length),
      ms: performance.now() - startedAt,
    })
    return response
  }
}

function plainResponse(status: number, text: string): Response {
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }
  return new Response(`${text}\n`, { status, headers })
}
