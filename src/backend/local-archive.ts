import type { Epoch, RoomId, Seq } from '../protocol/ids.ts'
import type { Archive, ArchivePart, ArchiveState, KeptWrite } from './archive.ts'
import { batches } from './batches.ts'
import { UNSTORED } from './log-store.ts'
import type { LogStore, StoredRoom } from './log-store.ts'
import type { LogWriter } from './log-writer.ts'
import type { RoomCache } from './room-cache.ts'

/** Changes, markers or writes in one part. */
const BATCH = 128

/** Note of a restore under way: the epoch of the chat that is restored. */
export const RESTORING = 'restoring'
/** Note of what was restored. */
const RESTORED = 'restored'

/** Runs work on the store, and turns what that throws into what a backend rejects with. */
type Access = <Result>(work: () => Result) => Result

/** The archive of a log that one process has for itself. */
export class LocalArchive implements Archive {
  readonly #store: LogStore
  readonly #rooms: RoomCache
  readonly #writer: LogWriter
  readonly #access: Access

  constructor(store: LogStore, rooms: RoomCache, writer: LogWriter, access: Access) {
    this.#store = store
    this.#rooms = rooms
    this.#writer = writer
    this.#access = access
  }

  async *read(): AsyncGenerator<ArchivePart> {
    yield { type: 'epoch', epoch: this.#access(() => this.#store.epoch) }
    for (const [name, bytes] of this.#each(this.#store.secrets())) yield { type: 'secret', name, bytes }
    for (const name of this.#each(this.#store.rooms())) yield* this.#readRoom(name)
    for (const markers of this.#each(batches(this.#store.markers(), BATCH))) yield { type: 'markers', markers }
    for (const writes of this.#each(batches(this.#store.sentWrites(), BATCH))) yield { type: 'writes', writes }
  }

  async state(): Promise<ArchiveState> {
    return this.#access((): ArchiveState => {
      const restoring = this.#store.findNote(RESTORING)
      if (restoring !== undefined) return { status: 'restoring', epoch: restoring as Epoch }
      const restored = this.#store.findNote(RESTORED)
      if (restored !== undefined) return { status: 'used', restored }
      const [room] = this.#store.rooms()
      return { status: room === undefined ? 'empty' : 'used' }
    })
  }

  async beginRestore(epoch: Epoch): Promise<void> {
    this.#write(() => this.#store.saveNote(RESTORING, epoch))
  }

  async restore(part: ArchivePart): Promise<void> {
    let room: StoredRoom | undefined
    this.#write(() => (room = this.#add(part)))
    if (room) this.#rooms.set(room)
  }

  async finishRestore(name: string): Promise<void> {
    this.#write(() => {
      this.#store.removeNote(RESTORING)
      this.#store.saveNote(RESTORED, name)
    })
  }

  *#readRoom(name: RoomId): Generator<ArchivePart> {
    const { id, trimmed, head } = this.#find(name)
    yield { type: 'room', room: name, epoch: head.epoch, trimmed: { seq: trimmed.seq, tag: trimmed.tag } }
    for (let after = trimmed.seq; ;) {
      // Others may have written since.
      const upTo = Math.min(after + BATCH, this.#find(name).head.seq) as Seq
      if (upTo === after) return
      yield { type: 'changes', room: name, changes: this.#access(() => this.#store.changesWithin(id, after, upTo)) }
      after = upTo
    }
  }

  #find(name: RoomId): StoredRoom {
    return this.#access(() => this.#rooms.find(name))
  }

  /** Returns the room that is another now, if one is. */
  #add(part: ArchivePart): StoredRoom | undefined {
    switch (part.type) {
      case 'epoch':
        this.#store.saveEpoch(part.epoch)
        return undefined
      case 'secret':
        this.#store.addSecret(part.name, part.bytes)
        return undefined
      case 'room':
        return this.#addRoom(part)
      case 'changes':
        return this.#addChanges(part)
      case 'markers':
        for (const { room, user, seq } of part.markers) this.#writer.advanceMarker(room, user, seq)
        return undefined
      default:
        for (const write of part.writes) this.#addWrite(write)
        return undefined
    }
  }

  #addRoom({ room: name, epoch, trimmed }: Extract<ArchivePart, { type: 'room' }>): StoredRoom | undefined {
    const known = this.#rooms.find(name)
    if (known.id !== UNSTORED && known.head.epoch !== epoch) throw otherLog(name)
    if (known.id !== UNSTORED && known.trimmed.seq >= trimmed.seq) return undefined
    const room = known.id === UNSTORED ? this.#store.addRoom(name, epoch) : known
    if (trimmed.seq > room.trimmed.seq) this.#store.removeChanges(room.id, room.trimmed.seq, trimmed.seq)
    const end = this.#store.restoredSeq(room) > trimmed.seq ? room.head : { epoch, ...trimmed }
    const changed = { ...room, trimmed, head: end }
    this.#store.saveTrimmed(changed)
    return changed
  }

  #addChanges({ room: name, changes }: Extract<ArchivePart, { type: 'changes' }>): StoredRoom | undefined {
    const room = this.#rooms.find(name)
    let reached = this.#store.restoredSeq(room)
    for (const change of changes) {
      if (change.seq === reached && change.tag !== this.#tagAt(room, reached)) throw otherLog(name)
      if (change.seq <= reached) continue
      if (change.seq !== reached + 1) throw new RangeError(`room ${name}: change ${change.seq} comes after ${reached}`)
      this.#store.restoreChange(room.id, change)
      reached = change.seq
    }
    const last = changes.at(-1)
    if (last?.seq !== reached) return undefined
    const changed = { ...room, head: { epoch: room.head.epoch, seq: last.seq, tag: last.tag } }
    this.#store.saveHead(changed)
    return changed
  }

  #tagAt({ id, trimmed }: StoredRoom, seq: Seq): string | undefined {
    return seq === trimmed.seq ? trimmed.tag : this.#store.findTag(id, seq)
  }

  /** A write whose change is not there, since it was made while the chat was read, would be acked without being stored. */
  #addWrite({ room: name, time, ...write }: KeptWrite): void {
    const room = this.#rooms.find(name)
    if (write.seq <= room.head.seq) this.#store.addSent(room.id, write, write, time)
  }

  #write(work: () => unknown): void {
    this.#access(() => this.#store.transaction(work))
  }

  /** One step at a time, each of which may fail. */
  *#each<Item>(items: Iterable<Item>): Generator<Item> {
    const iterator = items[Symbol.iterator]()
    for (;;) {
      const step = this.#access(() => iterator.next())
      if (step.done === true) return
      yield step.value
    }
  }
}

function otherLog(room: RoomId): RangeError {
  return new RangeError(`room ${room} is there, with another log`)
}
