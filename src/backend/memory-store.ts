import type { Epoch, Key, MessageId, RoomId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { KeptWrite, LoggedChange, RoomMarker } from './archive.ts'
import type { Append, BackendEnvironment, StoredMessage } from './backend.ts'
import { drawEpoch } from './epoch.ts'
import type { LogStore, Mark, SentKey, SentWrite, StoredRoom } from './log-store.ts'
import { MemoryRoom } from './memory-room.ts'

/** The tables as maps and arrays. Nothing in here fails, so a transaction has nothing to undo. */
export class MemoryStore implements LogStore {
  #epoch: Epoch
  readonly #rooms = new Map<RoomId, StoredRoom>()
  /** By the room's id. The first stands for every room that is not stored, and stays empty. */
  readonly #contents: MemoryRoom[] = [new MemoryRoom()]
  /** In the order they were sent. */
  readonly #sent = new Map<string, SentWrite & SentKey & { readonly room: number; readonly time: number }>()
  readonly #secrets = new Map<string, Uint8Array>()
  readonly #notes = new Map<string, string>()

  constructor(environment: BackendEnvironment) {
    this.#epoch = drawEpoch(environment)
  }

  get epoch(): Epoch {
    return this.#epoch
  }

  transaction(work: () => void): void {
    work()
  }

  findRoom(name: RoomId): StoredRoom | undefined {
    return this.#rooms.get(name)
  }

  addRoom(name: RoomId, epoch: Epoch): StoredRoom {
    const start = { seq: 0 as Seq, tag: '' as Tag }
    const room = { id: this.#contents.length, name, head: { epoch, ...start }, trimmed: start }
    this.#contents.push(new MemoryRoom())
    this.saveHead(room)
    return room
  }

  saveHead(room: StoredRoom): void {
    this.#rooms.set(room.name, room)
  }

  saveTrimmed(room: StoredRoom): void {
    this.#rooms.set(room.name, room)
  }

  addMessage(room: number, { seq, tag }: Mark, { messageId, body }: Append): boolean {
    return this.#in(room).add({ id: messageId, seq, rev: seq, body }, tag)
  }

  reviseMessage(room: number, at: Mark, { messageId, body }: Append, rev: Seq): Seq | undefined {
    return this.#in(room).revise(messageId, rev, at, body)
  }

  findMessage(room: number, id: MessageId): StoredMessage | undefined {
    return this.#in(room).find(id)
  }

  messagesBefore(room: number, seq: Seq): Iterable<StoredMessage> {
    return this.#in(room).before(seq)
  }

  messagesAfter(room: number, seq: Seq): Iterable<StoredMessage> {
    return this.#in(room).after(seq)
  }

  messagesChangedWithin(room: number, after: Seq, upTo: Seq): Iterable<StoredMessage> {
    return this.#in(room).changedWithin(after, upTo)
  }

  findTag(room: number, seq: Seq): Tag | undefined {
    return this.#in(room).tagAt(seq)
  }

  countSuperseded(room: number, after: Seq, upTo: Seq): number {
    return this.#in(room).countSuperseded(after, upTo)
  }

  removeChanges(room: number, _after: Seq, upTo: Seq): number {
    return this.#in(room).removeChanges(upTo)
  }

  findSent(room: number, sender: UserId, key: Key): SentWrite | undefined {
    return this.#sent.get(sentName(room, sender, key))
  }

  addSent(room: number, { seq, tag }: Mark, { sender, key, digest, messageId }: SentKey, time: number): boolean {
    const name = sentName(room, sender, key)
    if (this.#sent.has(name)) return false
    this.#sent.set(name, { room, sender, key, digest, seq, tag, messageId, time })
    return true
  }

  removeSent(room: number, sender: UserId, key: Key): void {
    this.#sent.delete(sentName(room, sender, key))
  }

  forgetSent(time: number, limit: number): number {
    let [seen, forgotten] = [0, 0]
    for (const [name, sent] of this.#sent) {
      if (seen++ === limit) break
      if (sent.time < time && this.#sent.delete(name)) forgotten++
    }
    return forgotten
  }

  findMarker(room: number, user: UserId): Seq {
    return this.#in(room).marker(user)
  }

  saveMarker(room: number, user: UserId, seq: Seq): void {
    this.#in(room).setMarker(user, seq)
  }

  findSecret(name: string): Uint8Array | undefined {
    return this.#secrets.get(name)
  }

  addSecret(name: string, bytes: Uint8Array): void {
    this.#secrets.set(name, bytes)
  }

  rooms(): Iterable<RoomId> {
    return this.#rooms.keys()
  }

  *markers(): Generator<RoomMarker> {
    for (const { id, name } of this.#rooms.values())
      for (const [user, seq] of this.#in(id).markers()) yield { room: name, user, seq }
  }

  *sentWrites(): Generator<KeptWrite> {
    const names = new Map([...this.#rooms.values()].map(({ id, name }) => [id, name]))
    for (const write of this.#sent.values()) {
      const room = names.get(write.room)
      if (room !== undefined) yield { ...write, room }
    }
  }

  secrets(): Iterable<readonly [string, Uint8Array]> {
    return this.#secrets
  }

  changesWithin(room: number, after: Seq, upTo: Seq): readonly LoggedChange[] {
    return this.#in(room).changesWithin(after, upTo)
  }

  saveEpoch(epoch: Epoch): void {
    this.#epoch = epoch
  }

  restoredSeq({ id, trimmed }: StoredRoom): Seq {
    return Math.max(this.#in(id).end, trimmed.seq) as Seq
  }

  restoreChange(room: number, change: LoggedChange): void {
    this.#in(room).restore(change)
  }

  findNote(name: string): string | undefined {
    return this.#notes.get(name)
  }

  saveNote(name: string, text: string): void {
    this.#notes.set(name, text)
  }

  removeNote(name: string): void {
    this.#notes.delete(name)
  }

  touch(): void {}

  close(): void {}

  #in(room: number): MemoryRoom {
    const contents = this.#contents[room]
    if (!contents) throw new RangeError(`no room has the id ${room}`)
    return contents
  }
}

/** Unambiguous: a key holds no space. */
function sentName(room: number, sender: UserId, key: Key): string {
  return `${room} ${key} ${sender}`
}
