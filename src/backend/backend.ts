import type { Epoch, Key, MessageId, RoomId, Seq, UserId } from '../protocol/ids.ts'
import type { ResetReason } from '../protocol/events.ts'
import type { Position, User } from '../protocol/message.ts'
import type { Archive } from './archive.ts'

/**
 * A message as the log keeps it. `body` is the JSON object of a `Message` without its `seq` and `rev`, which the log gives;
 * no backend looks into it, so a page of history is put together without parsing one.
 */
export interface StoredMessage {
  readonly id: MessageId
  /** The seq of its post. */
  readonly seq: Seq
  /** The seq of its newest change. */
  readonly rev: Seq
  readonly body: string
}

/** One entry of a room's log: the message as the change left it. `message.rev` is `position.seq`. */
export interface Change {
  readonly position: Position
  readonly message: StoredMessage
}

/** What a write asks of the log. */
export interface Append {
  readonly room: RoomId
  readonly sender: UserId
  /** With `room` and `sender`, names this write for at least 24 hours: a second append of it makes no second change. */
  readonly key: Key
  /** Stands for what the write asks. One key with another digest is `key_reused`. */
  readonly digest: string
  /** New ids should grow with time: it makes neighbours in an index of what is written together, and halves the cost of a commit. */
  readonly messageId: MessageId
  readonly body: string
  /**
   * Absent: a new message, and a `conflict` where the room has one of that id. Else the `rev` that the writer saw: if the message
   * has moved on since, the append is a `conflict`.
   */
  readonly rev?: Seq
}

export type Appended =
  /** In the log, now or (`duplicate`) by an earlier append of the same key, whose position and message this names. */
  | {
      readonly status: 'appended'
      readonly position: Position
      readonly messageId: MessageId
      readonly duplicate: boolean
    }
  /** The message is not at that `rev`, or not there. Read it again. */
  | { readonly status: 'conflict' }
  | { readonly status: 'key_reused' }

export type CatchUp = Resumed | { readonly status: 'reset'; readonly reason: ResetReason }

export interface Resumed {
  readonly status: 'resumed'
  /** Messages changed after the given position, by rev, each once, in its newest state; at most `limit`. None where all that was read is superseded by what comes later. */
  readonly messages: readonly StoredMessage[]
  /** Where a reader stands that has applied them. */
  readonly position: Position
  /** The end of the log when it was read. `position.seq === head.seq` where nothing is left to read. */
  readonly head: Position
}

/** Which messages of a room, by their seq. Without an edge: the newest. */
export type PageQuery = { readonly limit: number } & (
  | { readonly before?: undefined; readonly after?: undefined; readonly around?: undefined }
  | { readonly before: Seq }
  | { readonly after: Seq }
  /** About half of the page on either side of the message, and the message. */
  | { readonly around: MessageId }
)

export interface Page {
  /** By seq, oldest first. */
  readonly messages: readonly StoredMessage[]
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  /** The end of the log when the page was read: the page has every change up to it. */
  readonly head: Position
}

/** What reaches every process that has the room open. Called synchronously and in the order of the log; must not throw. */
export interface RoomListener {
  onChange(change: Change): void
  /** A signal of `signal()`: at most once, in no order with the changes. */
  onSignal(payload: string): void
  /** Someone entered or left, on any process: `members()` has it. */
  onMembers(): void
  onMarker(user: UserId, seq: Seq): void
  /** The log has become another one, or lost what this listener was told of: changes that follow are of the log as it is now. */
  onReset(reason: ResetReason): void
}

/** What reaches every process of a chat, whatever rooms it has open. Called synchronously; must not throw. */
export interface BroadcastListener {
  /** Something was broadcast, by this process or another. May come twice, and late. */
  onBroadcast(payload: string): void
  /** This process could not hear for a while: broadcasts may have been missed that will not come any more. */
  onDeaf(): void
}

/** Where a room's log begins and ends. */
export interface Extent {
  /** The newest change that was trimmed; seq 0 where none was. A reader there can resume. */
  readonly start: Position
  readonly head: Position
}

