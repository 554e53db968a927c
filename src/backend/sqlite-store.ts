import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Epoch, Key, MessageId, RoomId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { KeptWrite, LoggedChange, RoomMarker } from './archive.ts'
import type { Append, StoredMessage } from './backend.ts'
import type { LogStore, Mark, SentKey, SentWrite, StoredRoom } from './log-store.ts'
import { PlaceIndex } from './sqlite-places.ts'
import type { Unplaced } from './sqlite-places.ts'
import { prepareStatements } from './sqlite-statements.ts'
import type { Statements } from './sqlite-statements.ts'

/** Rows that one step of reading all of a table takes. */
const READ_BATCH = 500

type Row = Readonly<Record<string, SQLOutputValue>>

interface RoomRow {
  readonly id: number
  readonly epoch: Epoch
  readonly trimmedSeq: Seq
  readonly trimmedTag: Tag
}

/** A message as it stands, and the tag of its newest change. */
type LoggedMessage = StoredMessage & Pick<Mark, 'tag'>

/** The tables in SQLite, through statements compiled once. The database is the store's from now on, which closes it. */
export class SqliteStore implements LogStore {
  readonly #database: DatabaseSync
  readonly #sql: Statements
  readonly #places: PlaceIndex
  #epoch: Epoch

  /** `newEpoch` is what a database gets that has none. */
  constructor(database: DatabaseSync, newEpoch: Epoch) {
    this.#database = database
    this.#sql = prepareStatements(database)
    this.#places = new PlaceIndex(this.#sql)
    this.#epoch = this.#findOrMakeEpoch(newEpoch)
  }

  get epoch(): Epoch {
    return this.#epoch
  }

