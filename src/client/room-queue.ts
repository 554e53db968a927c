import { ChatError } from '../protocol/errors.ts'
import type { Answer } from '../protocol/events.ts'
import type { Key, Seq } from '../protocol/ids.ts'
import { revisionOf } from '../protocol/message.ts'
import type { Message } from '../protocol/message.ts'
import { createDeferred } from './deferred.ts'
import type { Entry, Failure, Write } from './entry.ts'
import { isTransient, readdressed, targetOf } from './entry.ts'
import type { ClientEnvironment } from './environment.ts'
import { LateWatch } from './late-watch.ts'
import { Pace } from './pace.ts'
import { RecentWrites } from './recent-writes.ts'
import type { FailureCode, Notice, Refusal, Sending, Stored } from './types.ts'

/** Milliseconds for which the server knows a key. What is older and may have been sent is not sent again unasked. */
const KEY_LIFE_MS = 86_400_000

const QUEUED = { status: 'queued' } as const
const TRIED = { status: 'queued', tried: true } as const

export interface QueueHost {
  readonly environment: Pick<ClientEnvironment, 'now' | 'setTimer'>
  readonly request: (write: Write, onAnswer: (answer: Answer) => void) => void
  /** Keeps the entry, as it is now, over a reload. */
  readonly save: (entry: Entry) => void
  readonly erase: (entry: Entry) => void
}

/**
 * One room's writes, from the user's hand to the log.
 *
 * They are sent in the order they were written in, without waiting for each other's answers, as fast as the server takes them. A write that
 * had to wait while a later one to the same target went through is not sent any more, as that would change their order.
 */
export class RoomQueue {
  readonly #host: QueueHost
  readonly #entries = new Map<Key, Entry>()
  readonly #inFlight = new Set<Entry>()
  readonly #recent = new RecentWrites()
  /** By target: the order of the last write that was stored. */
  readonly #passed = new Map<string, number>()
  readonly #pace: Pace
  readonly #lateWatch: LateWatch
  #lastOrder = 0
  #isOpen = false
  /** Whether stored entries are kept until `settle()`: somebody shows them. */
  isShown = false
  onChange: () => void = () => {}
  onRefused: (refusal: Refusal) => void = () => {}
  /** There is a write that is not this tab's, and may be in the log already. */
  onAdopted: () => void = () => {}

