import type { Epoch, Key, MessageId, RoomId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import type { KeptWrite, LoggedChange, RoomMarker } from './archive.ts'
import type { Append, StoredMessage } from './backend.ts'

/** A place in a room's log whose epoch is known. */
export type Mark = Pick<Position, 'seq' | 'tag'>

/** The id of every room that has no change yet: no row of any table has it, so whatever is looked up in such a room is not there. */
export const UNSTORED = 0

/** A room as it was last committed. */
export interface StoredRoom {
  /** The store's own name for it, or {@link UNSTORED}. */
  readonly id: number
  readonly name: RoomId
  readonly head: Position
  /** The newest change that retention has removed; seq 0 where it removed none. */
  readonly trimmed: Mark
}

/** A write that the log has taken. */
export interface SentWrite {
  readonly digest: string
  readonly seq: Seq
  readonly tag: Tag
  readonly messageId: MessageId
}

/** What names a write, and what is to be known of it when it comes again. */
export type SentKey = Pick<Append, 'sender' | 'key' | 'digest' | 'messageId'>

/**
 * The tables under a backend of one process. What the log's rules are, it does not know: it keeps what it is told, and finds it
 * again. Calls are synchronous and throw where the storage fails. A `room` is a {@link StoredRoom.id}; a `seq` is never more than
 * one past the room's head.
 */
export interface LogStore {
  /** What new rooms get; made with the store, or restored. */
  readonly epoch: Epoch

  /** Runs `work`, whose writes are all durable when this returns, or all undone when it throws. */
  transaction(work: () => void): void

  findRoom(name: RoomId): StoredRoom | undefined
  addRoom(name: RoomId, epoch: Epoch): StoredRoom
  /** Keeps where the log of a room that was added now ends. */
  saveHead(room: StoredRoom): void
  /** Keeps what of the room is trimmed. */
  saveTrimmed(room: StoredRoom): void

  /** False where the room has a message of that id. */
  addMessage(room: number, at: Mark, append: Append): boolean
  /** Replaces the body of the message that stands at `rev` and returns its seq; undefined where none of that id does. */
  reviseMessage(room: number, at: Mark, append: Append, rev: Seq): Seq | undefined
  findMessage(room: number, id: MessageId): StoredMessage | undefined

  /** Messages with a lower seq, newest first. Read as far as it is iterated, and one iteration at a time. */
  messagesBefore(room: number, seq: Seq): Iterable<StoredMessage>
  /** Messages with a higher seq, oldest first. */
  messagesAfter(room: number, seq: Seq): Iterable<StoredMessage>
  /** Messages whose rev is past `after` and not past `upTo`, lowest rev first. */
  messagesChangedWithin(room: number, after: Seq, upTo: Seq): Iterable<StoredMessage>
  /** The tag of the change at `seq`, unless there is none or it was trimmed. */
  findTag(room: number, seq: Seq): Tag | undefined
  /** How many of the changes past `after` and not past `upTo` a later one superseded. */
  countSuperseded(room: number, after: Seq, upTo: Seq): number
  /**
   * Removes the changes past `after`, before which all are gone, and not past `upTo`; and the messages whose newest change is one of them.
   * Returns how many messages it removed.
   */
  removeChanges(room: number, after: Seq, upTo: Seq): number

  findSent(room: number, sender: UserId, key: Key): SentWrite | undefined
  /** False where the room knows the write: {@link findSent} has it. */
  addSent(room: number, at: Mark, write: SentKey, time: number): boolean
  removeSent(room: number, sender: UserId, key: Key): void
  /** Of the `limit` oldest sent writes, removes those from before `time`. Returns how many it removed. */
  forgetSent(time: number, limit: number): number

  findMarker(room: number, user: UserId): Seq
  saveMarker(room: number, user: UserId, seq: Seq): void

  findSecret(name: string): Uint8Array | undefined
  addSecret(name: string, bytes: Uint8Array): void

  /** The names of all rooms; each step of this and the next three reads anew, so that others may write in between. */
  rooms(): Iterable<RoomId>
  markers(): Iterable<RoomMarker>
  sentWrites(): Iterable<KeptWrite>
  secrets(): Iterable<readonly [name: string, bytes: Uint8Array]>
  /** The changes past `after` and not past `upTo`, in their order. */
  changesWithin(room: number, after: Seq, upTo: Seq): readonly LoggedChange[]

  saveEpoch(epoch: Epoch): void
  /** Where the log of a room ends that is not restored to its end: it may have changes there whose messages are to come. */
  restoredSeq(room: StoredRoom): Seq
  /** Puts the next change of a log in its place. A message may be there, in an older state. */
  restoreChange(room: number, change: LoggedChange): void
  /** Something that is kept about the log under a name. */
  findNote(name: string): string | undefined
  saveNote(name: string, text: string): void
  removeNote(name: string): void

  /** Writes something, to show that it can. */
  touch(time: number): void
  close(): void
}
