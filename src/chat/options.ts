import type { Backend } from '../backend/backend.ts'
import type { HelloCommand } from '../protocol/commands.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { Limits } from '../protocol/limits.ts'
import type { User } from '../protocol/message.ts'
import type { AccessPolicy } from './access-policy.ts'
import type { Environment } from './environment.ts'
import type { Observer, OnError } from './observer.ts'
import type { EncodeFrame, Peer } from './transport.ts'

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
  /** What the app decides about who may do what. */
  readonly access: AccessPolicy
  /** What `welcome` says the server is. */
  readonly version: string
  /**
   * Who speaks on a connection. Throws a `ChatError` `unauthorized` to refuse. Without it everyone is a guest.
   */
  readonly identify?: ((hello: HelloCommand, peer: Peer) => Promise<User>) | undefined
}
