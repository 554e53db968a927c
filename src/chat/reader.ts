import type { ResetReason } from '../protocol/events.ts'
import type { Position, User } from '../protocol/message.ts'
import type { FanOut } from './fan-out.ts'
import type { Cursor, Slice } from './frame-log.ts'
import type { Link } from './link.ts'
import type { Room } from './room.ts'
import type { Speaker } from './speaker.ts'

/** Whom a room reader reads for. */
export interface ReaderOwner {
  readonly link: Link
  /** The member this connection makes present; absent in the plain dialect, whose handles are nobody's, and for who only follows. */
  readonly user: User | undefined
  readonly speaker: Speaker | undefined
  /** The room's log is another one now: the owner is out of the room. */
  onReset(reader: RoomReader, reason: ResetReason): void
  /** The owner may not read the room any more, and is to leave it. */
  onRemoved(reader: RoomReader): void
}

/**
 * - `entering`: it has asked to be in the room, and has no answer.
 * - `asking`: it is in the room, and the app is asked whether it still may be.
 * - `reading`: it is being caught up from the durable log.
 * - `live`: it is handed each frame from the room's log in memory.
 */
type ReaderState = 'entering' | 'asking' | 'reading' | 'live' | 'gone'

/** One connection in one room, with its place in what there is to read. */
export class RoomReader {
  readonly owner: ReaderOwner
  readonly room: Room
  readonly fanOut: FanOut
  readonly link: Link
  /** Its index among the fan-out's readers, kept by the fan-out. */
  slot = 0
  cursor: Cursor
  /** When this reader last told that its user types, and whether that still stands. */
  typingAt = -Infinity
  isTyping = false
  #state: ReaderState = 'entering'
  /** Counts the times that it was held back, so that what goes on for an older one stops. */
  #holds = 0
  /** While it is held back: up to where it was handed the log; undefined before it is known where it begins. */
  #position: Position | undefined
  /** What it is to be told about its user once it may be told something. */
  #heldSignal: string | undefined

  constructor(owner: ReaderOwner, room: Room, fanOut: FanOut) {
    this.owner = owner
    this.room = room
    this.fanOut = fanOut
    this.link = owner.link
    this.cursor = fanOut.log.end
  }

  get isGone(): boolean {
    return this.#state === 'gone'
  }

  /** Where it stands, with everything before handed to it; undefined before it is known where it begins. */
  get position(): Position | undefined {
    return this.#state === 'live' ? this.cursor.position : this.#position
  }

  /** Bytes of the frames that it has to come, while it is live. */
  get pendingBytes(): number {
    return this.fanOut.log.end.offset - this.cursor.offset
  }

  /** Whether it takes a slice now. */
  get isReady(): boolean {
    return this.#state === 'live' && !this.link.isFull
  }

  /** Whether it is live, and its transport takes frames or became full only after `time`. */
  keepsUpSince(time: number): boolean {
    return this.#state === 'live' && (!this.link.isFull || this.link.fullSince > time)
  }

  /** Whether it may hear of the room: not before it is let in, nor while it is not known whether it still may. */
  get mayHear(): boolean {
    return this.#state === 'live' || this.#state === 'reading'
  }

  /** The head of its room, as far as it may hear of that; undefined before it is let in. */
  get head(): Position | undefined {
    return this.mayHear ? this.room.head : this.#position
  }

  /**
   * Holds live frames back; `position` is where it stands, if that is known. Returns a ticket: what no longer `isHeld` with it is to stop, as
   * it is from the beginning where the reader has left.
   */
  holdBack(state: 'entering'): number
  holdBack(state: 'asking' | 'reading', position: Position): number
  holdBack(state: ReaderState, position?: Position): number {
    if (this.isGone) return this.#holds
    this.#state = state
    this.#position = position
    if (this.#heldSignal !== undefined && this.mayHear) this.signal(this.#heldSignal)
    return ++this.#holds
  }

  /** It was handed more of the log while live frames are held back. */
  advance(position: Position): void {
    this.#position = position
  }

  isHeld(ticket: number): boolean {
    return !this.isGone && this.#state !== 'live' && this.#holds === ticket
  }

  /** Tells it something about its own user that it can do without: the newest of it once it may hear of the room, unless its line is full. */
  signal(json: string): void {
    this.#heldSignal = this.mayHear ? undefined : json
    if (this.mayHear && !this.link.isFull) this.link.send(json)
  }

  goLive(cursor: Cursor): void {
    this.cursor = cursor
    this.#state = 'live'
  }

  leave(): void {
    this.#state = 'gone'
  }

  deliver(slice: Slice): void {
    this.link.write(slice.bytes)
  }

  /** The frames at its cursor are gone. */
  fellBehind(): void {
    this.room.catchUp(this, this.cursor.position)
  }
}
