import type { CloseStatus } from '../protocol/close.ts'

/** Where encoded frames go, in order: what is used of a `node:stream` Writable, so that a socket is one as it is. */
export interface Sink {
  /** Takes one or more frames. Returns false once more is waiting than should be. */
  write(frames: Uint8Array): boolean
  /** Bytes that are waiting. */
  readonly writableLength: number
  /** Holds writes back until `uncork()`, which lets all of them go in one. */
  cork(): void
  uncork(): void
}

/** What the chat asks of whatever carries a connection: a WebSocket, or a link of a simulated network. */
export interface Transport {
  /** Written to without anything in between, since each delivery would have to look that up. */
  readonly sink: Sink
  /** Has the connection's `drained()` called once nothing is waiting in the sink, which has just said that it is full. */
  notifyOfDrain(): void
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
