import type { ResetReason } from '../../protocol/events.ts'
import type { Epoch, Seq } from '../../protocol/ids.ts'
import type { Position } from '../../protocol/message.ts'
import type { Change, RoomListener } from '../backend.ts'
import type { LogRead } from './log.ts'
import type { LinkedChange } from './room-event.ts'

/** Changes read from the log at a time. */
const PAGE = 100

/** Changes held back for one that is late. Past that many the log is quicker. */
const MAX_HELD = 1_000

/** Milliseconds for which whoever wrote a change waits for listeners to have it: the answer is due, however slow the log. */
const MAX_WAIT_MS = 1_000

/** The log of one room, as a feed uses it. Every call may reject: the log cannot be reached. */
export interface FeedSource {
  read(since: Position, limit: number): Promise<LogRead>
  head(): Promise<Position>
  /** The log does not have a change that it gave out in this epoch. */
  reportLoss(lost: Epoch): Promise<void>
}

export type RoomListeners = ReadonlySet<{ readonly listener: RoomListener }>

/**
 * Puts what reaches this process of one room back into the order of its log.
 *
 * Changes come by two ways, which may overtake one another and drop things: as published, and as the answers to this process's own
 * appends. Whatever is early waits for what is missing, and what does not come is read from the log. What comes is handed out only if
 * it names the change that was handed out last as the one before it: the server may have lost some, and given their seqs to others.
 */
export class RoomFeed {
  readonly #source: FeedSource
  readonly #listeners: RoomListeners
  readonly #gapMs: number
  #head: Position
  readonly #held = new Map<Seq, LinkedChange>()
  /** The highest seq there is, as far as this feed has heard. */
  #expected = 0
  #gapTimer: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined
  #readAgain = false
  #isClosed = false
  #waiting: { readonly seq: Seq; readonly resolve: () => void }[] = []

  constructor(source: FeedSource, listeners: RoomListeners, gapMs: number, head: Position) {
    this.#source = source
    this.#listeners = listeners
    this.#gapMs = gapMs
    this.#head = head
  }

  get head(): Position {
    return this.#head
  }

  /** Takes a change that has been published. Listeners have it when this returns, if its turn has come. */
  receive(linked: LinkedChange): void {
    const { epoch, seq, tag } = linked.change.position
    if (epoch !== this.#head.epoch || (seq === this.#head.seq && tag !== this.#head.tag)) return void this.readOn()
    if (seq <= this.#head.seq) return
    if (seq > this.#head.seq + 1) return this.#hold(linked)
    this.#deliverNext(linked)
    this.#deliverHeld()
  }

  /** Resolves once listeners have the change at `position`, or will not get it soon. */
  async reached({ epoch, seq }: Position): Promise<void> {
    const isOther = epoch !== this.#head.epoch
    if (this.#isClosed || (!isOther && this.#head.seq >= seq)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, MAX_WAIT_MS)
    if (isOther) void this.readOn().then(resolve)
    else {
      this.#waiting.push({ seq, resolve })
      // Of a write that was in the log already, this process may have heard nothing.
      this.#expect(seq)
    }
    await promise
    clearTimeout(timer)
  }

  /** Compares where the log stood with where this feed stood when it was asked. */
  compare(stood: Position, logged: Position): void {
    const isOther = logged.epoch !== stood.epoch || logged.seq < stood.seq
    const isFork = logged.seq === stood.seq && logged.tag !== stood.tag
    if (isOther || isFork) return void this.readOn()
    // What is missing may be on its way. What came meanwhile, if anything did, continues what was compared.
    if (logged.seq > this.#head.seq) this.#expect(logged.seq)
  }

  /**
   * Hands listeners what the log has and they have not, or tells them that it is another log. Resolves when they have all that was
   * in the log when this was called, or the log could not be reached.
   */
  readOn(): Promise<void> {
    this.#readAgain = true
    return (this.#reading ??= this.#readAll())
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#gapTimer)
    this.#release()
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#readAgain && !this.#isClosed) {
        this.#readAgain = false
        await this.#readToEnd()
      }
    } catch {
      // It is tried again when Redis is back, and at the next comparison.
      this.#release()
    } finally {
      // At once: whoever asks from here on would be asking a reading that is over.
      this.#reading = undefined
    }
  }

  async #readToEnd(): Promise<void> {
    for (;;) {
      const read = await this.#source.read(this.#head, PAGE)
      if (this.#isClosed) return
      if (read.status === 'reset') return await this.#reset(read.reason)
      for (const change of read.changes) if (change.position.seq > this.#head.seq) this.#deliver(change)
      // Where the last changes read were replaced by later ones that were read too, there is nothing to hand out for them.
      if (read.position.seq > this.#head.seq) this.#head = read.position
      this.#deliverHeld()
      if (this.#head.seq >= read.head.seq) return
    }
  }

  async #reset(reason: ResetReason): Promise<void> {
    // Some of what was accepted is lost, and whoever wrote it may stand before the fork: a new epoch tells everybody.
    if (reason === 'fork' || reason === 'ahead') await this.#source.reportLoss(this.#head.epoch)
    this.#head = await this.#source.head()
    this.#held.clear()
    this.#expected = this.#head.seq
    this.#release()
    for (const { listener } of this.#listeners) listener.onReset(reason)
  }

  #hold(linked: LinkedChange): void {
    const { seq } = linked.change.position
    if (this.#held.size < MAX_HELD) this.#held.set(seq, linked)
    this.#expect(seq)
  }

  /** Reads the log unless listeners get on towards `seq` by themselves. */
  #expect(seq: Seq): void {
    this.#expected = Math.max(this.#expected, seq)
    const from = this.#head.seq
    this.#gapTimer ??= setTimeout(() => {
      this.#gapTimer = undefined
      if (this.#isClosed || this.#head.seq >= this.#expected) return
      // What is late may be behind others that are coming in; when none does, it is lost.
      if (this.#head.seq > from) this.#expect(seq)
      else void this.readOn()
    }, this.#gapMs)
  }

  /** Hands out the change at the next seq if it continues what was handed out, else what the log has in its place. */
  #deliverNext({ change, before }: LinkedChange): void {
    if (before === this.#head.tag) return this.#deliver(change)
    // Whoever waits for it has what there is of it then.
    void this.readOn().then(() => this.#release(change.position.seq))
  }

  #deliver(change: Change): void {
    this.#head = change.position
    for (const { listener } of this.#listeners) listener.onChange(change)
  }

  #deliverHeld(): void {
    for (const seq of this.#held.keys()) if (seq <= this.#head.seq) this.#held.delete(seq)
    for (let next; (next = this.#held.get((this.#head.seq + 1) as Seq));) {
      this.#held.delete(next.change.position.seq)
      this.#deliverNext(next)
    }
    if (this.#waiting.length > 0) this.#release(this.#head.seq)
  }

  #release(upTo: number = Infinity): void {
    const due = this.#waiting.filter(({ seq }) => seq <= upTo)
    this.#waiting = this.#waiting.filter(({ seq }) => seq > upTo)
    for (const { resolve } of due) resolve()
  }
}
