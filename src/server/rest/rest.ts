import { Hono } from 'hono'
import type { Context, MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { Peer } from '../../chat/transport.ts'
import { clientAddress } from '../address.ts'
import { headOf } from '../app-env.ts'
import { NODE_ENVIRONMENT } from '../environment.ts'
import type { OriginPolicy } from '../origin.ts'
import { respondJson } from '../respond.ts'
import { DOCUMENTS } from './documents.ts'
import { createEvents } from './events.ts'
import { createMessages } from './messages.ts'
import { RequestRates } from './rates.ts'
import { HttpRefusal, respondRefused } from './refusal.ts'
import type { RestContext, RestEnv, RestOptions } from './rest-context.ts'

/** Seconds that a browser may remember what pages of another origin may send. */
const CORS_MAX_AGE_S = 600

/** The chat for programs: posts, pages and streams of events by plain HTTP, and the documents that describe it. */
export function createRest(options: RestOptions): Hono<RestEnv> {
  const { chat, mount, origins, trustedHops } = options
  const context: RestContext = { ...options, rates: new RequestRates(options, NODE_ENVIRONMENT) }
  const app = new Hono<RestEnv>()
  app.use(forAllowedOrigins(origins))
  app.use(namePeer(trustedHops))
  for (const [name, create] of Object.entries(DOCUMENTS)) {
    let json: string | undefined
    app.get(`/${name}`, (c) => respondDocument(c, (json ??= JSON.stringify(create(mount.base)))))
  }
  app.route('/', createMessages(context))
  app.route('/', createEvents(context))
  app.onError((error, c) => respondRefused(c, error instanceof HttpRefusal ? error : chat.refusalOf(c.var.peer, error)))
  return app
}

/** Pages of the origins that the operator named may read the answers. Never with cookies: those pages show a token. */
function forAllowedOrigins(origins: OriginPolicy): MiddlewareHandler<RestEnv> {
  return cors({
    origin: (origin, c: Context<RestEnv>) => (origin !== '' && origins.allows(headOf(c)) ? origin : undefined),
    allowMethods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID'],
    exposeHeaders: ['Location', 'Retry-After'],
    maxAge: CORS_MAX_AGE_S,
  })
}

/** Gives each request a name for the log, as connections have one. */
function namePeer(trustedHops: number): MiddlewareHandler<RestEnv> {
  let requests = 0
  return (c, next) => {
    const peer: Peer = { connectionId: `r${++requests}`, address: clientAddress(headOf(c), trustedHops) }
    c.set('peer', peer)
    return next()
  }
}

function respondDocument(c: Context, json: string): Response {
  return respondJson(c, 200, json, { 'Cache-Control': 'no-cache' })
}
