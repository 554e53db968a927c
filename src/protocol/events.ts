import type { ErrorCode } from './errors.ts'
import type { MessageId, RoomId, Seq, Tag } from './ids.ts'
import type { Limits } from './limits.ts'
import type { Message, Position, User } from './message.ts'

/** Answers `hello`. */
export interface WelcomeEvent {
  readonly type: 'welcome'
  readonly id: number
  readonly user: User
  /** Proves on the next `hello` that this guest is the same one. Keep it; only guests get one. */
  readonly guestToken?: string
  /** Milliseconds until the token that this connection stands on runs out, and the connection with it, unless `token` brings a newer one. */
  readonly expiresInMs?: number
  readonly heartbeatMs: number
  readonly limits: Limits
  readonly server: { readonly name: string; readonly version: string }
}

/** Answers `token`: the connection goes on, on the newer one. */
export interface RenewedEvent {
  readonly type: 'renewed'
  readonly id: number
  readonly user: User
  readonly expiresInMs?: number
}

/** Why a position could not be resumed from. */
export type ResetReason =
  /** The room's log is another one now. */
  | 'epoch'
  /** The log at that seq holds another change: the store lost some and went on. */
  | 'fork'
  /** Retention has removed what came after that position. */
  | 'trimmed'
  /** The log ends before that position: the store lost its newest changes. */
  | 'ahead'

/**
 * Answers `join`. Fresh or `reset`, `messages` is the newest page, by seq. Resumed, it is what changed after `since`, by rev,
 * each message once in its newest state; where that does not fit one page, `changes` events follow until `head` is reached.
 */
export interface JoinedEvent {
  readonly type: 'joined'
  readonly id: number
  readonly room: RoomId
  /** What the app calls the room, for this user. */
  readonly title?: string
  readonly resumed: boolean
  readonly reset?: ResetReason
  /** Where the reader stands once it applied `messages`. */
  readonly position: Position
  /** The room's newest seq when this was written. */
  readonly head: Seq
  readonly messages: readonly Message[]
  /** Whether messages older than the page exist; absent when resumed. */
  readonly hasOlder?: boolean
  /** How far this user has read, by message seq; 0 for never. */
  readonly readSeq: Seq
  readonly count: number
  readonly members?: readonly User[]
}

/**
 * One change to the room, live. Its position is `seq` and `tag` in the epoch of the reader's own: another epoch begins with a `reset`. Apply it when
 * `seq` is one past yours; lower: drop it; higher: join again from yours.
 */
export interface ChangeEvent {
  readonly type: 'change'
  readonly room: RoomId
  readonly seq: Seq
  readonly tag: Tag
  readonly message: Message
}

/** Every change in (`after`, `position.seq`], each message once in its newest state, by rev. Catches a reader up. */
export interface ChangesEvent {
  readonly type: 'changes'
  readonly room: RoomId
  readonly after: Seq
  readonly position: Position
  /** The room's newest seq when this was read. Where `position.seq` is lower, more `changes` follow. */
  readonly head: Seq
  readonly messages: readonly Message[]
}

/** The server cannot bring this reader to the head: the log is another one. Join again without a position. */
export interface ResetEvent {
  readonly type: 'reset'
  readonly room: RoomId
  readonly reason: ResetReason
}

/** This user may not read the room any more: the connection is out of it, and nothing else of it comes. */
export interface RemovedEvent {
  readonly type: 'removed'
  readonly room: RoomId
  readonly code: Extract<ErrorCode, 'forbidden'>
  readonly message: string
}

/** Answers `post`, `edit`, `delete` and `react`: the change is in the log. */
export interface AckEvent {
  readonly type: 'ack'
  readonly id: number
  readonly room: RoomId
  readonly position: Position
  readonly messageId: MessageId
}

/** Answers `leave`, `read` and `typing`. */
export interface OkEvent {
  readonly type: 'ok'
  readonly id: number
}

/** Answers any command that is refused. Without an `id` where the frame had none to quote. */
export interface ErrorEvent {
  readonly type: 'error'
  readonly id?: number
  readonly code: ErrorCode
  readonly message: string
  readonly retryAfterMs?: number
}

/** Answers `history`. `messages` are by seq, oldest first. */
export interface PageEvent {
  readonly type: 'page'
  readonly id: number
  readonly room: RoomId
  readonly messages: readonly Message[]
  readonly hasOlder: boolean
  readonly hasNewer: boolean
}

/** Somebody types, or stopped. A signal: at most once, and stale after 5 s. */
export interface TypingEvent {
  readonly type: 'typing'
  readonly room: RoomId
  readonly user: User
  readonly on: boolean
}

/** Who is here now: all of it, not a difference. `members` is absent in rooms of more than `limits.membersNamed`. */
export interface PresenceEvent {
  readonly type: 'presence'
  readonly room: RoomId
  readonly count: number
  readonly members?: readonly User[]
}

/** This user read up to the message at `seq`, here or on another device. */
export interface ReadEvent {
  readonly type: 'read'
  readonly room: RoomId
  readonly seq: Seq
}

/** Sent every `heartbeatMs`: the heads of the joined rooms, to compare with. */
export interface HeartbeatEvent {
  readonly type: 'heartbeat'
  readonly heads: Readonly<Record<string, Position>>
}

/** The server is about to end this connection; come back in `retryInMs`. */
export interface GoodbyeEvent {
  readonly type: 'goodbye'
  readonly retryInMs: number
}

export type ServerEvent =
  | WelcomeEvent
  | RenewedEvent
  | JoinedEvent
  | ChangeEvent
  | ChangesEvent
  | ResetEvent
  | RemovedEvent
  | AckEvent
  | OkEvent
  | ErrorEvent
  | PageEvent
  | TypingEvent
  | PresenceEvent
  | ReadEvent
  | HeartbeatEvent
  | GoodbyeEvent

/** The events that answer a command, exactly one each. */
export type Answer = WelcomeEvent | RenewedEvent | JoinedEvent | AckEvent | OkEvent | PageEvent | ErrorEvent
