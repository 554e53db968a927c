import type { ErrorCode } from '../protocol/errors.ts'
import type { RoomId, Seq, UserId } from '../protocol/ids.ts'
import type { Peer } from './transport.ts'

/** What a connection speaks. */
export type Dialect = 'natter.v1' | 'plain' | 'sse'

/**
 * What an operator may see of a running chat: called as things happen, for logs and metrics. Never gets a message's text or a token.
 * Calls must be cheap and must not throw.
 */
export interface Observer {
  onOpen(peer: Peer, dialect: Dialect): void
  /** `client`: what the peer says its program is, if it says so. */
  onHello(peer: Peer, user: UserId, client?: { readonly name: string; readonly version: string }): void
  /** A change is in the log. `bytes`: of the message as it is stored, in UTF-8. `appendMs`: from the command's arrival to the log's answer. */
  onStored(change: {
    readonly peer: Peer
    readonly room: RoomId
    readonly seq: Seq
    readonly kind: WriteKind
    readonly bytes: number
    readonly appendMs: number
  }): void
  /** `writes` connections were handed `frames` frames of `bytes` bytes in all, the oldest of them published `delayMs` before. One call for a slice of a pass, not one for each write. */
  onDeliver(delivery: {
    readonly writes: number
    readonly frames: number
    readonly bytes: number
    readonly delayMs: number
  }): void
  /** Retention removed so many messages from a room; called for each step of that. */
  onTrimmed(trimmed: { readonly room: RoomId; readonly messages: number }): void
  /** A command was refused. `message`: what the peer is told; absent in the plain dialect. */
  onRefuse(peer: Peer, code: ErrorCode, message?: string): void
  /** `code` is the close code seen, 1006 where there was none. */
  onClose(peer: Peer, close: { readonly code: number; readonly reason: string; readonly seconds: number }): void
}

export type WriteKind = 'post' | 'edit' | 'delete' | 'react'

/** Where a fault happened that no client could be told of. */
export interface ErrorContext {
  readonly stage: string
}
export type OnError = (error: unknown, context: ErrorContext) => void
