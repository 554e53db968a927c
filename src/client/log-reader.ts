import type { ChangeEvent, ChangesEvent, JoinedEvent } from '../protocol/events.ts'
import type { Seq } from '../protocol/ids.ts'
import type { Message, Position } from '../protocol/message.ts'
import { revisionOf } from '../protocol/message.ts'

/** What a reader has to do about an event of its room's log. */
export type Reading =
  /** Apply these: everything up to the reader's new position, which lay at `after` before. */
  | { readonly status: 'changed'; readonly messages: readonly Message[]; readonly after: Seq }
  /** Forget what it had: the log starts over here. */
  | { readonly status: 'fresh'; readonly messages: readonly Message[] }
  /** Nothing new, or not all of it yet. */
  | { readonly status: 'nothing' }
  /** Something is missing: join again, from `position`. */
  | { readonly status: 'hole' }

const NOTHING = { status: 'nothing' } as const
const HOLE = { status: 'hole' } as const

/**
 * Follows one room's log, as `docs/PROTOCOL.md` says under Events, so that each change is applied once, in order, without gaps.
 *
 * While it catches up it collects, and hands everything out together once the head is reached: a catch-up brings each message at the place of its
 * newest change, so that until then a message may be missing before one that is there.
 */
export class LogReader {
  /** Everything up to here was handed out. */
  #applied: Position | undefined
  /** Everything up to here was received. */
  #received: Position | undefined
  #head = 0
  readonly #collected = new Map<string, Message>()

  /** Where to resume from. */
  get position(): Position | undefined {
    return this.#received
  }

  /** Everything up to this seq was handed out. */
  get appliedSeq(): Seq {
    return this.#applied?.seq ?? (0 as Seq)
  }

  /** Whether everything up to the head that was told last is here. */
  get isCaughtUp(): boolean {
    return (this.#received?.seq ?? 0) >= this.#head
  }

  /** Forgets the position: the next `joined` starts over. */
  reset(): void {
    this.#applied = this.#received = undefined
    this.#collected.clear()
  }

  joined({ resumed, messages, position, head }: JoinedEvent): Reading {
    this.#head = head
    if (resumed && this.#received !== undefined) return this.#collect(messages, position)
    this.reset()
    this.#applied = this.#received = position
    return { status: 'fresh', messages }
  }

  change({ seq, tag, message }: ChangeEvent): Reading {
    const received = this.#received
    if (received === undefined || seq > received.seq + 1) return HOLE
    // Two changes with one seq: the log forked, and joining tells how.
    if (seq === received.seq && tag !== received.tag) return HOLE
    return this.#collect([message], { epoch: received.epoch, seq, tag })
  }

  changes({ after, position, head, messages }: ChangesEvent): Reading {
    const received = this.#received
    if (received?.epoch !== position.epoch || after > received.seq) return HOLE
    if (head > this.#head) this.#head = head
    return this.#collect(messages, position)
  }

  /** Whether the log's head, as a heartbeat tells it, is not where this reader is. It may be about to get there. */
  isBehind(head: Position): boolean {
    const received = this.#received
    if (received === undefined) return false
    return (
      head.epoch !== received.epoch ||
      head.seq > received.seq ||
      (head.seq === received.seq && head.tag !== received.tag)
    )
  }

  #collect(messages: readonly Message[], position: Position): Reading {
    const received = this.#received?.seq ?? 0
    for (const message of messages) if (revisionOf(message) > received) this.#collected.set(message.id, message)
    if (position.seq > received) this.#received = position
    if (!this.isCaughtUp) return NOTHING

    const after = this.appliedSeq
    this.#applied = this.#received
    if (this.#collected.size === 0) return NOTHING
    const collected = [...this.#collected.values()]
    this.#collected.clear()
    return { status: 'changed', messages: collected, after }
  }
}
