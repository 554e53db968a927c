import type { ChatError, ErrorCode } from '../protocol/errors.ts'
import type { ResetReason } from '../protocol/events.ts'
import type { Key, MessageId, RoomId, Seq } from '../protocol/ids.ts'
import type { Limits } from '../protocol/limits.ts'
import type { Message, User } from '../protocol/message.ts'
import type { ClientEnvironment } from './environment.ts'

export interface ChatClientOptions {
  /** Where the chat is: `wss://…`, `https://…`, or in a page a path such as `/chat`, taken from the page's own address. */
  readonly url: string | URL
  /** A guest's handle, put into one line. Without it the server makes one up. Unused with `token`. */
  readonly name?: string | undefined
  /**
   * Returns what proves who the user is to a chat that is part of an app: a JWT. Called for each connection, and before a token runs out, so
   * that it may be short-lived; `refused` is true where the server did not accept the last one. Undefined says that nobody is signed in: the
   * client stops as `unauthorized`. Without this function the user is whom the app's session says, else a guest.
   */
  readonly token?: TokenProvider | undefined
  /** What this client is, for the operator's log. Defaults to the SDK's own name and version. */
  readonly client?: { readonly name: string; readonly version: string } | undefined
  /** What the SDK takes from the platform. Each part has a default: the browser's or Node's own. */
  readonly environment?: Partial<ClientEnvironment> | undefined
}

export type TokenProvider = (refused: boolean) => string | undefined | Promise<string | undefined>

/** One user's session with one chat. It connects when its first room is asked for, and from then on sees to it that it stays connected. */
export interface ChatClient {
  readonly state: ConnectionState
  /** Who the user is: as the server said last, also by an earlier page load; undefined before that. */
  readonly user: User | undefined
  /** Whether the user chooses their own handle. Until the server has told: whether there is no token. */
  readonly isGuest: boolean
  /** The server's limits, or the protocol's defaults before it told. */
  readonly limits: Limits

  /**
   * The room of that name; joins it the first time. The same object each time, until `leave()`.
   *
   * @throws {RangeError} where no room can have that name.
   */
  room(name: string): Room
  /**
   * The room of that name for one of several parts of a page, which need not know of each other: it is left once every part that holds it
   * has let go of it.
   *
   * @throws {RangeError} as `room()`.
   */
  hold(name: string): RoomHold
  /** Becomes, as the same guest, known by another handle: connects anew. */
  setName(name: string): void
  /** Connects now instead of after the wait; also after `stopped`, say because the user signed in again. */
  connect(): void
  /** Calls `listener` after `state`, `user` or `limits` changed. Returns what ends that. */
  subscribe(listener: () => void): Unsubscribe
  on<Name extends keyof ChatEvents>(name: Name, listener: ChatEvents[Name]): Unsubscribe
  /** Disconnects for good. What was not stored yet stays in the storage, for the next client of this user. */
  close(): void
}

export type Unsubscribe = () => void

export interface ChatEvents {
  state: (state: ConnectionState) => void
  /**
   * The server does not accept the token, or needs one and there is none; the message says why. A fresh one is tried at once. Where that
   * was not accepted either, or there is none, this is `final`, and the state becomes `stopped`: the user has to sign in, and then `connect()`.
   */
  unauthorized: (error: ChatError, context: { readonly final: boolean }) => void
  /**
   * Something failed that no call of yours could be told of; `stage` says during what. `name`: the server does not take the handle, so this
   * guest goes on without it, under one that the server made up.
   */
  error: (error: unknown, context: { readonly stage: 'token' | 'storage' | 'connect' | 'name' | 'protocol' }) => void
}

export type ConnectionState =
  /** No room has been asked for yet. */
  | { readonly status: 'idle' }
  /** `attempt` counts from 0 since the last time that a connection held. */
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'open'; readonly user: User }
  /** Comes back at `retryAt` (ms since the Unix epoch), or as soon as the network or the page does. */
  | { readonly status: 'waiting'; readonly attempt: number; readonly retryInMs: number; readonly retryAt: number }
  | { readonly status: 'stopped'; readonly reason: StopReason }

