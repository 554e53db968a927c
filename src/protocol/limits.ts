/** The version of the wire, as the WebSocket subprotocol's name (RFC 6455 §1.9). */
export const SUBPROTOCOL = 'natter.v1'

/** What a peer may grow, and how far. `welcome` tells a client the ones in force. */
export interface Limits {
  /** Code points in one message's text. Defaults to 4,000. */
  readonly textCodePoints: number
  /** Bytes in one frame from a client. Defaults to 65,536. */
  readonly frameBytes: number
  /** Code points in a guest's name. Defaults to 40. */
  readonly nameCodePoints: number
  /** Rooms one connection may be in at a time. Defaults to 100. */
  readonly roomsPerConnection: number
  /** Messages in one page: of history, and of a join that does not resume. At most, and by default, 100. */
  readonly pageMessages: number
  /** Different emoji under one message. Defaults to 20. */
  readonly emojiPerMessage: number
  /** Users that may choose one emoji under one message. Defaults to 200. */
  readonly usersPerEmoji: number
  /** Members that `joined` and `presence` name; a larger room is told its count only. Defaults to 50. */
  readonly membersNamed: number
}

export const DEFAULT_LIMITS: Limits = {
  textCodePoints: 4_000,
  frameBytes: 65_536,
  nameCodePoints: 40,
  roomsPerConnection: 100,
  pageMessages: 100,
  emojiPerMessage: 20,
  usersPerEmoji: 200,
  membersNamed: 50,
}

/** Messages in a page whose reader did not say how many. */
export const DEFAULT_PAGE_MESSAGES = 50

/** A page ends early, after at least one message, before it grows past this many UTF-16 units of JSON. */
export const MAX_PAGE_UNITS = 262_144

/** Milliseconds a client has to say `hello`. */
export const HELLO_TIMEOUT_MS = 5_000

/** Milliseconds between two heartbeats, on the wire and as an event. */
export const HEARTBEAT_MS = 15_000

/** Milliseconds of silence after which either side takes the other for dead. */
export const SILENCE_MS = 45_000

/** Milliseconds a `typing` stays true without another. */
export const TYPING_MS = 5_000

/** Frames in a row that could not be read, after which the peer is taken for something else than a client. */
export const MAX_BAD_FRAMES = 10
