import type { CatchUp, Change, Members, Resumed, RoomListener, Subscription } from '../backend/backend.ts'
import { ChatError } from '../protocol/errors.ts'
import type { ResetReason } from '../protocol/events.ts'
import type { RoomId, Seq, UserId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import { CatchUps } from './catch-ups.ts'
import type { CaughtUpRoom } from './catch-ups.ts'
import { CATCH_UP_MESSAGES } from './change-pages.ts'
import type { ChatContext } from './context.ts'
import { DIALECTS } from './dialects.ts'
import type { ChangeFrames } from './dialects.ts'
import { FanOut } from './fan-out.ts'
import { eventJson, memberFields } from './frames.ts'
import { GapRepair } from './gap-repair.ts'
import type { RepairedRoom } from './gap-repair.ts'
import { NewestPages } from './newest-pages.ts'
import type { NewestPage } from './newest-pages.ts'
import type { Dialect } from './observer.ts'
import { Presence } from './presence.ts'
import { RoomReader } from './reader.ts'
import type { ReaderOwner } from './reader.ts'

/** Where readers have this much to come, signals are dropped. */
const PRESSURE_BYTES = 64 * 1024

/** The readers of one dialect, and how changes look to them. */
interface Lane {
  readonly dialect: ChangeFrames
  readonly fanOut: FanOut
}

/** A room with readers on this process: what the log says goes out through its fan-outs, one for each dialect. */
export class Room implements RoomListener, CaughtUpRoom, RepairedRoom {
  readonly id: RoomId
  readonly presence: Presence
  readonly #context: ChatContext
  readonly #onReset: () => void
  readonly #subscription: Subscription
  readonly #v1: FanOut
  /** That one, and those of the other dialects that somebody has read the room in. */
  readonly #lanes: Lane[]
  #head: Position
  #heartbeat: Uint8Array | undefined
  readonly #newestPages: NewestPages
  readonly #catchUps: CatchUps
  readonly #repair: GapRepair
  #isClosed = false

  private constructor(context: ChatContext, id: RoomId, subscription: Subscription, onReset: () => void) {
    this.id = id
    this.#context = context
    this.#subscription = subscription
    this.#onReset = onReset
    this.#head = subscription.head
    this.#v1 = new FanOut(context.pump, this.#head)
    this.#lanes = [{ dialect: DIALECTS['natter.v1'], fanOut: this.#v1 }]
    this.#newestPages = new NewestPages(context, id)
    this.#catchUps = new CatchUps(context, this)
    this.#repair = new GapRepair(context, this)
    this.presence = new Presence(context, id, (members) => this.#announce(members))
  }

  /**
   * Subscribes before anything is read, so that no change falls in between.
   *
   * @param onReset called when the room's log has become another one; the room is then out of use.
   * @throws {ChatError} `unavailable`; `conflict` where the log became another one meanwhile
   */
  static async open(context: ChatContext, id: RoomId, onReset: () => void): Promise<Room> {
    const opened: { room?: Room; isReset?: boolean } = {}
    const early: Change[] = []
    const subscription = await context.options.backend.subscribe(id, {
      onChange: (change) => void (opened.room ? opened.room.onChange(change) : early.push(change)),
      onSignal: (payload) => opened.room?.onSignal(payload),
      onMembers: () => opened.room?.onMembers(),
      onMarker: (user, seq) => opened.room?.onMarker(user, seq),
      onReset: (reason) => void (opened.room ? opened.room.onReset(reason) : (opened.isReset = true)),
    })
    if (opened.isReset || early.some(({ position }) => position.epoch !== subscription.head.epoch)) {
      subscription.close()
      throw logReplaced()
    }
    const room = (opened.room = new Room(context, id, subscription, onReset))
    for (const change of early) room.onChange(change)
    return room
  }

  get head(): Position {
    return this.#head
  }

  /** The heartbeat of a connection that is in this room alone, encoded: nearly all are. */
  get heartbeat(): Uint8Array {
    const { encodeFrame } = this.#context.options
    return (this.#heartbeat ??= encodeFrame(eventJson({ type: 'heartbeat', heads: { [this.id]: this.#head } })))
  }

  /** Whether it is out of use. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether no connection is in it, and nobody shown as present. */
  get isIdle(): boolean {
    return this.#lanes.every(({ fanOut }) => fanOut.size === 0) && this.presence.isEmpty
  }

  /**
   * Adds a reader that is held back until it is told where to begin.
   *
   * @throws {ChatError} `conflict` where the room has gone out of use since it was asked for
   */
  enter(owner: ReaderOwner, dialect: Dialect): RoomReader {
    if (this.#isClosed) throw logReplaced()
    const { fanOut } = this.#lanes.find((lane) => lane.dialect.name === dialect) ?? this.#addLane(dialect)
    const reader = new RoomReader(owner, this, fanOut)
    fanOut.add(reader)
    this.presence.enter(reader)
    return reader
  }

  leave(reader: RoomReader): void {
    if (reader.isGone) return
    reader.leave()
    reader.fanOut.remove(reader)
    this.presence.exit(reader)
  }

  /** Brings a reader that has everything up to `position` to the head, and lets it go live there. */
  catchUp(reader: RoomReader, position: Position): void {
    const dialect = this.#lanes.find(({ fanOut }) => fanOut === reader.fanOut)?.dialect ?? DIALECTS['natter.v1']
    this.#catchUps.start(reader, dialect, position)
  }

  /** What changed since a position, if it is one of this log's. */
  readSince(since: Position): Promise<CatchUp> {
    const head = this.#head
    // After a deploy everyone comes back at once, most of them with nothing to catch up on.
    if (since.seq === head.seq && since.epoch === head.epoch && since.tag === head.tag) {
      return Promise.resolve({ status: 'resumed', messages: [], position: head, head })
    }
    return this.#context.options.backend.readChanges(this.id, since, CATCH_UP_MESSAGES)
  }

  /** Undefined while the room's readers keep up; else what a post has to wait for. */
  keepingUp(): Promise<void> | undefined {
    return this.#v1.keepingUp()
  }

  newestPage(limit: number): Promise<NewestPage> {
    return this.#newestPages.read(limit)
  }

  /** Lets go of pages that nobody asks for any more. Call it now and then. */
  expirePages(): void {
    this.#newestPages.expire()
    this.#catchUps.expirePages()
  }

  onChange(change: Change): void {
    const { position } = change
    if (position.epoch !== this.#head.epoch) return this.#reset('epoch')
    if (this.#repair.takes(position.seq) || position.seq <= this.#head.seq) return
    if (position.seq > this.#head.seq + 1) return this.#repair.start()
    for (const lane of this.#lanes) {
      const frame = lane.fanOut.size > 0 ? lane.dialect.change(this.id, change) : undefined
      if (frame === undefined) lane.fanOut.log.skip(position)
      else this.#append(lane, this.#encode(lane.dialect, frame), position)
    }
    this.#advance(position)
  }

  onMissed(missed: Resumed): void {
    const { position } = missed
    for (const lane of this.#lanes) {
      const frames = lane.fanOut.size > 0 ? lane.dialect.changes(this.id, this.#head.seq, missed) : []
      if (frames.length === 0) lane.fanOut.log.skip(position)
      // As one, so that nobody can stand in the midst of it.
      else this.#append(lane, Buffer.concat(frames.map((frame) => this.#encode(lane.dialect, frame))), position)
    }
    this.#advance(position)
  }

  onSignal(payload: string): void {
    if (this.#v1.backlogBytes > PRESSURE_BYTES) return
    this.#appendSignal(payload)
  }

  onMembers(): void {
    this.presence.changed()
  }

  onMarker(user: UserId, seq: Seq): void {
    const json = eventJson({ type: 'read', room: this.id, seq })
    for (const reader of this.presence.readersOf(user)) reader.signal(json)
  }

  onReset(reason: ResetReason): void {
    this.#reset(reason)
  }

  close(): void {
    this.#isClosed = true
    this.#subscription.close()
    this.presence.close()
    for (const { fanOut } of this.#lanes) fanOut.log.forget()
    this.#newestPages.close()
    this.#catchUps.close()
  }

  #addLane(name: Dialect): Lane {
    const lane = { dialect: DIALECTS[name], fanOut: new FanOut(this.#context.pump, this.#head) }
    this.#lanes.push(lane)
    return lane
  }

  #announce(members: Members): void {
    const fields = memberFields(members, this.#context.options.limits.membersNamed)
    this.#appendSignal(JSON.stringify({ type: 'presence', room: this.id, ...fields }))
  }

  #appendSignal(json: string): void {
    const { encodeFrame, environment } = this.#context.options
    this.#v1.append(encodeFrame(json), environment.monotonicNow())
  }

  #append({ fanOut }: Lane, bytes: Uint8Array, position: Position): void {
    fanOut.append(bytes, this.#context.options.environment.monotonicNow(), position)
  }

  #encode({ encode }: ChangeFrames, frame: string): Uint8Array {
    return (encode ?? this.#context.options.encodeFrame)(frame)
  }

  #advance(position: Position): void {
    this.#head = position
    this.#heartbeat = undefined
    this.#newestPages.clear()
    this.#catchUps.progress()
  }

  #reset(reason: ResetReason): void {
    const readers = this.#lanes.flatMap(({ fanOut }) => fanOut.readers())
    for (const reader of readers) this.leave(reader)
    // Before its readers are told: who enters again at once is to enter the room as it is now.
    this.#onReset()
    for (const reader of readers) reader.owner.onReset(reader, reason)
  }
}

/** Refuses what was asked of a room whose log became another one meanwhile. */
export function logReplaced(): ChatError {
  return new ChatError('conflict', "the room's log was replaced meanwhile; try again", { retryAfterMs: 500 })
}