export type StopReason =
  /** `close()` was called. */
  | 'closed'
  /** The token was refused twice in a row, or there is none and one is needed. `connect()` tries again. */
  | 'unauthorized'
  /** The server gives this user no access. */
  | 'forbidden'
  /** The server found that this client does not speak its protocol. */
  | 'protocol'

export interface RoomHold {
  readonly room: Room
  /** Lets go of the room. Whoever holds it again in the same task finds it as it was. */
  release(): void
}

export interface Room {
  readonly name: RoomId
  /** What there is to show: immutable, and replaced when anything in it changed. Unchanged parts keep their identity. */
  readonly state: RoomState

  /** Calls `listener` once per turn of the event loop in which `state` changed. Returns what ends that. */
  subscribe(listener: () => void): Unsubscribe
  on<Name extends keyof RoomEvents>(name: Name, listener: RoomEvents[Name]): Unsubscribe

  /**
   * Sends a message. It is in `state` at once, survives lost connections and reloads, and is stored once.
   *
   * @throws {ChatError} `text_blank`, `text_too_long` or `bad_text` where the server would never take it: nothing is queued.
   */
  post(text: string, options?: { readonly replyTo?: MessageId | undefined }): Sending
  /** @throws {ChatError} as `post()`. */
  edit(id: MessageId, text: string): Sending
  delete(id: MessageId): Sending
  /** Adds this user's reaction to a message, or (`on` false) takes it back. */
  react(id: MessageId, emoji: string, on: boolean): Sending
  /** Sends a write again that is `failed`, with its own key: if it was stored after all, it is not stored twice. */
  retry(key: Key): void
  /** Forgets a write that is not stored. One that was already sent may be stored all the same. */
  discard(key: Key): void

  /** Say so whenever the user types, and `false` when the box is emptied: it is sent as often as needed. A `post()` ends it. */
  setTyping(on: boolean): void
  /** This user has read up to the message at `seq`, by default the newest. Never moves back. */
  markRead(seq?: Seq): void

  /** Puts more messages before the window. Waits for the connection. Resolves to false where nothing came; never rejects. */
  loadOlder(): Promise<boolean>
  /** Puts more messages after the window; a no-op where it reaches the newest. */
  loadNewer(): Promise<boolean>
  /**
   * Moves the window to the messages around one: by its id, or by its seq, where messages that were there before it are few. Resolves to
   * false where the room has no such message.
   */
  loadAround(message: MessageId | Seq): Promise<boolean>
  /** Moves the window back to the newest messages. At once: those are always kept. */
  loadLatest(): void

  /** Leaves the room for good: this object is done, `chat.room(name)` makes another. Unsent writes are still sent. */
  leave(): void
}

export interface RoomEvents {
  /**
   * A message was posted, also by this user: each once, in the room's order, whatever the connection went through. Not those that were
   * there when the room was first joined, and not one that was deleted before it got here.
   */
  message: (message: StoredMessage, context: ChangeContext) => void
  /** A post, an edit, a deletion or a reaction: the message as it now stands. In order; several that were missed may come as one. */
  change: (message: StoredMessage, context: ChangeContext) => void
  /** The log could not be resumed: `state` starts over from its newest page. What was missed, if anything, cannot be told. */
  reset: (reason: ResetReason) => void
  /** A write of this user was refused. Posts and edits are also kept as `failed`; others are undone. */
  refused: (refusal: Refusal) => void
}

export interface ChangeContext {
  /** False where it was caught up on, after a lost connection. */
  readonly live: boolean
}

export interface Refusal {
  readonly key: Key
  readonly kind: WriteKind
  readonly code: FailureCode
  readonly message: string
}

/** A write on its way. Nothing has to be done with it. */
export interface Sending {
  readonly key: Key
  /**
   * Resolves once the change is in the durable log. Rejects with a `ChatError` where the server refused it, and with an `AbortError`
   * where it was discarded, failed as `overtaken` or `expired`, or the client closed first. Unawaited, a rejection goes unnoticed.
   */
  readonly stored: Promise<Stored>
}

export interface Stored {
  readonly messageId: MessageId
  /** The seq of the change. */
  readonly seq: Seq
}