  transaction(work: () => void): void {
    // One that could not be rolled back when it failed.
    if (this.#database.isTransaction) this.#undo()
    this.#sql.begin.run()
    try {
      work()
      this.#sql.commit.run()
    } catch (error) {
      this.#undo()
      throw error
    }
  }

  findRoom(name: RoomId): StoredRoom | undefined {
    const row = this.#sql.findRoom.get(name) as RoomRow | undefined
    if (!row) return undefined
    const trimmed = { seq: row.trimmedSeq, tag: row.trimmedTag }
    const { seq, tag } = this.#findNewestChange(row.id) ?? trimmed
    return { id: row.id, name, head: { epoch: row.epoch, seq, tag }, trimmed }
  }

  addRoom(name: RoomId, epoch: Epoch): StoredRoom {
    const { id } = this.#sql.addRoom.get(name, epoch) as { id: number }
    const start = { seq: 0 as Seq, tag: '' as Tag }
    return { id, name, head: { epoch, ...start }, trimmed: start }
  }

  /** The head is what the messages say it is. */
  saveHead(): void {}

  saveTrimmed({ id, trimmed }: StoredRoom): void {
    this.#sql.saveTrimmed.run(id, trimmed.seq, trimmed.tag)
  }

  addMessage(room: number, { seq, tag }: Mark, { messageId, body }: Append): boolean {
    const { changes, lastInsertRowid } = this.#sql.addMessage.run(room, seq, messageId, tag, body)
    if (changes === 0n) return false
    this.#places.add(room, seq, Number(lastInsertRowid))
    return true
  }

  reviseMessage(room: number, at: Mark, { messageId, body }: Append, rev: Seq): Seq | undefined {
    const old = this.#sql.findAtRev.get(room, rev, messageId) as Mark | undefined
    if (!old) return undefined
    this.#sql.addSuperseded.run(room, rev, old.tag)
    this.#sql.reviseMessage.run(room, messageId, at.seq, at.tag, body)
    return old.seq
  }

  findMessage(room: number, id: MessageId): StoredMessage | undefined {
    const row = this.#sql.findMessage.get(room, id)
    return row && toMessage(row as unknown as LoggedMessage)
  }

  *messagesBefore(room: number, seq: Seq): Generator<StoredMessage> {
    for (const row of this.#unplaced(room, 0, seq - 1).toReversed()) yield toMessage(row)
    yield* toMessages(this.#sql.messagesBefore.iterate(room, seq))
  }

  *messagesAfter(room: number, seq: Seq): Generator<StoredMessage> {
    yield* toMessages(this.#sql.messagesAfter.iterate(room, seq))
    yield* toMessages(this.#unplaced(room, seq))
  }

  messagesChangedWithin(room: number, after: Seq, upTo: Seq): readonly StoredMessage[] {
    return this.#standingWithin(room, after, upTo).map(toMessage)
  }

  findTag(room: number, seq: Seq): Tag | undefined {
    const [unplaced] = this.#unplaced(room, seq - 1, seq)
    if (unplaced?.rev === seq) return unplaced.tag
    const row = this.#sql.findTag.get(room, seq) as { tag: Tag } | undefined
    return row?.tag
  }

  countSuperseded(room: number, after: Seq, upTo: Seq): number {
    const { count } = this.#sql.countSuperseded.get(room, after, upTo) as { count: number }
    return count
  }

  removeChanges(room: number, after: Seq, upTo: Seq): number {
    this.#places.settle(room)
    const { removeAsPosted, removeRevised, removePlaced, removeSuperseded } = this.#sql
    const removed = [...removeAsPosted.all(room, after, upTo), ...removeRevised.all(room, after, upTo)]
    for (const { seq } of removed) removePlaced.run(room, seq!)
    removeSuperseded.run(room, upTo)
    return removed.length
  }

  findSent(room: number, sender: UserId, key: Key): SentWrite | undefined {
    return this.#sql.findSent.get(room, sender, key) as SentWrite | undefined
  }

  addSent(room: number, { seq, tag }: Mark, { sender, key, digest, messageId }: SentKey, time: number): boolean {
    return this.#sql.addSent.run(room, sender, key, Math.trunc(time), digest, seq, tag, messageId).changes === 1n
  }

  removeSent(room: number, sender: UserId, key: Key): void {
    this.#sql.removeSent.run(room, sender, key)
  }

  forgetSent(time: number, limit: number): number {
    return Number(this.#sql.forgetSent.run(time, limit).changes)
  }

  findMarker(room: number, user: UserId): Seq {
    const row = this.#sql.findMarker.get(room, user) as { seq: Seq } | undefined
    return row?.seq ?? (0 as Seq)
  }

  saveMarker(room: number, user: UserId, seq: Seq): void {
    this.#sql.saveMarker.run(room, user, seq)
  }

  findSecret(name: string): Uint8Array | undefined {
    const row = this.#sql.findMeta.get(`secret:${name}`) as { value: Uint8Array } | undefined
    return row?.value
  }

  addSecret(name: string, bytes: Uint8Array): void {
    this.#sql.saveMeta.run(`secret:${name}`, bytes)
  }

  *rooms(): Generator<RoomId> {
    for (const { name } of this.#readAll(({ id }) => this.#sql.roomsAfter.all(id, READ_BATCH), { id: 0, name: '' }))
      yield name as RoomId
  }

  *markers(): Generator<RoomMarker> {
    type MarkerRow = RoomMarker & { readonly roomId: number }
    const first = { user: '', roomId: 0 } as MarkerRow
    const next = ({ user, roomId }: MarkerRow): Row[] => this.#sql.markersAfter.all(user, roomId, READ_BATCH)
    for (const { room, user, seq } of this.#readAll(next, first)) yield { room, user, seq }
  }

  *sentWrites(): Generator<KeptWrite> {
    type SentRow = KeptWrite & { readonly number: number }
    const next = ({ number }: SentRow): Row[] => this.#sql.sentAfter.all(number, READ_BATCH)
    for (const { number: _number, ...write } of this.#readAll(next, { number: 0 } as SentRow)) yield write
  }

  *secrets(): Generator<readonly [string, Uint8Array]> {
    const rows = this.#sql.secrets.all() as unknown as { readonly name: string; readonly value: Uint8Array }[]
    for (const { name, value } of rows) yield [name, value]
  }

  changesWithin(room: number, after: Seq, upTo: Seq): readonly LoggedChange[] {
    const standing = this.#standingWithin(room, after, upTo).map(toChange)
    const superseded = this.#sql.changesSuperseded.all(room, after, upTo) as unknown as Mark[]
    return [...standing, ...superseded.map(({ seq, tag }) => ({ seq, tag }))].toSorted(
      (one, other) => one.seq - other.seq,
    )
  }

  saveEpoch(epoch: Epoch): void {
    this.#sql.saveMeta.run('epoch', epoch)
    this.#epoch = epoch
  }

  restoredSeq({ id, head }: StoredRoom): Seq {
    const newest = this.#findNewestChange(id)
    const superseded = this.#sql.newestSuperseded.get(id) as { readonly seq: Seq } | undefined
    return Math.max(newest?.seq ?? 0, superseded?.seq ?? 0, head.seq) as Seq
  }

  restoreChange(room: number, { seq, tag, message }: LoggedChange): void {
    if (!message) return void this.#sql.addSuperseded.run(room, seq, tag)
    const { id: messageId, seq: posted, body } = message
    const old = this.#sql.findStanding.get(room, messageId) as Mark | undefined
    if (!old) {
      const { lastInsertRowid } = this.#sql.restoreMessage.run(room, posted, seq, messageId, tag, body)
      // At once: the messages of an archive do not come in the order of their seqs.
      return void this.#sql.addPlaced.run(room, posted, lastInsertRowid)
    }
    this.#sql.addSuperseded.run(room, old.seq, old.tag)
    this.#sql.reviseMessage.run(room, messageId, seq, tag, body)
  }

  findNote(name: string): string | undefined {
    const row = this.#sql.findMeta.get(name) as { readonly value: string } | undefined
    return row?.value
  }

  saveNote(name: string, text: string): void {
    this.#sql.saveMeta.run(name, text)
  }

  removeNote(name: string): void {
    this.#sql.removeMeta.run(name)
  }

  touch(time: number): void {
    this.#sql.saveMeta.run('touched', time)
  }

  close(): void {
    this.#database.close()
  }

  /** All rows of a table in its order: `next` reads those that come after one. */
  *#readAll<Item>(next: (last: Item) => Row[], first: Item): Generator<Item> {
    let last = first
    for (;;) {
      const rows = next(last)
      if (rows.length === 0) return
      for (const row of rows) yield (last = { ...row } as Item)
    }
  }

  /** The end of the log, unless everything before it was trimmed. */
  #findNewestChange(room: number): Mark | undefined {
    const unplaced = this.#places.unplaced(room).at(-1)
    const posted = unplaced ? this.#findRow(unplaced) : (this.#sql.newestPlaced.get(room) as LoggedMessage | undefined)
    const revised = this.#sql.newestRevised.get(room) as LoggedMessage | undefined
    const newest = (revised?.rev ?? 0) > (posted?.rev ?? 0) ? revised : posted
    return newest && { seq: newest.rev, tag: newest.tag }
  }

  /** The messages whose newest change lies past `after` and not past `upTo`, in the order of those. */
  #standingWithin(room: number, after: Seq, upTo: Seq): readonly LoggedMessage[] {
    const placed = this.#sql.changesAsPosted.all(room, after, upTo) as unknown as LoggedMessage[]
    const unplaced = this.#unplaced(room, after, upTo).filter(({ seq, rev }) => seq === rev)
    const revised = this.#sql.changesRevised.all(room, after, upTo) as unknown as LoggedMessage[]
    const asPosted = [...placed, ...unplaced]
    return revised.length === 0 ? asPosted : [...asPosted, ...revised].toSorted((one, other) => one.rev - other.rev)
  }

  /** The messages with a seq past `after` and not past `upTo` that the index does not have, oldest first. */
  #unplaced(room: number, after: number, upTo = Infinity): readonly LoggedMessage[] {
    const found = this.#places.unplaced(room).filter(({ seq }) => seq > after && seq <= upTo)
    return found.map((each) => this.#findRow(each))
  }

  #findRow({ number }: Unplaced): LoggedMessage {
    return this.#sql.findRow.get(number) as unknown as LoggedMessage
  }

  #findOrMakeEpoch(newEpoch: Epoch): Epoch {
    const row = this.#sql.findMeta.get('epoch') as { value: Epoch } | undefined
    if (row) return row.value
    this.transaction(() => this.#sql.saveMeta.run('epoch', newEpoch))
    return newEpoch
  }

  /** Some failures end a transaction by themselves, some do not. One that could not be rolled back now is by the next transaction. */
  #undo(): void {
    this.#places.reload()
    if (this.#database.isTransaction) this.#sql.rollback.run()
  }
}

function* toMessages(rows: Iterable<unknown>): Generator<StoredMessage> {
  for (const row of rows) yield toMessage(row as LoggedMessage)
}

/** Rows come without a prototype and with more than is asked for; messages are plain objects. */
function toMessage({ id, seq, rev, body }: LoggedMessage): StoredMessage {
  return { id, seq, rev, body }
}

function toChange(row: LoggedMessage): LoggedChange {
  return { seq: row.rev, tag: row.tag, message: toMessage(row) }
}
