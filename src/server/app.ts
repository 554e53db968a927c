import { Hono } from 'hono'
import type { Context, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { methodNotAllowed } from 'hono/method-not-allowed'
import type { OnError } from '../chat/observer.ts'
import { headOf } from './app-env.ts'
import type { AppEnv } from './app-env.ts'
import { isSecure } from './forwarded.ts'
import type { MountPath } from './mount-path.ts'
import { createNotFoundPage, NOT_FOUND_CSS } from './not-found-page.ts'
import { createOperations } from './operations.ts'
import type { OperationsOptions } from './operations.ts'
import type { OriginPolicy } from './origin.ts'
import { createPages } from './pages.ts'
import type { PagesOptions } from './pages.ts'
import type { Places } from './places.ts'
import { respondJson, respondText } from './respond.ts'
import { createRest } from './rest/rest.ts'
import type { RestOptions } from './rest/rest-context.ts'
import type { RestErrorCode } from './rest/shapes.ts'
import { STATUSES } from './rest/statuses.ts'
import { securityHeaders } from './security-headers.ts'

/** Under the path of the chat. */
const REST_PATH = '/api'

export interface AppOptions extends PagesOptions, OperationsOptions, RestOptions {
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
      onMethodNotAllowed: (c, methods) =>
        refuse(c, 'method_not_allowed', 'Method not allowed', { Allow: methods.join(', ') }),
    }),
  )
  app.route(REST_PATH, createRest(options))
  app.route('/', createOperations(options))
  app.route('/', createPages(options))
  const notFoundPage = createNotFoundPage(mount.base)
  app.get('/not-found.css', (c) => respondText(c, 200, NOT_FOUND_CSS, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.notFound((c) =>
    isForPrograms(c)
      ? refuse(c, 'not_found', 'there is nothing at this address')
      : respondText(c, 404, notFoundPage, { 'Content-Type': 'text/html; charset=utf-8' }),
  )
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    onError(error, { stage: 'answering a request' })
    return respondText(c, 500, 'The server failed to answer this\n')
  })
  return app
}

/** A browser tells the origin of the page with whatever may change something. */
function refuseForeignChanges(origins: OriginPolicy): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const isSafe = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (isSafe || origins.allows(headOf(c))) return next()
    return refuse(c, 'forbidden', 'Pages of this origin may not use this chat')
  }
}

/** Answers why not: in plain words, or as the interface for programs answers everything. */
function refuse(
  c: Context,
  code: RestErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  if (isForPrograms(c)) return respondJson(c, STATUSES[code], { error: { code, message } }, headers)
  return respondText(c, STATUSES[code], `${message}\n`, headers)
}

function isForPrograms(c: Context): boolean {
  return `${c.req.path}/`.startsWith(`${REST_PATH}/`)
}
