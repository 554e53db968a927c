import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { RoomDetails } from '../chat/access-policy.ts'
import type { AppUser } from '../chat/app-user.ts'
import { createChat } from './create-chat.ts'
import type { ChatMiddleware } from './create-chat.ts'
import { resolveOptions } from './options.ts'
import type { ChatMiddlewareOptions } from './options.ts'
import { capSockets } from './socket-cap.ts'

export interface ServeOptions<
  U extends AppUser = AppUser,
  R extends RoomDetails = RoomDetails,
> extends ChatMiddlewareOptions<U, R> {
  /** TCP port; 0 for any that is free. Defaults to 5000. */
  readonly port?: number | undefined
  /** Address to listen on. Defaults to every one there is, IPv6 and IPv4. */
  readonly host?: string | undefined
}

export interface ChatServer<U extends AppUser = AppUser> {
  /** The chat it serves, for what an app says and asks of it. Closed with the server. */
  readonly chat: ChatMiddleware<U>
  readonly port: number
  /** Where a browser on this machine finds the chat. */
  readonly url: string
  /** Stops accepting, closes the chat as `ChatMiddleware.close()` does, and lets the answers under way finish. */
  close(options?: { readonly spreadMs?: number | undefined }): Promise<void>
}

/** Longer than the 60 to 90 s that routers and load balancers keep an idle connection, so that they end it, not we. */
const KEEP_ALIVE_MS = 95_000

/** Milliseconds for a request's headers, and for all of it, to arrive. There are no uploads. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000

/** Connections that may wait to be accepted: after a restart everybody comes back at once. */
const BACKLOG = 4_096

/** Milliseconds for answers under way when everything else has ended. */
const LAST_ANSWERS_MS = 1_000

/** Runs a chat on a server of its own. Rejects where it cannot listen. */
export async function serve<U extends AppUser = AppUser, R extends RoomDetails = RoomDetails>({
  port: wantedPort = 5_000,
  host,
  ...options
}: ServeOptions<U, R>): Promise<ChatServer<U>> {
  const chat = createChat<U, R>(options)
  const resolved = resolveOptions(options)
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Other protocols a client would rather speak (h2c) are an offer: it gets its answer by HTTP/1.1.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  })
  capSockets(server, resolved, resolved.trustedHops)
  server.on('request', chat.handler)
  chat.attach(server)
  try {
    await listen(server, wantedPort, host)
  } catch (error) {
    await chat.close()
    throw error
  }
  // Such as a connection that could not be accepted. Without a listener it would end the process.
  server.on('error', (error) => resolved.onError(error, { stage: 'accepting connections' }))
  const { port } = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  return {
    chat,
    port,
    url: urlOf(port, host, options.path ?? '/'),
    close: ({ spreadMs } = {}) => (closing ??= closeAll(server, () => chat.close({ spreadMs }))),
  }
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ port, backlog: BACKLOG, ...(host === undefined ? {} : { host }) }, () => {
    server.off('error', reject)
    resolve()
  })
  return promise
}

async function closeAll(server: Server, closeChat: () => Promise<void>): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  await closeChat()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS)
  await closed
  clearTimeout(timer)
}

function urlOf(port: number, host: string | undefined, path: string): string {
  const isEverywhere = host === undefined || host === '::' || host === '0.0.0.0'
  const name = isEverywhere ? 'localhost' : isIPv6(host) ? `[${host}]` : host
  return `http://${name}:${port}${path === '/' ? '' : path}`
}
