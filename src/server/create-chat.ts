import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RoomDetails } from '../chat/access-policy.ts'
import type { ChatEvents } from '../chat/app-events.ts'
import type { AppPost } from '../chat/app-posts.ts'
import type { AppUser } from '../chat/app-user.ts'
import { Chat } from '../chat/chat.ts'
import type { AskedMessage } from '../chat/message-hook.ts'
import type { Stored } from '../chat/writes.ts'
import type { MessageId, Seq, UserId } from '../protocol/ids.ts'
import { Admission } from './admission.ts'
import { createApp } from './app.ts'
import { claimUpgrades } from './attach.ts'
import { createSessionReader } from './credentials.ts'
import { NODE_ENVIRONMENT } from './environment.ts'
import { createFetchHandler } from './fetch-handler.ts'
import type { FetchHandler } from './fetch-handler.ts'
import { encodeFrame } from './frame.ts'
import { Health } from './health.ts'
import { createMetrics } from './metrics.ts'
import { MountPath } from './mount-path.ts'
import { combineObservers } from './observer.ts'
import { resolveOptions } from './options.ts'
import type { ChatMiddlewareOptions } from './options.ts'
import { createOriginPolicy } from './origin.ts'
import { Places } from './places.ts'
import { createRequestHandler } from './request-handler.ts'
import type { RequestHandler } from './request-handler.ts'
import { createUiLoader } from './ui-files.ts'
import { Upgrades } from './upgrade.ts'
import { VERSION } from './version.ts'

/** Where something that the app said is in the log. */
export interface AppPosted {
  readonly messageId: MessageId
  /** The seq of the change. */
  readonly seq: Seq
}

/** A chat to put into a server: it touches only its own path of it. */
export interface ChatMiddleware<U extends AppUser = AppUser> {
  /** Answers a request under the chat's path; hands any other to `next`, or answers it with 404 where there is none. */
  readonly handler: RequestHandler
  /**
   * The same for frameworks that hand on a `Request`, with 404 for what is not under the chat's path. On Node give it what
   * knows the connection too, as Hono's `c.env` does; without that every client has the address `unknown`, and `authenticate` is never
   * asked: then only tokens and guests get in.
   */
  readonly fetch: FetchHandler
  /** Opens a WebSocket from what a server's `'upgrade'` event brought, whatever its path. `attach()` does that by itself. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /**
   * Takes the WebSockets on the chat's path from `server`, one of node:http or node:https, until the chat is closed. Its
   * other listeners keep theirs. Does nothing once the chat is closed.
   *
   * `path` is where this server gets the chat's requests and WebSockets, where that is not where browsers send them, which
   * is the `path` of the chat: behind a proxy that cuts a prefix off.
   *
   * @throws TypeError where `path` is not a path.
   */
  attach(server: Server, options?: { readonly path?: string | undefined }): void
  /**
   * Says something in a room, as one of your users or under a name. Resolves once it is in the log. It comes from your own code, so neither
   * `authorize` nor `beforeMessage` is asked, and no rate applies.
   *
   * @throws {TypeError} that names what of the post will not do
   * @throws {ChatError} what `docs/PROTOCOL.md` says of `post`; after `unavailable` the same post with the same `key` is stored once
   */
  post(post: AppPost<U>): Promise<AppPosted>
  /**
   * Stores a message that `beforeMessage` held, from what that was given: as it was, or with another text. Its sender sees it in its place. On
   * any process, at any time; released again within 24 hours it is stored once.
   *
   * @throws {TypeError} where it is no such message
   * @throws {ChatError} as `post()`, and for an edit what `docs/PROTOCOL.md` says of `edit`
   */
  release(message: AskedMessage, options?: { readonly text?: string | undefined }): Promise<AppPosted>
  /** Calls `listener` when that happens on this process. Returns what ends it. What a listener throws, `onError` is told. */
  on<Name extends keyof ChatEvents<U>>(name: Name, listener: ChatEvents<U>[Name]): () => void
  /** What was measured on this process, in the text format of Prometheus; empty where `metrics` is false. */
  metrics(): Promise<string>
  /**
   * Says that what `authorize` or `resolveRoom` answers about a user may have changed: they are asked again about all that the user reads, on
   * every process, and what is no longer allowed ends. Nothing of those rooms reaches the user in the meantime. Resolves once that is done on
   * this process, and the others know; rejects with a `ChatError` `unavailable` where they could not be told: try again.
   */
  revalidate(userId: string): Promise<void>
  /**
   * Ends a user's connections on every process, by 4401: who comes back has to say anew who they are. Resolves and rejects as
   * `revalidate()` does.
   */
  disconnect(userId: string): Promise<void>
  /**
   * Tells everybody connected when to come back, spread over at most `spreadMs` milliseconds (8,000 by default), and lets go
   * of the servers it is attached to. Resolves once all that was accepted is stored and every connection has ended. Called
   * again it resolves with the first call. The servers and the backend stay open: they are yours.
   */
  close(options?: { readonly spreadMs?: number | undefined }): Promise<void>
}

