import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import type { OnError } from '../chat/observer.ts'
import type { AppEnv } from './app-env.ts'
import type { ServerObserver } from './observer.ts'
import { lostBody, restoreBody } from './parsed-body.ts'
import type { Places } from './places.ts'
import { findRequestFault } from './request-fault.ts'
import { summarizeRequest } from './request-summary.ts'

/** What Express, Connect, Fastify (by @fastify/middie) and node:http call with a request. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void

export interface HandlerOptions {
  readonly app: Hono<AppEnv>
  readonly places: Places
  readonly observer: ServerObserver
  readonly onError: OnError
  readonly trustedHops: number
}

/** Hands the chat's requests to `app` and tells the observer of them; the others are `next`'s. */
export function createRequestHandler({ app, places, observer, onError, trustedHops }: HandlerOptions): RequestHandler {
  const bodyBytes = new WeakMap<ServerResponse, number>()

  async function answer(request: Request, env: HttpBindings): Promise<Response> {
    const response = await app.fetch(request, env)
    const length = response.headers.get('Content-Length')
    if (length !== null && request.method !== 'HEAD') bodyBytes.set(env.outgoing, Number(length))
    return response
  }

  const listener = getRequestListener((request, env) => answer(request, env as HttpBindings), {
    overrideGlobalObjects: false,
  })

  return (request, response, next) => {
    if (places.find(request) === undefined) {
      if (next) next()
      else endWith(response, 404, 'not found')
      return
    }
    const summary = summarizeRequest(request, trustedHops)
    const startedAt = performance.now()
    response.once('close', () => {
      const ms = performance.now() - startedAt
      observer.onRequest({ ...summary, status: response.statusCode, bytes: bodyBytes.get(response), ms })
    })
    const fault = findRequestFault(request)
    if (fault !== undefined) endWith(response, 400, fault)
    else if (restoreBody(request)) void listener(request, response)
    else {
      onError(lostBody(), { stage: 'reading a request' })
      endWith(response, 500, 'the server lost the body of this request')
    }
  }
}

function endWith(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' })
    .end(`${text}\n`)
}
