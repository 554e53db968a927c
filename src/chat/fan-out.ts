import type { Position } from '../protocol/message.ts'
import { FrameLog } from './frame-log.ts'
import type { Pump } from './pump.ts'
import type { RoomReader } from './reader.ts'

/**
 * Where readers that keep up have this much to come, posting waits: the peers that post feel it as slower acks, and the room stays within
 * the frames that are kept in memory. Half of those, so that a pass has room to go round.
 */
const MAX_BACKLOG_BYTES = 512 * 1024

/** With this much in memory or less nobody has to be asked. */
const NO_BACKLOG_BYTES = 64 * 1024

/** Readers asked for how much they have to come. */
const SAMPLE = 7

/** Milliseconds with a full transport after which a reader is slow for itself, not for what it is sent. */
const STUCK_MS = 500
const LOOK_AGAIN_MS = 100

/** What one turn of the pump handed out. */
export interface Delivery {
  writes: number
  frames: number
  bytes: number
  oldestAt: number
}

/**
 * One room's frames in one dialect, on their way to its readers.
 *
 * A frame is appended once; a rolling pass over the readers gives each one write of all that lies between its cursor and the end, so
 * that frames arriving during a pass join the writes still to come, and a busy room batches by itself.
 */
export class FanOut {
  readonly log: FrameLog
  readonly #pump: Pump
  readonly #readers: RoomReader[] = []
  #next = 0
  /** How many readers the pass has yet to visit; each appended frame starts the count anew. */
  #unvisited = 0
  /** Whether the pass has left a reader behind. */
  #hasLaggard = false
  #onKeepingUp: (() => void)[] = []

  constructor(pump: Pump, position: Position) {
    this.#pump = pump
    this.log = new FrameLog(pump.budget, position)
  }

  get size(): number {
    return this.#readers.length
  }

  /**
   * Bytes that the room's readers have yet to get: the median of those whose turn is next, who have waited longest. Readers whose
   * transport has been full for long are no measure of the room.
   */
  get backlogBytes(): number {
    if (this.log.keptBytes <= NO_BACKLOG_BYTES) return 0
    const stuckBefore = this.#pump.environment.monotonicNow() - STUCK_MS
    const backlogs: number[] = []
    for (let index = 0; index < Math.min(SAMPLE, this.#readers.length); index++) {
      const reader = this.#readers[(this.#next + index) % this.#readers.length]!
      if (reader.keepsUpSince(stuckBefore)) backlogs.push(reader.pendingBytes)
    }
    backlogs.sort((one, other) => one - other)
    return backlogs[(backlogs.length - 1) >> 1] ?? 0
  }

  /** Undefined while the readers keep up; else what resolves when they do again, for whoever is about to add to their backlog. */
  keepingUp(): Promise<void> | undefined {
    if (this.backlogBytes <= MAX_BACKLOG_BYTES) return undefined
    if (this.#onKeepingUp.length === 0) this.#lookAgainSoon()
    return new Promise((resolve) => this.#onKeepingUp.push(resolve))
  }

  readers(): readonly RoomReader[] {
    return [...this.#readers]
  }

  append(frame: Uint8Array, at: number, position?: Position): void {
    this.log.append(frame, at, position)
    this.#startPass()
  }

  add(reader: RoomReader): void {
    reader.slot = this.#readers.push(reader) - 1
    // Where the pass goes round the end it now meets one slot more, and must not stop one short of where it began.
    if (this.#unvisited > 0) this.#unvisited++
  }

  remove(reader: RoomReader): void {
    const last = this.#readers.pop()
    if (last && last !== reader) {
      this.#readers[reader.slot] = last
      last.slot = reader.slot
    }
    // The pass may have been past this slot and not yet at the last one. It stays queued, so it keeps at least one visit to make.
    if (this.#unvisited > 0) this.#unvisited = Math.max(1, this.#readers.length)
  }

  /** Continues the pass for at most `maxWrites` writes, and counts them into `delivery`. Returns whether the pass is done. */
  deliver(maxWrites: number, delivery: Delivery): boolean {
    const stopAt = delivery.writes + maxWrites
    while (this.#unvisited > 0 && delivery.writes < stopAt) {
      if (this.#next >= this.#readers.length) this.#next = 0
      const reader = this.#readers[this.#next++]
      this.#unvisited--
      if (reader && !this.#deliverTo(reader, delivery)) this.#hasLaggard = true
    }
    this.#resumePosting()
    if (this.#unvisited > 0) return false
    if (this.#hasLaggard) this.log.keep()
    else this.log.forget()
    return true
  }

  /** Hands a reader that was not ready in the pass all there is. */
  flush(reader: RoomReader, delivery: Delivery): void {
    this.#deliverTo(reader, delivery)
  }

  /** Returns whether the reader then has all there is. */
  #deliverTo(reader: RoomReader, delivery: Delivery): boolean {
    while (reader.cursor.offset < this.log.end.offset) {
      if (!reader.isReady) return false
      const slice = this.log.sliceFrom(reader.cursor.offset)
      if (!slice) {
        reader.fellBehind()
        return false
      }
      delivery.writes++
      delivery.frames += slice.end.frames - reader.cursor.frames
      delivery.bytes += slice.bytes.byteLength
      if (slice.oldestAt < delivery.oldestAt) delivery.oldestAt = slice.oldestAt
      reader.cursor = slice.end
      reader.deliver(slice)
    }
    return true
  }

  #startPass(): void {
    if (this.#readers.length === 0) return this.log.forget()
    if (this.#unvisited === 0) this.#pump.schedule(this)
    this.#unvisited = this.#readers.length
    this.#hasLaggard = false
  }

  #resumePosting(): void {
    if (this.#onKeepingUp.length === 0 || this.backlogBytes > MAX_BACKLOG_BYTES) return
    for (const resolve of this.#onKeepingUp.splice(0)) resolve()
  }

  /** Readers that are stuck cease to count by time alone, with nothing delivered that would tell. */
  #lookAgainSoon(): void {
    this.#pump.environment.setTimer(() => {
      this.#resumePosting()
      if (this.#onKeepingUp.length > 0) this.#lookAgainSoon()
    }, LOOK_AGAIN_MS)
  }
}
