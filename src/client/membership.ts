import type { ErrorCode } from '../protocol/errors.ts'
import type { Answer, ChangeEvent, ChangesEvent, ErrorEvent, JoinedEvent, ResetReason } from '../protocol/events.ts'
import type { RoomId, Seq } from '../protocol/ids.ts'
import type { Message, Position } from '../protocol/message.ts'
import { RETRY_AFTER_MS } from './backoff.ts'
import type { Connection } from './connection.ts'
import { isTransient } from './entry.ts'
import type { ClientEnvironment } from './environment.ts'
import { LogReader } from './log-reader.ts'
import type { Reading } from './log-reader.ts'
import type { RoomStatus } from './types.ts'

/** Milliseconds in which a change has to follow a heartbeat that told of it. */
const GRACE_MS = 1_000

export interface MembershipHandlers {
  /** The log starts over with `page`; after a reset, `reason` says why. */
  onFresh(page: JoinedEvent, reason: ResetReason | undefined): void
  /** These are next in the log, after the seq `after`. */
  onChanged(messages: readonly Message[], after: Seq, live: boolean): void
  /** The room is joined, and its answer has been handed on. */
  onJoined(joined: JoinedEvent): void
  /** The room cannot be joined on this connection. */
  onRefused(): void
  onStatus(): void
}

/** Being in one room: joins it on every connection, and again wherever its log shows a gap, from where the reader stands. */
export class Membership {
  readonly #room: RoomId
  readonly #connection: Connection
  readonly #environment: Pick<ClientEnvironment, 'setTimer'>
  readonly #handlers: MembershipHandlers
  readonly #reader = new LogReader()
  #status: RoomStatus = { status: 'joining' }
  /** Counts the joins: the answer to an older one is of no use. */
  #joins = 0
  /** From a join until it is answered for good: that starts over from the position it was sent with, so what comes between is not needed. */
  #isJoining = false
  #hasPage = false
  #resetReason: ResetReason | undefined
  #stopTimer = (): void => {}

  constructor(
    room: RoomId,
    connection: Connection,
    environment: Pick<ClientEnvironment, 'setTimer'>,
    handlers: MembershipHandlers,
  ) {
    this.#room = room
    this.#connection = connection
    this.#environment = environment
    this.#handlers = handlers
  }

  get status(): RoomStatus {
    return this.#status
  }

  /** Everything up to this seq was handed on. */
  get appliedSeq(): Seq {
    return this.#reader.appliedSeq
  }

  join(): void {
    const turn = ++this.#joins
    this.#isJoining = true
    this.#enter(this.#hasPage ? 'catching-up' : 'joining')
    this.#connection.request({ type: 'join', room: this.#room, since: this.#reader.position }, (answer) => {
      if (turn === this.#joins) this.#joined(answer)
    })
  }

  /** The connection was lost. */
  lost(): void {
    this.#stopTimer()
    this.#joins++
    if (this.#status.status === 'live') this.#enter('catching-up')
  }

  leave(): void {
    this.lost()
    this.#connection.request({ type: 'leave', room: this.#room }, () => {})
    this.#enter('left')
  }

  /** The user may not be in the room, or not any more. */
  fail(code: ErrorCode, message: string): void {
    this.#isJoining = false
    this.#status = { status: 'failed', code, message }
    this.#handlers.onStatus()
    this.#handlers.onRefused()
  }

  /** Forgets where it stands, say because the user is another one. */
  reset(): void {
    this.#reader.reset()
    this.#hasPage = false
  }

  receive(event: ChangeEvent | ChangesEvent): void {
    if (this.#isJoining || this.#status.status === 'failed') return
    const reading = event.type === 'change' ? this.#reader.change(event) : this.#reader.changes(event)
    this.#handOn(reading, event.type === 'change')
    this.#enterCaughtUp()
  }

  /** The log is another one. */
  resetBy(reason: ResetReason): void {
    this.#resetReason = reason
    this.#reader.reset()
    this.join()
  }

  /**
   * Sees to it that what a heartbeat tells of is here a little later: a subscription that died is silent. `head` is undefined where the server
   * takes this connection for one that is not in the room.
   */
  compare(head: Position | undefined): void {
    const { status } = this.#status
    const isRight = head !== undefined && !this.#reader.isBehind(head)
    if (isRight || this.#isJoining || (status !== 'live' && status !== 'catching-up')) return
    this.#stopTimer()
    this.#stopTimer = this.#environment.setTimer(() => {
      if (!this.#isJoining && (head === undefined || this.#reader.isBehind(head))) this.join()
    }, GRACE_MS)
  }

  #joined(answer: Answer): void {
    if (answer.type === 'error') return this.#refused(answer)
    if (answer.type !== 'joined') return
    this.#isJoining = false
    const reading = this.#reader.joined(answer)
    if (reading.status === 'fresh') {
      this.#hasPage = true
      this.#handlers.onFresh(answer, answer.reset ?? this.#resetReason)
      this.#resetReason = undefined
    } else this.#handOn(reading, false)
    this.#handlers.onJoined(answer)
    this.#enterCaughtUp()
  }

  #refused({ code, message, retryAfterMs = RETRY_AFTER_MS }: ErrorEvent): void {
    if (isTransient(code) || code === 'internal') {
      this.#stopTimer()
      this.#stopTimer = this.#environment.setTimer(() => this.join(), retryAfterMs)
      return
    }
    this.fail(code, message)
  }

  #handOn(reading: Reading, live: boolean): void {
    if (reading.status === 'hole') this.join()
    else if (reading.status === 'changed') this.#handlers.onChanged(reading.messages, reading.after, live)
  }

  #enterCaughtUp(): void {
    if (this.#status.status !== 'live' && !this.#isJoining && this.#reader.isCaughtUp) this.#enter('live')
  }

  #enter(status: Exclude<RoomStatus['status'], 'failed'>): void {
    this.#status = { status }
    this.#handlers.onStatus()
  }
}
