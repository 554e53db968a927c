import type { CloseStatus } from '../protocol/close.ts'

/** What the chat asks of whatever carries a connection: a WebSocket, or a link of a simulated network. */
export interface Transport {
  /**
   * Sends one or more encoded frames, in order with all before. Returns false once its buffer is full: the frames are taken all the
   * same, but nothing more should come until the connection's `drained()` is called.
   */
  write(frames: Uint8Array): boolean
  /** Holds writes back until `uncork()`, which lets all of them go in one. */
  cork(): void
  uncork(): void
  /** Stops taking frames from the peer, so that one who does not read what it asked for cannot ask for more. */
  pause(): void
  resume(): void
  /** Asks the peer for a sign of life, which comes back as the connection's `heard()`. */
  ping(): void
  /** Ends the connection in good order, telling why; what was written before goes out first. Cuts it if the peer does not answer in a few seconds. */
  close(status: CloseStatus): void
}

/** Turns one event's JSON into the bytes that a transport writes. One encoding serves every connection of a chat. */
export type EncodeFrame = (json: string) => Uint8Array

/** What is known of a peer before it said anything. */
export interface Peer {
  /** Unique among the connections of this process; for logs. */
  readonly connectionId: string
  /** The client's address, behind the configured number of proxies. */
  readonly address: string
}
