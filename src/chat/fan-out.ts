import type { Position } from '../protocol/message.ts'
import { FrameLog } from './frame-log.ts'
import type { Pump } from './pump.ts'
import type { RoomReader } from './reader.ts'

/**
 * Where readers that keep up have this much to come, posting waits: the peers that post feel it as slower acks, and the room stays within
 * the frames that are kept in memory. Half of those, so that a pass has room to go round.
 */
const MAX_BACKLOG_BYTES = 512 * 1024

/** How many readers are asked in vain before the room is taken to keep up: the others are slow, and no measure. */
const MAX_LOOKS = 8

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
  #onKeepingUp: (() => void)[] = []

  constructor(pump: Pump, position: Position) {
    this.#pump = pump
    this.log = new FrameLog(position)
  }

  get size(): number {
    return this.#readers.length
  }

  /** Bytes that the reader whose turn is next has yet to get: about the most that any reader has that keeps up. */
  get backlogBytes(): number {
    for (let index = 0; index < Math.min(MAX_LOOKS, this.#readers.length); index++) {
      const reader = this.#readers[(this.#next + index) % this.#readers.length]
      if (reader?.isReady) return this.log.end.offset - reader.cursor.offset
    }
    return 0
  }

  /** Undefined while the readers keep up; else what resolves when they do again, for whoever is about to add to their backlog. */
  keepingUp(): Promise<void> | undefined {
    if (this.backlogBytes <= MAX_BACKLOG_BYTES) return undefined
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
      if (reader) this.#deliverTo(reader, delivery)
    }
    if (this.#onKeepingUp.length > 0 && this.backlogBytes <= MAX_BACKLOG_BYTES)
      for (const resolve of this.#onKeepingUp.splice(0)) resolve()
    if (this.#unvisited > 0) return false
    if (this.#readers.every(({ cursor }) => cursor.offset === this.log.end.offset)) this.log.forget()
    return true
  }

  /** Hands a reader that was not ready in the pass all there is. */
  flush(reader: RoomReader, delivery: Delivery): void {
    this.#deliverTo(reader, delivery)
  }

  #deliverTo(reader: RoomReader, delivery: Delivery): void {
    while (reader.isReady && reader.cursor.offset < this.log.end.offset) {
      const slice = this.log.sliceFrom(reader.cursor.offset)
      if (!slice) return reader.fellBehind()
      delivery.writes++
      delivery.frames += slice.end.frames - reader.cursor.frames
      delivery.bytes += slice.bytes.byteLength
      if (slice.oldestAt < delivery.oldestAt) delivery.oldestAt = slice.oldestAt
      reader.cursor = slice.end
      reader.deliver(slice)
    }
  }

  #startPass(): void {
    if (this.#readers.length === 0) return this.log.forget()
    if (this.#unvisited === 0) this.#pump.schedule(this)
    this.#unvisited = this.#readers.length
  }
}
