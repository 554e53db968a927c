import type { IncomingMessage } from 'node:http'
import type { AppUser } from '../chat/app-user.ts'
import type { Credentials, MaybePromise, SessionProbe } from '../chat/identity.ts'
import type { OriginPolicy } from './origin.ts'

/**
 * Says who makes a request, by the app's session; nothing where it is nobody that the app knows. Gets what node:http made of the request,
 * or of the request to upgrade. What it throws refuses the user too, and is reported to `onError`.
 */
export type Authenticate<U extends AppUser = AppUser> = (request: IncomingMessage) => MaybePromise<U | null | undefined>

/** The session of the app that a request came with, to be asked for once it matters. */
export type SessionReader = (request: IncomingMessage) => SessionProbe | 'foreign' | undefined

/**
 * A browser sends a site's cookies whoever made the page that asks: a session counts only for pages of the same origin, though
 * others be allowed, and for what is no page. Those show a token, which only a page that was given it has.
 */
export function createSessionReader(authenticate: Authenticate | undefined, origins: OriginPolicy): SessionReader {
  return (request) => {
    if (!authenticate) return undefined
    return origins.isOwn(request) ? () => authenticate(request) : 'foreign'
  }
}

/**
 * What a request shows that no WebSocket comes of: `Authorization: Bearer` (RFC 6750 §2.1), else the session. Other schemes may be the
 * app's, or a proxy's, and say nothing here.
 *
 * @param incoming What node:http made of it; without it there is no session to ask for.
 */
export function credentialsOf(
  authorization: string | undefined,
  incoming: IncomingMessage | undefined,
  sessionOf: SessionReader,
): Credentials {
  // Whatever follows is the token, though it can be none: who means to show one is not to become whom the session says.
  const [, token] = /^Bearer(?![\w-])\s*(.*)$/is.exec(authorization ?? '') ?? []
  return { token, session: incoming && sessionOf(incoming) }
}
