import type { Resumed } from '../backend/backend.ts'
import type { ResetReason } from '../protocol/events.ts'
import type { RoomId, Seq } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import { CATCH_UP_MESSAGES } from './change-pages.ts'
import type { ChatContext } from './context.ts'
import { readPatiently } from './patience.ts'

/** What a repair asks of its room. */
export interface RepairedRoom {
  readonly id: RoomId
  readonly head: Position
  readonly isClosed: boolean
  /** Hands what was missed to everyone here, and moves the head on. */
  onMissed(missed: Resumed): void
  onReset(reason: ResetReason): void
}

/** Changes were published that did not reach this process: everyone here gets them from the log, in one frame. */
export class GapRepair {
  readonly #context: ChatContext
  readonly #room: RepairedRoom
  #isRunning = false
  /** The newest seq published since the log was last asked for what is missing. */
  #publishedSeq = 0

  constructor(context: ChatContext, room: RepairedRoom) {
    this.#context = context
    this.#room = room
  }

  /** Notes that a change was published. Returns whether a repair is under way, which then brings it. */
  takes(seq: Seq): boolean {
    this.#publishedSeq = seq
    return this.#isRunning
  }

  start(): void {
    this.#isRunning = true
    this.#readOnFromHead()
      .catch((error: unknown) => {
        this.#context.options.onError(error, { stage: 'repairing a gap' })
        this.#room.onReset('fork')
      })
      .finally(() => (this.#isRunning = false))
  }

  async #readOnFromHead(): Promise<void> {
    const { backend, environment } = this.#context.options
    const room = this.#room
    while (!room.isClosed) {
      this.#publishedSeq = 0
      const read = await readPatiently(environment, () => backend.readChanges(room.id, room.head, CATCH_UP_MESSAGES))
      if (!read || room.isClosed) continue
      if (read.status === 'reset') return room.onReset(read.reason)
      const { position, head } = read
      if (position.seq > room.head.seq) room.onMissed(read)
      // What was published in the meantime has been passed over, and the log was asked too early for it.
      if (position.seq === head.seq && this.#publishedSeq <= position.seq) return
    }
  }
}
