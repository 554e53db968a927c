import type { Position } from '../protocol/message.ts'

/** One slab holds at most this many bytes (or one larger frame), which is also the most that one write hands to a connection. */
const MAX_SLAB_BYTES = 256 * 1024
const MIN_SLAB_BYTES = 4 * 1024

/** Past this many bytes the oldest slabs go, and readers still in them are caught up from the durable log. */
const MAX_RETAINED_BYTES = 4 * 1024 * 1024
/** The same where the logs together are over their budget. */
const MIN_RETAINED_BYTES = 256 * 1024

/** What the frame logs of a chat keep together: many rooms with a slow reader each must not add up to the machine's memory. */
export class FrameBudget {
  static readonly MAX_BYTES = 256 * 1024 * 1024
  bytes = 0

  get isExceeded(): boolean {
    return this.bytes > FrameBudget.MAX_BYTES
  }
}

/** A place between two frames of a frame log, counted from the log's beginning, so that it stays true while slabs come and go. */
export interface Cursor {
  readonly offset: number
  readonly frames: number
  /** Where in the room's durable log a reader stands that has everything before this place. */
  readonly position: Position
  /** When the frame before this place was appended, in milliseconds of the monotonic clock. */
  readonly at: number
}

/** Consecutive encoded frames, and where a reader stands that was handed them. */
export interface Slice {
  readonly bytes: Uint8Array
  readonly end: Cursor
  /** When the first of its frames was appended, in milliseconds of the monotonic clock. */
  readonly oldestAt: number
}

/** A run of frames in one buffer, which is filled once and never again: a socket may hold a slice of it for as long as it likes. */
interface Slab {
  readonly begin: Cursor
  readonly buffer: Uint8Array
  /** Whether it is a frame as it came, which lies among others in memory that it keeps alive. */
  readonly isBorrowed: boolean
  /** The place behind each frame. */
  readonly ends: Cursor[]
}

/** The newest frames of a room, encoded, in memory, for all its readers to share. */
export class FrameLog {
  readonly #budget: FrameBudget
  #end: Cursor
  readonly #slabs: Slab[] = []
  #retainedBytes = 0
  /** What it lately held before all readers had it. */
  #usualBytes = 0
  /** What was last asked for: readers next to each other in a pass mostly stand at one place. */
  #lastSlice: { readonly offset: number; readonly slice: Slice } | undefined

  constructor(budget: FrameBudget, position: Position) {
    this.#budget = budget
    this.#end = { offset: 0, frames: 0, position, at: 0 }
  }

  get end(): Cursor {
    return this.#end
  }

  /** Bytes of the frames that are kept: no reader of the log has more to come from memory. */
  get keptBytes(): number {
    const [oldest] = this.#slabs
    return oldest ? this.#end.offset - oldest.begin.offset : 0
  }

