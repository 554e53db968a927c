import type { RoomId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { Position } from '../protocol/message.ts'
import type { Append, Appended, BackendEnvironment, Change } from './backend.ts'
import type { Commit } from './group-commit.ts'
import { UNSTORED } from './log-store.ts'
import type { LogStore, Mark, SentWrite, StoredRoom } from './log-store.ts'
import { RandomText } from './random-text.ts'
import type { RoomCache } from './room-cache.ts'

/** 30 bits: what the chance that two histories drew one tag for one seq is made of. */
const TAG_LENGTH = 5

/** Milliseconds for which the key of a write is remembered. */
const KEY_LIFETIME_MS = 24 * 60 * 60 * 1_000

/** Milliseconds between two looks for keys to forget, once there were none left. */
const FORGET_INTERVAL_MS = 60_000

/** Keys that one transaction forgets at least; twice what it appended where that is more, so that forgetting outruns remembering. */
const FORGET_BATCH = 200

export interface Written {
  readonly answer: Appended
  /** What to publish; absent where nothing changed. */
  readonly change?: Change
}

/** The rules of the log, as writes meet them. What a transaction has done to the heads of rooms is seen by its own later writes, and by nobody else until it is committed. */
export class LogWriter {
  readonly #store: LogStore
  readonly #rooms: RoomCache
  readonly #environment: BackendEnvironment
  readonly #tags: RandomText
  #changed = new Map<RoomId, StoredRoom>()
  #appends = 0
  #forgotAt = -Infinity

  constructor(store: LogStore, rooms: RoomCache, environment: BackendEnvironment) {
    this.#store = store
    this.#rooms = rooms
    this.#environment = environment
    this.#tags = new RandomText(environment)
  }

  /** Runs `work` as one durable transaction, and returns what it held. `append`, `advanceMarker` and `trim` are for within it. */
  transaction(work: () => void): Commit {
    try {
      this.#store.transaction(() => {
        work()
        for (const room of this.#changed.values()) this.#store.saveHead(room)
        if (this.#appends > 0) this.#forgetOldKeys()
      })
      for (const room of this.#changed.values()) this.#rooms.set(room)
      return { appends: this.#appends, rooms: this.#changed.size }
    } finally {
      // Another map: a cleared one's old table refers to its new table, and so, grown old, keeps all that come after from being collected.
      this.#changed = new Map()
      this.#appends = 0
    }
  }

  append(append: Append): Written {
    const room = this.#findOrAdd(append)
    if (room.id === UNSTORED) return { answer: { status: 'conflict' } }
    const position = this.#nextPosition(room)
    // Before the message: this also finds out whether the write is a repeat, without asking for it.
    if (!this.#store.addSent(room.id, position, append, this.#environment.now())) {
      return { answer: repeat(append, room, this.#store.findSent(room.id, append.sender, append.key)) }
    }
    const seq = this.#write(room, position, append)
    if (seq === undefined) {
      this.#store.removeSent(room.id, append.sender, append.key)
      return { answer: { status: 'conflict' } }
    }
    this.#changed.set(room.name, { ...room, head: position })
    this.#appends++
    return {
      answer: { status: 'appended', position, messageId: append.messageId, duplicate: false },
      change: { position, message: { id: append.messageId, seq, rev: position.seq, body: append.body } },
    }
  }

  advanceMarker(name: RoomId, user: UserId, seq: Seq): { readonly seq: Seq; readonly moved: boolean } {
    const room = this.#find(name)
    const before = this.#store.findMarker(room.id, user)
    const wanted = Math.min(seq, room.head.seq) as Seq
    if (wanted <= before) return { seq: before, moved: false }
    this.#store.saveMarker(room.id, user, wanted)
    return { seq: wanted, moved: true }
  }

  /** Removes the changes up to `to`, which is one of them, and their messages. Returns how many messages that were. */
  trim(name: RoomId, to: Mark): number {
    const room = this.#find(name)
    if (to.seq <= room.trimmed.seq) return 0
    const trimmed = { ...room, trimmed: { seq: to.seq, tag: to.tag } }
    const removed = this.#store.removeChanges(room.id, room.trimmed.seq, to.seq)
    this.#store.saveTrimmed(trimmed)
    this.#changed.set(name, trimmed)
    return removed
  }

  #find(name: RoomId): StoredRoom {
    return this.#changed.get(name) ?? this.#rooms.find(name)
  }

  /** A room begins with its first post; there is nothing to revise in one that has not begun. */
  #findOrAdd({ room: name, rev }: Append): StoredRoom {
    const room = this.#find(name)
    return room.id === UNSTORED && rev === undefined ? this.#store.addRoom(name, this.#store.epoch) : room
  }

  #nextPosition({ head }: StoredRoom): Position {
    return { epoch: head.epoch, seq: (head.seq + 1) as Seq, tag: this.#tags.next(TAG_LENGTH) as Tag }
  }

  /** The seq of the message written, or undefined where it is not as the writer saw it. */
  #write(room: StoredRoom, position: Position, append: Append): Seq | undefined {
    if (append.rev !== undefined) return this.#store.reviseMessage(room.id, position, append, append.rev)
    return this.#store.addMessage(room.id, position, append) ? position.seq : undefined
  }

  #forgetOldKeys(): void {
    const now = this.#environment.now()
    // The distance, so that a clock set back by a year does not stop this for a year.
    if (Math.abs(now - this.#forgotAt) < FORGET_INTERVAL_MS) return
    const limit = Math.max(FORGET_BATCH, 2 * this.#appends)
    const forgotten = this.#store.forgetSent(now - KEY_LIFETIME_MS, limit)
    if (forgotten < limit) this.#forgotAt = now
  }
}

function repeat(append: Append, room: StoredRoom, sent: SentWrite | undefined): Appended {
  if (sent?.digest !== append.digest) return { status: 'key_reused' }
  const { seq, tag, messageId } = sent
  return { status: 'appended', position: { epoch: room.head.epoch, seq, tag }, messageId, duplicate: true }
}
