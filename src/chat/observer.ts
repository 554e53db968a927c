import type { CloseStatus } from '../protocol/close.ts'
import type { ErrorCode } from '../protocol/errors.ts'
import type { RoomId, Seq, UserId } from '../protocol/ids.ts'
import type { Peer } from './transport.ts'

export type Dialect = 'natter.v1' | 'plain'

/**
 * What an operator may see of a running chat: called as things happen, for logs and metrics. Never gets a message's text or a token.
 * Calls must be cheap and must not throw.
 */
export interface Observer {
  onOpen(peer: Peer, dialect: Dialect): void
  onHello(peer: Peer, user: UserId): void
  /** A change is in the log. `bytes`: of its encoded frame. `appendMs`: from the command's arrival to the log's answer. */
  onStored(change: { readonly peer: Peer; readonly room: RoomId; readonly seq: Seq; readonly kind: WriteKind; readonly bytes: number; readonly appendMs: number }): void
  /** One write handed `frames` frames of `bytes` bytes in all to one connection, `delayMs` after the oldest was published. */
  onDeliver(frames: number, bytes: number, delayMs: number): void
  /** A command was refused. */
  onRefuse(peer: Peer, code: ErrorCode): void
  /** `code` is the close code seen, 1006 where there was none. */
  onClose(peer: Peer, close: { readonly code: number; readonly reason: string; readonly seconds: number }): void
  /** The server ends a connection, and why. */
  onEnd?(peer: Peer, status: CloseStatus): void
}

export type WriteKind = 'post' | 'edit' | 'delete' | 'react'

/** Where a fault happened that no client could be told of. */
export interface ErrorContext {
  readonly stage: string
}
export type OnError = (error: unknown, context: ErrorContext) => void