  /** Appends one frame. `position`: where a reader of it stands in the durable log; a signal leaves that where it was. */
  append(frame: Uint8Array, at: number, position: Position = this.#end.position): void {
    const begin = this.#end
    this.#end = { offset: begin.offset + frame.byteLength, frames: begin.frames + 1, position, at }
    this.#lastSlice = undefined
    // A quiet room delivers a frame before the next one comes: to copy it would be dearer than all else about it.
    if (this.#slabs.length === 0) return this.#add({ begin, buffer: frame, isBorrowed: true, ends: [this.#end] })
    const slab = this.#slabWithRoomFor(begin, frame.byteLength)
    slab.buffer.set(frame, begin.offset - slab.begin.offset)
    slab.ends.push(this.#end)
  }

  /** Moves on in the durable log by a change that has no frame here. */
  skip(position: Position): void {
    this.#end = { ...this.#end, position }
  }

  /** What a reader at `offset` gets next: to the end of a slab. Undefined where the frames there are no longer kept. */
  sliceFrom(offset: number): Slice | undefined {
    if (this.#lastSlice?.offset === offset) return this.#lastSlice.slice
    const slab = this.#slabs.findLast(({ begin }) => begin.offset <= offset)
    const end = slab?.ends.at(-1)
    if (!slab || !end || end.offset <= offset) return undefined
    const { buffer, begin } = slab
    const isWhole = offset === begin.offset && end.offset - offset === buffer.byteLength
    const bytes = isWhole ? buffer : buffer.subarray(offset - begin.offset, end.offset - begin.offset)
    const slice = { bytes, end, oldestAt: firstBehind(slab.ends, offset).at }
    this.#lastSlice = { offset, slice }
    return slice
  }

  /** The place of a reader that has every change up to `seq`; undefined where that is no longer kept, or not there yet. */
  findCursor(seq: number): Cursor | undefined {
    if (this.#end.position.seq === seq) return this.#end
    const slab = this.#slabs.findLast(({ begin }) => begin.position.seq <= seq)
    if (!slab) return undefined
    const cursor = slab.ends.findLast(({ position }) => position.seq <= seq) ?? slab.begin
    return cursor.position.seq === seq ? cursor : undefined
  }

  /** Lets go of the frames, for when no reader is behind, or the log is out of use. */
  forget(): void {
    if (this.#slabs.length === 0) return
    this.#usualBytes = Math.min(MAX_SLAB_BYTES, Math.max(this.keptBytes, this.#usualBytes >> 1))
    // The same array: one left behind by a quiet room has grown old, and would keep what was in it from being collected with the young.
    this.#slabs.length = 0
    this.#retain(-this.#retainedBytes)
    this.#lastSlice = undefined
  }

  /** Keeps the frames, for a reader that may be behind for long. */
  keep(): void {
    const [oldest] = this.#slabs
    if (oldest?.isBorrowed) this.#copyInto(oldest.buffer.byteLength)
  }

  #slabWithRoomFor(begin: Cursor, bytes: number): Slab {
    const newest = this.#slabs.at(-1)
    const used = newest ? begin.offset - newest.begin.offset : 0
    if (newest && used + bytes <= newest.buffer.byteLength) return newest
    // A room with little to say keeps a page or two of memory; what comes to a loud one at once goes out in one long write.
    const usual = this.#budget.isExceeded ? 0 : this.#usualBytes
    const size = Math.min(MAX_SLAB_BYTES, Math.max(MIN_SLAB_BYTES, 2 * (newest?.buffer.byteLength ?? 0), usual))
    if (newest?.isBorrowed && used + bytes <= size) return this.#copyInto(size)
    const slab = { begin, buffer: Buffer.allocUnsafeSlow(Math.max(size, bytes)), isBorrowed: false, ends: [] }
    this.#add(slab)
    const maxBytes = this.#budget.isExceeded ? MIN_RETAINED_BYTES : MAX_RETAINED_BYTES
    while (this.#retainedBytes > maxBytes && this.#slabs.length > 1)
      this.#retain(-this.#slabs.shift()!.buffer.byteLength)
    return slab
  }

  /** Puts a slab of its own, of `bytes` bytes, in the place of a frame that lies in memory of others, which only the oldest does. */
  #copyInto(bytes: number): Slab {
    const borrowed = this.#slabs[0]!
    const slab = { ...borrowed, buffer: Buffer.allocUnsafeSlow(bytes), isBorrowed: false }
    slab.buffer.set(borrowed.buffer)
    this.#slabs[0] = slab
    this.#retain(bytes - borrowed.buffer.byteLength)
    this.#lastSlice = undefined
    return slab
  }

  #add(slab: Slab): void {
    this.#slabs.push(slab)
    this.#retain(slab.buffer.byteLength)
  }

  #retain(bytes: number): void {
    this.#retainedBytes += bytes
    this.#budget.bytes += bytes
  }
}

/** The first of `cursors` with an offset past `offset`, by bisection. There is one. */
function firstBehind(cursors: readonly Cursor[], offset: number): Cursor {
  let low = 0
  let high = cursors.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (cursors[middle]!.offset > offset) high = middle
    else low = middle + 1
  }
  return cursors[low]!
}