export type WriteKind = 'post' | 'edit' | 'delete' | 'react'

export type RoomState = RoomView & RoomStatus

export type RoomStatus =
  /** Not there yet, nothing to show but this user's own unsent messages. */
  | { readonly status: 'joining' }
  /** Everything that is in the log is here or on its way. */
  | { readonly status: 'live' }
  /** What is shown was right, and may be behind: the connection was lost, or a gap is being filled. */
  | { readonly status: 'catching-up' }
  /** The server refused the join; or (`forbidden`) this user was in the room and may not read it any more: `messages` has what they had read. */
  | { readonly status: 'failed'; readonly code: ErrorCode; readonly message: string }
  /** `leave()` or the client's `close()` was called. */
  | { readonly status: 'left' }

export interface RoomView {
  /**
   * A contiguous window of the room, oldest first, at most 1,000 and a page; where it reaches the newest, then this user's own unstored
   * ones in sending order. Use `uid` as the key in lists: it stays when a message becomes stored.
   */
  readonly messages: readonly TimelineMessage[]
  /** What the app calls the room; undefined before it said so, and where it has but its name. */
  readonly title: string | undefined
  /** Whether the room has messages before the window. */
  readonly hasOlder: boolean
  /** Whether the window ends before the newest message: the user jumped or scrolled back. New ones are counted in `missed` then. */
  readonly hasNewer: boolean
  readonly loading: 'older' | 'newer' | 'around' | undefined
  /** Messages by others that arrived while `hasNewer`. */
  readonly missed: number
  /** The seq of the room's newest message, shown or not; 0 where there is none. */
  readonly latestSeq: Seq
  /** How far this user has read, on any device. */
  readonly readSeq: Seq
  /** Messages by others after `readSeq`. */
  readonly unread: number
  /** Whether `unread` counts only the ones known here, because `readSeq` lies before them. */
  readonly unreadIsPartial: boolean
  /** Users in the room, one per user however many tabs. */
  readonly count: number
  /** Who they are; undefined in a large room. */
  readonly members: readonly User[] | undefined
  /** Who types at present; never this user. */
  readonly typing: readonly User[]
  /** Why sending is paused, if it is. It goes on by itself. */
  readonly notice: Notice | undefined
}

export interface Notice {
  readonly code: 'rate_limited' | 'muted' | 'unavailable' | 'conflict'
  readonly message: string
  /** When it is tried again, in milliseconds since the Unix epoch. */
  readonly until: number
}

export type TimelineMessage = StoredMessage | UnstoredMessage

interface Shown {
  /** Unique in the room and the same before and after the message is stored. */
  readonly uid: string
  /** Whether this user wrote it. */
  readonly mine: boolean
  readonly delivery: Delivery
}

/** A message of the log, with this user's own changes to it that are not stored yet already applied. */
export type StoredMessage = Message & Shown

/** A message of this user's that the log has not confirmed. `postedAt` is by this machine's clock. */
export type UnstoredMessage = Pick<Message, 'key' | 'author' | 'text' | 'postedAt' | 'replyTo'> &
  Shown & {
    readonly [Field in Exclude<keyof Message, 'key' | 'author' | 'text' | 'postedAt' | 'replyTo'>]?: undefined
  }

export type Delivery =
  /** What is shown is in the log. */
  | { readonly status: 'stored' }
  /** This user's newest write to it is on its way, or waits for the connection. */
  | { readonly status: 'pending'; readonly key: Key; readonly kind: WriteKind }
  /**
   * It was refused, or (`late`) not confirmed in 10 s: offer `retry(key)` where `retryable`, and `discard(key)`. A late one is still
   * confirmed if the answer comes.
   */
  | {
      readonly status: 'failed'
      readonly key: Key
      readonly kind: WriteKind
      readonly code: FailureCode
      readonly message: string
      readonly retryable: boolean
    }

export type FailureCode =
  | ErrorCode
  /** No answer in 10 s. */
  | 'late'
  /** Written more than a day ago: too long for the server to know whether it was stored. */
  | 'expired'
  /** Had to wait while one written after it went through: sending it now would break the order in which they were written. */
  | 'overtaken'
