import { ChatError } from '../protocol/errors.ts'
import type { Epoch, MessageId, RoomId, Seq, UserId } from '../protocol/ids.ts'
import type { Position, User } from '../protocol/message.ts'
import type { Archive } from './archive.ts'
import type {
  Append,
  Appended,
  Backend,
  BackendEnvironment,
  BroadcastListener,
  CatchUp,
  Change,
  Extent,
  Members,
  Page,
  PageQuery,
  RoomListener,
  StoredMessage,
  Subscription,
} from './backend.ts'
import { batches } from './batches.ts'
import { Broadcasts } from './broadcasts.ts'
import { GroupCommit } from './group-commit.ts'
import type { CommitSchedule } from './group-commit.ts'
import { LocalArchive } from './local-archive.ts'
import { LocalFanOut } from './local-fan-out.ts'
import { positionAt, readChanges, readPage } from './log-reader.ts'
import type { LogStore } from './log-store.ts'
import { LogWriter } from './log-writer.ts'
import { RoomCache } from './room-cache.ts'

/** Milliseconds after which a command that could not be carried out may be tried again. */
const RETRY_AFTER_MS = 2_000

/** Changes that one transaction trims, so that appends come in between. */
const TRIM_BATCH = 500

/** Changes that are counted at a time, in a millisecond at most. */
const COUNT_BATCH = 20_000

/** Rooms named at a time. */
const ROOMS_BATCH = 32

const SECRET_BYTES = 32

/** A backend that has its log for itself: every writer and every listener is in this process. */
export class LocalBackend implements Backend {
  readonly archive: Archive
  readonly #store: LogStore
  readonly #environment: BackendEnvironment
  readonly #rooms: RoomCache
  readonly #writer: LogWriter
  readonly #commits: GroupCommit
  readonly #fanOut = new LocalFanOut()
  readonly #broadcasts = new Broadcasts()
  #isOpen = true

