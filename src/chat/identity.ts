import type { User } from '../protocol/message.ts'
import { toShownUser } from './app-user.ts'
import type { AppUser } from './app-user.ts'

/** Who speaks on a connection or makes a request. */
export interface Identity {
  /** The user as others see them. */
  readonly user: User
  /** The same user as the app knows them: what rules about who may do what are asked with. Never sent to anybody. */
  readonly appUser: AppUser
  /** For a guest: what proves the next time that it is the same one. */
  readonly guestToken?: string
  /** Until when this holds, in milliseconds since the Unix epoch; absent where it does not end by itself. */
  readonly expiresAt?: number
}

/** What somebody shows to say who they are. The first of it that is there counts: a token, then the session, then being a guest. */
export interface Credentials {
  /** Signed by the app, or by this chat for a guest. */
  readonly token?: string | undefined
  /**
   * Asks the app whose session it is; absent where the app has none. `foreign`: there may be one, but a page of another site
   * made the request, and the browser's cookies are not that page's to use.
   */
  readonly session?: SessionProbe | 'foreign' | undefined
  /** A guest's handle. */
  readonly name?: string | undefined
  readonly guestToken?: string | undefined
}

export type SessionProbe = () => MaybePromise<AppUser | null | undefined>

export type MaybePromise<T> = T | Promise<T>

/**
 * @param maker Who made the user, for the message if it will not do.
 * @throws {TypeError} that names the field which will not do.
 */
export function createIdentity(appUser: AppUser, maker: string): Identity {
  return { user: toShownUser(appUser, maker), appUser }
}
