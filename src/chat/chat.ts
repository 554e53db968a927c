import type { ChatOptions } from './options.ts'
import type { Peer, Transport } from './transport.ts'

/** One peer's connection, as the transport drives it. Never throws. */
export interface ConnectionHandle {
  /** One text frame arrived. */
  receive(frame: string): void
  /** A sign of life arrived that is not a frame: a pong. */
  heard(): void
  /** The transport takes frames again. */
  drained(): void
  /** The connection is gone; `code` 1006 where no close frame came. Call it exactly once. */
  closed(code: number, reason: string): void
}

export interface Chat {
  /** A connection that speaks `natter.v1` opened. */
  open(transport: Transport, peer: Peer): ConnectionHandle
  /** A connection that speaks the plain dialect opened. */
  openPlain(transport: Transport, peer: Peer): ConnectionHandle
  /** For gauges: read when metrics are scraped. */
  stats(): ChatStats
  /**
   * Says goodbye to everyone with a time to come back, spread over `spreadMs`, lets every accepted write finish and its ack go out,
   * then closes the connections. Resolves once all are closed. The backend stays open: it is whoever's made it.
   */
  close(options?: { readonly spreadMs?: number }): Promise<void>
}

export interface ChatStats {
  readonly connections: number
  readonly rooms: number
  /** Readers whose transport is full and that have frames waiting. */
  readonly laggingReaders: number
}

export function createChat(_options: ChatOptions): Chat {
  throw new Error('being written')
}