  /** The store is the backend's from now on, which closes it. `schedule`: when it commits; by default at the end of each turn that wrote. */
  constructor(store: LogStore, environment: BackendEnvironment, schedule: CommitSchedule = environment) {
    this.#store = store
    this.#environment = environment
    this.#rooms = new RoomCache(store)
    this.#writer = new LogWriter(store, this.#rooms, environment)
    this.#commits = new GroupCommit({
      transaction: (work) => this.#writer.transaction(work),
      schedule,
      refusal: unavailable,
    })
    this.archive = new LocalArchive(store, this.#rooms, this.#writer, (work) => this.#access(work))
  }

  append(append: Append): Promise<Appended> {
    if (!this.#isOpen) return Promise.reject(closed())
    let change: Change | undefined
    return this.#commits.add({
      apply: () => {
        const written = this.#writer.append(append)
        change = written.change
        return written.answer
      },
      announce: () => change && this.#fanOut.publish(append.room, change),
    })
  }

  async readChanges(room: RoomId, since: Position, limit: number): Promise<CatchUp> {
    return this.#access(() => readChanges(this.#store, this.#rooms.find(room), since, limit))
  }

  async readPage(room: RoomId, query: PageQuery): Promise<Page> {
    return this.#access(() => readPage(this.#store, this.#rooms.find(room), query))
  }

  async findMessage(room: RoomId, id: MessageId): Promise<StoredMessage | undefined> {
    return this.#access(() => this.#store.findMessage(this.#rooms.find(room).id, id))
  }

  async head(room: RoomId): Promise<Position> {
    return this.#access(() => this.#rooms.find(room).head)
  }

  async subscribe(room: RoomId, listener: RoomListener): Promise<Subscription> {
    // A listener may subscribe another one while the changes of a group, which are all in the log already, are being
    // published one after the other: that one would be given a head past changes it still gets. After the turn it is not.
    await Promise.resolve()
    const { head } = this.#access(() => this.#rooms.find(room))
    return { head, close: this.#fanOut.listen(room, listener) }
  }

  signal(room: RoomId, payload: string): void {
    this.#fanOut.signal(room, payload)
  }

  async broadcast(payload: string): Promise<void> {
    this.#requireOpen()
    this.#broadcasts.send(payload)
  }

  listen(listener: BroadcastListener): () => void {
    return this.#broadcasts.listen(listener)
  }

  enter(room: RoomId, user: User): void {
    this.#fanOut.enter(room, user)
  }

  exit(room: RoomId, user: UserId): void {
    this.#fanOut.exit(room, user)
  }

  async members(room: RoomId, limit: number): Promise<Members> {
    return this.#fanOut.members(room, limit)
  }

  async advanceMarker(room: RoomId, user: UserId, seq: Seq): Promise<Seq> {
    this.#requireOpen()
    const marker = await this.#commits.add({
      apply: () => this.#writer.advanceMarker(room, user, seq),
      announce: ({ moved, seq: to }) => moved && this.#fanOut.moveMarker(room, user, to),
    })
    return marker.seq
  }

  async marker(room: RoomId, user: UserId): Promise<Seq> {
    return this.#access(() => this.#store.findMarker(this.#rooms.find(room).id, user))
  }

  async *rooms(): AsyncGenerator<readonly RoomId[]> {
    const names = batches(this.#store.rooms(), ROOMS_BATCH)
    for (;;) {
      const { value, done } = this.#access(() => names.next())
      if (done === true) return
      yield value
    }
  }

  async extent(room: RoomId): Promise<Extent> {
    const { head, trimmed } = this.#access(() => this.#rooms.find(room))
    return { start: { epoch: head.epoch, ...trimmed }, head }
  }

  async countMessages(room: RoomId): Promise<number> {
    const { id, head, trimmed } = this.#access(() => this.#rooms.find(room))
    // Every other change is the newest one of its message.
    let superseded = 0
    for (let after = trimmed.seq; after < head.seq;) {
      const upTo = Math.min(after + COUNT_BATCH, head.seq) as Seq
      superseded += this.#access(() => this.#store.countSuperseded(id, after, upTo))
      after = upTo
      if (after < head.seq) await new Promise<void>((resolve) => this.#environment.defer(resolve))
    }
    return head.seq - trimmed.seq - superseded
  }

  async trim(room: RoomId, seq: Seq, epoch?: Epoch): Promise<number> {
    let removed = 0
    for (;;) {
      const to = this.#access(() => this.#findBatchEnd(room, seq, epoch))
      if (!to) return removed
      // With what else is written in this turn: one flush of the disk is enough for both.
      removed += await this.#commits.add({ apply: () => this.#writer.trim(room, to), announce: () => {} })
    }
  }

  /** Nobody else is here to do the work. */
  async lease(): Promise<boolean> {
    return true
  }

  async secret(name: string): Promise<Uint8Array> {
    return this.#access(() => {
      const known = this.#store.findSecret(name)
      if (known) return known
      const bytes = Uint8Array.from(this.#environment.randomBytes(SECRET_BYTES))
      this.#store.transaction(() => this.#store.addSecret(name, bytes))
      return bytes
    })
  }

  async ping(): Promise<void> {
    this.#requireOpen()
    // Only a write shows that the disk takes one. It shares the commit of whatever else this turn writes.
    await this.#commits.add({ apply: () => this.#store.touch(this.#environment.now()), announce: () => {} })
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#commits.flush()
    this.#isOpen = false
    this.#fanOut.clear()
    this.#store.close()
  }

  /** The last of the changes up to `seq` that are trimmed next; undefined where all are, or the log is another one than that of `epoch`. */
  #findBatchEnd(name: RoomId, seq: Seq, epoch: Epoch | undefined): Position | undefined {
    const room = this.#rooms.find(name)
    if (epoch !== undefined && epoch !== room.head.epoch) return undefined
    const end = Math.min(seq, room.head.seq)
    if (end <= room.trimmed.seq) return undefined
    return positionAt(this.#store, room, Math.min(end, room.trimmed.seq + TRIM_BATCH) as Seq)
  }

  #access<Result>(work: () => Result): Result {
    this.#requireOpen()
    try {
      return work()
    } catch (cause) {
      throw cause instanceof ChatError || cause instanceof RangeError ? cause : unavailable(cause)
    }
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw closed()
  }
}

function closed(): ChatError {
  return unavailable(new Error('the backend is closed'))
}

function unavailable(cause: unknown): ChatError {
  return new ChatError('unavailable', 'the log cannot be reached right now', { retryAfterMs: RETRY_AFTER_MS, cause })
}