export interface Subscription {
  /** The end of the log when the subscription began: later changes reach the listener, earlier ones do not. */
  readonly head: Position
  close(): void
}

export interface Members {
  readonly count: number
  /** At most as many as were asked for. */
  readonly users: readonly User[]
}

/**
 * The durable log, and the fan-out between the processes that share it.
 *
 * A room exists from its first change; until then its head is seq 0 of the epoch it will have. Every promise rejects with a
 * `ChatError` `unavailable` while the log cannot be reached; nothing is then half done: an append that rejected may or may not be
 * in the log, and the same append again finds out.
 */
export interface Backend {
  /** Adds one change and publishes it: one atomic step. Resolves once it is durable, after local listeners have been called. Appends of one sender to one room land in call order. */
  append(append: Append): Promise<Appended>
  /** What changed since `since`. Also checks that `since` is a position of this log. */
  readChanges(room: RoomId, since: Position, limit: number): Promise<CatchUp>
  /** @throws {ChatError} `message_not_found` where `around` names no message of the room. */
  readPage(room: RoomId, query: PageQuery): Promise<Page>
  findMessage(room: RoomId, id: MessageId): Promise<StoredMessage | undefined>
  head(room: RoomId): Promise<Position>
  subscribe(room: RoomId, listener: RoomListener): Promise<Subscription>
  /** Hands `payload` to every listener of the room, this process's too, at most once; lost first under pressure. */
  signal(room: RoomId, payload: string): void
  /**
   * Hands `payload` to every broadcast listener of every process, this one's too. Resolves once it is on its way. A process that cannot hear
   * it now gets it when it can again, unless that takes very long: its listeners are told that it was deaf.
   */
  broadcast(payload: string): Promise<void>
  /** Listens to broadcasts, from now on. Returns what ends that. */
  listen(listener: BroadcastListener): () => void
  /** This process's first connection of `user` entered the room. */
  enter(room: RoomId, user: User): void
  /** This process's last connection of the user left. A process that dies leaves by itself, within 60 s. */
  exit(room: RoomId, user: UserId): void
  /** Who is in the room on all processes, one entry per user, by name. */
  members(room: RoomId, limit: number): Promise<Members>
  /** Moves how far `user` has read; never back, nor past the head. Resolves to where it is now, and calls `onMarker` where it moved. */
  advanceMarker(room: RoomId, user: UserId, seq: Seq): Promise<Seq>
  marker(room: RoomId, user: UserId): Promise<Seq>
  /** The rooms there are, some at a time, or none: in between others write, and it is a place to pause. May bring one twice. */
  rooms(): AsyncIterable<readonly RoomId[]>
  extent(room: RoomId): Promise<Extent>
  /** How many messages the room has; fewer while they change. May go through the log, and pauses then. */
  countMessages(room: RoomId): Promise<number>
  /**
   * Removes the changes up to `seq` and the messages whose newest change is among them. A reader at `seq` can still resume. Resolves to how many
   * messages it removed. Where `epoch` is given, and the room's log is another one by now, it removes nothing: the seqs there are of other messages.
   */
  trim(room: RoomId, seq: Seq, epoch?: Epoch): Promise<number>
  /**
   * Whether the work called `name`, for which one process is enough, is this one's for the next `ms` milliseconds: the first that asks has it until
   * it has not asked again for so long. Spares work, and guards nothing: two may have it for a moment.
   */
  lease(name: string, ms: number): Promise<boolean>
  /** Random bytes that are the same on every process and after a restart, made when first asked for. */
  secret(name: string): Promise<Uint8Array>
  /** All there is, for moving it to another backend. */
  readonly archive: Archive
  /** Resolves if an append would be taken now. */
  ping(): Promise<void>
  /** Finishes what was appended, then lets go of everything. */
  close(): Promise<void>
}

/** What a backend takes from outside, so that a whole system can run on a simulated clock. */
export interface BackendEnvironment {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** `length` random bytes. */
  randomBytes(length: number): Uint8Array
  /** Runs `task` once the current turn of the event loop has read what there was to read. */
  defer(task: () => void): void
}