/**
 * Makes a chat: rooms in a backend, spoken to over WebSockets, with a page to use it.
 *
 * @throws TypeError or RangeError that names the option with which something is wrong.
 */
export function createChat<U extends AppUser = AppUser, R extends RoomDetails = RoomDetails>(
  options: ChatMiddlewareOptions<U, R>,
): ChatMiddleware<U> {
  const resolved = resolveOptions(options)
  const { backend, trustedHops } = resolved
  const mount = new MountPath(resolved.path)
  const origins = createOriginPolicy(resolved.origins, trustedHops)
  const metrics = resolved.metricsOptions && createMetrics(resolved.metricsOptions.labels ?? {})
  const observer = combineObservers([...resolved.observers, ...(metrics ? [metrics.observer] : [])])
  const health = new Health(backend, NODE_ENVIRONMENT)
  const core = new Chat({ ...resolved, environment: NODE_ENVIRONMENT, encodeFrame, observer, version: VERSION })
  const sessionOf = createSessionReader(resolved.authenticate, origins)
  const admission = new Admission(resolved)
  const upgrades = new Upgrades({ ...resolved, chat: core, admission, origins, sessionOf, observer })
  const places = new Places(mount)
  const app = createApp({
    ...resolved,
    mount,
    places,
    origins,
    chat: core,
    admission,
    sessionOf,
    health,
    readMetrics,
    loadUi: createUiLoader(mount.base),
  })
  const detachments: (() => void)[] = []

  async function readMetrics(): Promise<string> {
    return metrics ? await metrics.read(core.stats()) : ''
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    upgrades.upgrade(request, socket, head)
  }

  function attach(server: Server, path: string | undefined): void {
    const here = path === undefined ? undefined : new MountPath(path)
    if (closing) return
    const detach = claimUpgrades(server, {
      onRequest: here && ((request) => places.arrived(request, here)),
      isOurs: (request) => places.find(request) === '/',
      upgrade,
      decline: (request, socket) => upgrades.decline(request, socket),
    })
    detachments.push(detach)
  }

  async function close(spreadMs: number | undefined): Promise<void> {
    health.stop()
    upgrades.close()
    await core.close(spreadMs === undefined ? {} : { spreadMs })
    for (const detach of detachments.splice(0)) detach()
    metrics?.close()
  }

  let closing: Promise<void> | undefined
  const handlerOptions = { ...resolved, app, places, observer }
  return {
    handler: createRequestHandler(handlerOptions),
    fetch: createFetchHandler(handlerOptions),
    upgrade,
    attach: (server, { path } = {}) => attach(server, path),
    post: async (post) => toPosted(await core.say(post)),
    release: async (message, { text } = {}) => toPosted(await core.release(message, text)),
    metrics: readMetrics,
    on: (name, listener) => core.on(name, listener as ChatEvents[typeof name]),
    revalidate: (userId) => core.revalidate(userId as UserId),
    disconnect: (userId) => core.disconnect(userId as UserId),
    close: ({ spreadMs } = {}) => (closing ??= close(spreadMs)),
  }
}

function toPosted({ messageId, position }: Stored): AppPosted {
  return { messageId, seq: position.seq }
}