  constructor(host: QueueHost) {
    this.#host = host
    this.#pace = new Pace(host.environment, () => {
      this.#flush()
      this.onChange()
    })
    this.#lateWatch = new LateWatch(host.environment, this.#inFlight, () => this.onChange())
  }

  /** In the order in which they are to be stored. */
  get entries(): Iterable<Entry> {
    return this.#entries.values()
  }

  /** Why sending is paused. */
  get notice(): Notice | undefined {
    return this.#pace.notice
  }

  add(write: Write): Sending {
    const { promise: stored, resolve, reject } = createDeferred<Stored>()
    // A refusal is also in the room's state and an event, so nobody has to wait for the promise.
    stored.catch(() => {})
    this.#put({ write, order: ++this.#lastOrder, at: this.#host.environment.now(), state: QUEUED, resolve, reject })
    return { key: write.key, stored }
  }

  /** Takes over what another tab left, `failure` where it had failed there. */
  adopt(write: Write, at: number, failure: Failure | undefined): void {
    const known = this.#entries.get(write.key)
    if (known?.state.status === 'stored') this.#host.erase(known)
    if (known) return
    this.#put({ write, order: ++this.#lastOrder, at, state: failure ? { status: 'failed', ...failure } : QUEUED })
    this.#reorder([...this.#entries.values()].toSorted((a, b) => (a.write.key < b.write.key ? -1 : 1)))
    this.onAdopted()
  }

  /** The connection takes writes. */
  open(): void {
    this.#isOpen = true
    this.#flush()
  }

  /** The connection is gone: what it did not answer is sent again on the next one. */
  close(): void {
    this.#isOpen = false
    for (const entry of this.#inFlight) entry.state = TRIED
    this.#inFlight.clear()
    this.#lateWatch.stop()
    this.#pace.release()
    this.onChange()
  }

  retry(key: Key): void {
    const entry = this.#entries.get(key)
    if (entry?.state.status === 'failed') {
      this.#entries.delete(key)
      this.#put({ ...entry, order: ++this.#lastOrder, at: this.#host.environment.now(), state: QUEUED })
    } else if (entry && this.#inFlight.delete(entry)) {
      entry.state = QUEUED
      this.#flush()
      this.onChange()
    }
  }

  discard(key: Key): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.state.status === 'stored') return
    this.#drop(entry, aborted('This was discarded.'))
    this.#flush()
    this.onChange()
  }

  /** Forgets everything, leaving it in the storage. */
  abandon(): void {
    this.close()
    for (const entry of this.#entries.values()) entry.reject?.(aborted('not stored yet'))
    this.#entries.clear()
  }

  /** A message of this user's is in the log as it now stands: perhaps by a post whose ack was lost, or an edit that was held and then released. */
  seen(message: Message): void {
    const { key, editKey, id: messageId, seq } = message
    const post = this.#entries.get(key)
    if (post?.write.type === 'post' && post.state.status !== 'stored') this.#confirm(post, { messageId, seq })
    const edit = editKey === undefined ? undefined : this.#entries.get(editKey)
    // An edit that is still to be acked is left to its ack: of those before it, which may be in the log as well, nothing can be seen here.
    if (edit?.state.status === 'failed') this.#confirm(edit, { messageId, seq: revisionOf(message) })
    this.#flush()
  }

  /** The room shows every change up to `seq`: entries stored by then are no longer needed to show them. */
  settle(seq: Seq | number): void {
    for (const { state, write } of this.#entries.values()) {
      if (state.status === 'stored' && state.seq <= seq) this.#entries.delete(write.key)
    }
  }

  /** The log may have lost changes: offers what was stored lately again, under the old keys, before everything else. */
  reofferRecent(): void {
    this.settle(Infinity)
    const lost = this.#recent.takeAll(this.#host.environment.now() - KEY_LIFE_MS)
    this.#reorder([...lost, ...this.#entries.values()])
    this.#flush()
  }

  saveAll(): void {
    for (const entry of this.#entries.values()) if (entry.state.status !== 'stored') this.#host.save(entry)
  }

  eraseAll(): void {
    for (const entry of this.#entries.values()) this.#host.erase(entry)
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.write.key, entry)
    this.#host.save(entry)
    this.#dropSuperseded(targetOf(entry.write))
    this.#flush()
    this.onChange()
  }

  #reorder(entries: readonly Entry[]): void {
    this.#entries.clear()
    for (const entry of entries) this.#entries.set(entry.write.key, entry)
  }

  #flush(): void {
    if (!this.#isOpen || this.#pace.notice) return
    for (const entry of this.#entries.values()) {
      if (entry.state.status !== 'queued') continue
      // What is offered again goes one by one: later ones may need the ids that earlier ones get.
      if (this.#inFlight.size >= (entry.lost === undefined ? this.#pace.window : 1)) return
      this.#send(entry)
    }
  }

  #send(entry: Entry): void {
    const at = this.#host.environment.now()
    if (at - entry.at >= KEY_LIFE_MS) return this.#fail(entry, 'expired', 'This was written more than a day ago.')
    entry.state = { status: 'sent', at }
    this.#inFlight.add(entry)
    this.#lateWatch.start()
    this.#host.request(entry.write, (answer) => this.#receive(entry, answer))
  }

  #receive(entry: Entry, answer: Answer): void {
    if (!this.#inFlight.delete(entry)) return
    if (answer.type === 'ack') {
      this.#store(entry, { messageId: answer.messageId, seq: answer.position.seq })
    } else if (answer.type === 'error' && isTransient(answer.code)) {
      entry.state = TRIED
      this.#failIfPassed(entry)
      this.#pace.hold(answer.code, answer)
    } else if (answer.type === 'error') {
      this.#fail(entry, answer.code, answer.message, new ChatError(answer.code, answer.message))
    }
    this.#flush()
    this.onChange()
  }

  #confirm(entry: Entry, stored: Stored): void {
    this.#inFlight.delete(entry)
    this.#store(entry, stored)
  }

  #store(entry: Entry, stored: Stored): void {
    this.#pace.quicken()
    entry.state = { status: 'stored', ...stored }
    this.#host.erase(entry)
    this.#recent.add(entry, stored.messageId)
    if (entry.lost === undefined) this.#pass(entry)
    // A lost message may have got another id: what was written to it is meant for that one.
    else
      for (const other of this.#entries.values()) other.write = readdressed(other.write, entry.lost, stored.messageId)
    if (!this.isShown || entry.lost !== undefined) this.#entries.delete(entry.write.key)
    entry.resolve?.(stored)
  }

  /** What had to wait is not sent after `stored`, if it was written before that. */
  #pass(stored: Entry): void {
    const target = targetOf(stored.write)
    this.#passed.set(target, Math.max(stored.order, this.#passed.get(target) ?? 0))
    for (const entry of this.#entries.values()) if (targetOf(entry.write) === target) this.#failIfPassed(entry)
  }

  #failIfPassed(entry: Entry): void {
    const { state, order, lost, write } = entry
    if (state.status !== 'queued' || !state.tried || lost !== undefined) return
    if (order < (this.#passed.get(targetOf(write)) ?? 0)) {
      this.#fail(entry, 'overtaken', 'What was written after this was stored before it.')
    }
  }

  /** What people typed is kept, for them to decide. */
  #fail(entry: Entry, code: FailureCode, message: string, error: Error = aborted(message)): void {
    const { type: kind, key } = entry.write
    if (entry.lost === undefined && (kind === 'post' || kind === 'edit')) {
      entry.state = { status: 'failed', code, message }
      this.#host.save(entry)
      entry.reject?.(error)
      this.#dropSuperseded(targetOf(entry.write))
    } else this.#drop(entry, error)
    if (entry.lost === undefined) this.onRefused({ key, kind, code, message })
  }

  /** Once the user has changed a message anew, a change to it that failed before is of no interest. */
  #dropSuperseded(target: string): void {
    const changes = [...this.#entries.values()].filter(
      ({ write }) => (write.type === 'edit' || write.type === 'delete') && write.messageId === target,
    )
    for (const entry of changes.slice(0, -1)) {
      if (entry.state.status === 'failed') this.#drop(entry, aborted('The message was changed anew.'))
    }
  }

  #drop(entry: Entry, error: Error): void {
    this.#entries.delete(entry.write.key)
    this.#inFlight.delete(entry)
    this.#host.erase(entry)
    entry.reject?.(error)
  }
}

function aborted(message: string): DOMException {
  return new DOMException(message, 'AbortError')
}
