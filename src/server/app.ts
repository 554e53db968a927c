import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Context, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { methodNotAllowed } from 'hono/method-not-allowed'
import type { OnError } from '../chat/observer.ts'
import { headOfRequest, isSecure } from './forwarded.ts'
import type { RequestHead } from './forwarded.ts'
import type { MountPath } from './mount-path.ts'
import { createNotFoundPage } from './not-found-page.ts'
import { createOperations } from './operations.ts'
import type { OperationsOptions } from './operations.ts'
import type { OriginPolicy } from './origin.ts'
import { createPages } from './pages.ts'
import type { PagesOptions } from './pages.ts'
import type { Places } from './places.ts'
import { respondText } from './respond.ts'
import { securityHeaders } from './security-headers.ts'

/** Where no node:http is underneath, a request has nothing but itself. */
export type AppEnv = { Bindings: Partial<HttpBindings> }

export interface AppOptions extends PagesOptions, OperationsOptions {
  readonly mount: MountPath
  readonly places: Places
  readonly origins: OriginPolicy
  readonly trustedHops: number
  readonly onError: OnError
}

/** Everything that is answered by plain HTTP. Its routes are relative to the path the chat is mounted on. */
export function createApp(options: AppOptions): Hono<AppEnv> {
  const { mount, places, origins, trustedHops, onError } = options
  const app = new Hono<AppEnv>({
    // Under a framework that mounts middleware on a path, the request's own URL lacks that path.
    getPath: (request, context) => places.findFetched(request, context?.env?.incoming) ?? '/',
  })
  app.use(securityHeaders((c) => isSecure(headOf(c), trustedHops)))
  app.use(refuseForeignChanges(origins))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => respondText(c, 405, 'Method not allowed\n', { Allow: methods.join(', ') }),
    }),
  )
  app.route('/', createOperations(options))
  app.route('/', createPages(options))
  const notFoundPage = createNotFoundPage(mount.base)
  app.notFound((c) => respondText(c, 404, notFoundPage, { 'Content-Type': 'text/html; charset=utf-8' }))
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    onError(error, { stage: 'answering a request' })
    return respondText(c, 500, 'The server failed to answer this\n')
  })
  return app
}

function headOf({ env, req }: Context<AppEnv>): RequestHead {
  return env.incoming ?? headOfRequest(req.raw)
}

/** A browser tells the origin of the page with whatever may change something. */
function refuseForeignChanges(origins: OriginPolicy): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const isSafe = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (isSafe || origins.allows(headOf(c))) return next()
    return respondText(c, 403, 'Pages of this origin may not use this chat\n')
  }
}
