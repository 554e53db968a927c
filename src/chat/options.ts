import type { Backend } from '../backend/backend.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { Limits } from '../protocol/limits.ts'
import type { AccessPolicy } from './access-policy.ts'
import type { Environment } from './environment.ts'
import type { Credentials, Identity } from './identity.ts'
import type { MessageHook } from './message-hook.ts'
import type { Observer, OnError } from './observer.ts'
import type { Retention } from './retention.ts'
import type { TokenVerifierOptions } from './tokens.ts'
import type { EncodeFrame } from './transport.ts'

/** A token bucket: `burst` at once, refilled evenly over `perMs`. A burst of 0 turns the limit off. */
export interface Rate {
  readonly burst: number
  readonly perMs: number
}

/** Everything a chat is made of. No defaults here: the server and the command line have them. */
export interface ChatOptions {
  readonly backend: Backend
  readonly environment: Environment
  readonly encodeFrame: EncodeFrame
  readonly observer: Observer
  readonly onError: OnError
  readonly limits: Limits
  /** Writes per connection. */
  readonly writeRate: Rate
  /** All commands per connection. */
  readonly commandRate: Rate
  /** Milliseconds a reader may leave its backlog unread before it is closed with `tooSlow`. 0 never closes one. */
  readonly slowReaderMs: number
  /** The only rooms there are; empty for any room a client names. */
  readonly rooms: readonly RoomId[]
  /** How much of each room is kept; absent where all of it is. */
  readonly retention?: Retention | undefined
  /** What the app decides about who may do what. */
  readonly access: AccessPolicy
  /** Absent where the app does not look at messages before they are stored. */
  readonly hook?: MessageHook | undefined
  /** What `welcome` says the server is. */
  readonly version: string
  /** How tokens of an app are checked; absent where there are none. */
  readonly tokens: TokenVerifierOptions | undefined
  /** Whether who shows neither a token nor a session is a guest. */
  readonly allowGuests: boolean
  /** Milliseconds the app has to say who a user is. */
  readonly authenticateTimeoutMs: number
  /** Decides in place of all that who somebody is. Throws a `ChatError` to refuse. */
  readonly identify?: ((credentials: Credentials) => Promise<Identity>) | undefined
}
