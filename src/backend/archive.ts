import type { Epoch, Key, MessageId, RoomId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { StoredMessage } from './backend.ts'

/** One entry of a room's log, as it is kept. */
export interface LoggedChange {
  readonly seq: Seq
  readonly tag: Tag
  /** The message, while this is its newest change: `message.rev` is `seq`. A change that a later one superseded has only its tag. */
  readonly message?: StoredMessage
}

/** How far a user has read in a room. */
export interface RoomMarker {
  readonly room: RoomId
  readonly user: UserId
  readonly seq: Seq
}

/** What became of a write, for as long as its key is remembered. */
export interface KeptWrite {
  readonly room: RoomId
  readonly sender: UserId
  readonly key: Key
  readonly digest: string
  readonly seq: Seq
  readonly tag: Tag
  readonly messageId: MessageId
  /** When it was made, in milliseconds since the Unix epoch: its key is forgotten 24 hours later. */
  readonly time: number
}

/** A piece of a chat that fits in memory. Markers and writes follow the rooms they are of. */
export type ArchivePart =
  /** The epoch that new rooms get. */
  | { readonly type: 'epoch'; readonly epoch: Epoch }
  | { readonly type: 'secret'; readonly name: string; readonly bytes: Uint8Array }
  /** A room begins: its epoch, and the newest change that was trimmed, with seq 0 where none was. */
  | {
      readonly type: 'room'
      readonly room: RoomId
      readonly epoch: Epoch
      readonly trimmed: { readonly seq: Seq; readonly tag: Tag }
    }
  /** The next changes of the room that began last, without a hole; the last one of a room has a message. */
  | { readonly type: 'changes'; readonly room: RoomId; readonly changes: readonly LoggedChange[] }
  | { readonly type: 'markers'; readonly markers: readonly RoomMarker[] }
  | { readonly type: 'writes'; readonly writes: readonly KeptWrite[] }

export type ArchiveState =
  /** Nothing was ever said here. */
  | { readonly status: 'empty' }
  /** A restore of the chat with this epoch was begun and not finished. */
  | { readonly status: 'restoring'; readonly epoch: Epoch }
  /** There is a chat. `restored` names what it was restored from, if it was. */
  | { readonly status: 'used'; readonly restored?: string }

/**
 * All that a backend keeps, piece by piece: for moving a chat elsewhere with its ids, its order and every position in it.
 * Each call rejects like those of the backend.
 */
export interface Archive {
  /**
   * The whole chat, the epoch first, then secrets, rooms with their changes, markers, writes. While others go on writing, each
   * room is read to where its log then ends.
   */
  read(): AsyncIterable<ArchivePart>
  /** @throws {BackendError} `in_use` where another process serves this chat, which can be told for Redis only: of a file, opening it tells. */
  state(): Promise<ArchiveState>
  /** For an empty log, or one with a restore of that epoch under way. From here on it cannot be opened for anything but restoring. */
  beginRestore(epoch: Epoch): Promise<void>
  /**
   * Adds a part, durably. The parts come in the order in which they were read. What is there already is passed over, so a
   * restore that was interrupted can be done again from its start, also with a newer archive of the same chat.
   *
   * @throws {RangeError} Where a part does not continue what is there: it is of another log.
   */
  restore(part: ArchivePart): Promise<void>
  /** Makes it a chat like any other. `name` tells what was restored. */
  finishRestore(name: string): Promise<void>
}
