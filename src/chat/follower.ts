import type { Resumed } from '../backend/backend.ts'
import { CLOSE } from '../protocol/close.ts'
import { ChatError } from '../protocol/errors.ts'
import type { ResetReason } from '../protocol/events.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import { BaseConnection } from './base-connection.ts'
import type { ConnectionHandle } from './chat.ts'
import type { ChatContext } from './context.ts'
import { goodbyeText, SSE, sseEvent } from './dialects.ts'
import { eventJson, removedFrom } from './frames.ts'
import { readPatiently } from './patience.ts'
import type { ReaderOwner, RoomReader } from './reader.ts'
import { logReplaced } from './room.ts'
import type { Room } from './room.ts'
import type { Speaker } from './speaker.ts'
import type { Peer, Transport } from './transport.ts'

/** Milliseconds after which a browser comes back to a stream that ended without saying when. */
const RETRY_MS = 2_000

/**
 * One reader of one room that sends nothing: a stream of server-sent events. It hears of changes and of what becomes of the stream, and is
 * nobody present.
 */
export class Follower extends BaseConnection implements ConnectionHandle, ReaderOwner {
  readonly dialect = 'sse'
  readonly user = undefined
  readonly owesHello = false
  readonly isLateWithHello = false
  readonly speaker: Speaker
  readonly #room: RoomId
  #reader: RoomReader | undefined

  constructor(context: ChatContext, transport: Transport, peer: Peer, speaker: Speaker, room: RoomId) {
    super(context, transport, peer)
    this.speaker = speaker
    this.#room = room
  }

  get reading(): readonly RoomReader[] {
    return this.#reader ? [this.#reader] : []
  }

  get expiresAt(): number | undefined {
    return this.speaker.identity.expiresAt
  }

  /** A stream brings no sign of life but that it takes what is written. */
  get heardAt(): number {
    return this.context.options.environment.monotonicNow()
  }

  /**
   * Begins with what changed since a position, or at the room's end. Resolves once the first event is written, which is what
   * changed, if only nothing, or a reset. `onStart` is called right before, with nothing in between that could end the access unseen.
   *
   * @throws {ChatError} `room_not_found`, `unauthorized`, `unavailable` or `conflict`; nothing is written then
   */
  async start(since: Position | undefined, onStart: () => void): Promise<void> {
    const { access, rooms, control } = this.context
    await access.check(this.speaker, 'read', this.#room)
    const room = await rooms.open(this.#room)
    const reader = room.enter(this, this.dialect)
    const ticket = reader.holdBack('entering')
    try {
      const read = since ? await room.readSince(since) : atEnd(room.head)
      // Access may have ended while the log was read, or between the answer and this turn.
      let forgotten: number
      do {
        forgotten = this.speaker.forgotten
        await access.check(this.speaker, 'read', this.#room)
      } while (this.speaker.forgotten !== forgotten)
      control.checkConnected(this.speaker)
      if (!reader.isHeld(ticket)) throw logReplaced()
      this.#reader = reader
      onStart()
      this.#write(`retry: ${RETRY_MS}\n`)
      if (read.status === 'reset') return this.#beginAnew(reader, read.reason)
      for (const frame of SSE.changes(this.#room, (since ?? read.position).seq, read)) this.#write(frame)
      room.catchUp(reader, read.position)
    } catch (error) {
      room.leave(reader)
      throw error
    }
  }

  /** Nothing is read from a stream. */
  receive(): void {}

  heard(): void {}

  drained(): void {
    this.link.drained()
    if (this.#reader) this.context.pump.flush(this.#reader.fanOut, this.#reader)
  }

  onReset(reader: RoomReader, reason: ResetReason): void {
    reader.room.leave(reader)
    if (this.#reader !== reader) return
    this.#reader = undefined
    void this.#enterAgain(reason)
  }

  onRemoved(): void {
    this.#endRemoved()
  }

  sendHeartbeat(): void {
    this.link.ping()
  }

  stopReading(): void {}

  sendGoodbye(retryInMs: number): void {
    this.#write(goodbyeText(retryInMs))
  }

  async #enterAgain(reason: ResetReason): Promise<void> {
    const { access, rooms, options, faults } = this.context
    try {
      let room: Room | undefined
      while (!room && this.link.isOpen) room = await readPatiently(options.environment, () => rooms.open(this.#room))
      await access.check(this.speaker, 'read', this.#room)
      if (!room || !this.link.isOpen) return
      this.#reader = room.enter(this, this.dialect)
      this.#beginAnew(this.#reader, reason)
    } catch (error) {
      if (error instanceof ChatError && error.code === 'room_not_found') return this.#endRemoved()
      // Whoever comes back with the position that is void now is told so then.
      faults.refusalOf(error, { stage: 'entering a room again' })
      this.end(CLOSE.internalError)
    }
  }

  #endRemoved(): void {
    this.#write(sseEvent(eventJson(removedFrom(this.#room))))
    this.end(CLOSE.forbidden)
  }

  /** What the peer has is void, and what it is told from now on begins at the room's end. */
  #beginAnew(reader: RoomReader, reason: ResetReason): void {
    const { room } = reader
    this.#write(sseEvent(eventJson({ type: 'reset', room: room.id, reason }), room.head))
    room.catchUp(reader, room.head)
  }

  #write(text: string): void {
    this.link.write(Buffer.from(text))
  }

  protected letGo(): void {
    if (this.#reader) this.#reader.room.leave(this.#reader)
    this.#reader = undefined
  }
}

/** What there is to say to a reader at the room's end. */
function atEnd(head: Position): Resumed {
  return { status: 'resumed', messages: [], position: head, head }
}
