import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Epoch, Key, MessageId, RoomId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { Append, StoredMessage } from './backend.ts'
import type { LogStore, Mark, SentWrite, StoredRoom } from './log-store.ts'
import { prepareStatements } from './sqlite-statements.ts'
import type { Statements } from './sqlite-statements.ts'

type Row = Readonly<Record<string, SQLOutputValue>>

interface RoomRow {
  readonly id: number
  readonly epoch: Epoch
  readonly trimmedSeq: Seq
  readonly trimmedTag: Tag
}

/** The tables in SQLite, through statements compiled once. The database is the store's from now on, which closes it. */
export class SqliteStore implements LogStore {
  readonly epoch: Epoch
  readonly #database: DatabaseSync
  readonly #sql: Statements

  /** `newEpoch` is what a database gets that has none. */
  constructor(database: DatabaseSync, newEpoch: Epoch) {
    this.#database = database
    this.#sql = prepareStatements(database)
    this.epoch = this.#findOrMakeEpoch(newEpoch)
  }

  transaction(work: () => void): void {
    this.#rollBackIfOpen()
    this.#sql.begin.run()
    try {
      work()
      this.#sql.commit.run()
    } catch (error) {
      this.#rollBackIfOpen()
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

  addRoom(name: RoomId): StoredRoom {
    const { id } = this.#sql.addRoom.get(name, this.epoch) as { id: number }
    const start = { seq: 0 as Seq, tag: '' as Tag }
    return { id, name, head: { epoch: this.epoch, ...start }, trimmed: start }
  }

  /** The head is what the messages say it is. */
  saveHead(): void {}

  saveTrimmed({ id, trimmed }: StoredRoom): void {
    this.#sql.saveTrimmed.run(id, trimmed.seq, trimmed.tag)
  }

  addMessage(room: number, { seq, tag }: Mark, { messageId, body }: Append): boolean {
    return this.#sql.addMessage.run(room, seq, messageId, tag, body).changes === 1
  }

  reviseMessage(room: number, at: Mark, { messageId, body }: Append, rev: Seq): Seq | undefined {
    const old = this.#sql.findAtRev.get(room, rev, messageId) as Mark | undefined
    if (!old) return undefined
    this.#sql.addSuperseded.run(room, rev, old.tag)
    this.#sql.reviseMessage.run(room, old.seq, at.seq, at.tag, body)
    return old.seq
  }

  findMessage(room: number, id: MessageId): StoredMessage | undefined {
    const row = this.#sql.findMessage.get(room, id)
    return row && toMessage(row)
  }

  messagesBefore(room: number, seq: Seq): Iterable<StoredMessage> {
    return toMessages(this.#sql.messagesBefore.iterate(room, seq))
  }

  messagesAfter(room: number, seq: Seq): Iterable<StoredMessage> {
    return toMessages(this.#sql.messagesAfter.iterate(room, seq))
  }

  messagesChangedWithin(room: number, after: Seq, upTo: Seq): readonly StoredMessage[] {
    const asPosted = this.#sql.messagesAsPosted.all(room, after, upTo).map(toMessage)
    const revised = this.#sql.messagesRevised.all(room, after, upTo).map(toMessage)
    return revised.length === 0 ? asPosted : [...asPosted, ...revised].toSorted((one, other) => one.rev - other.rev)
  }

  findTag(room: number, seq: Seq): Tag | undefined {
    const row = this.#sql.findTag.get(room, seq) as { tag: Tag } | undefined
    return row?.tag
  }

  removeChanges(room: number, after: Seq, upTo: Seq): void {
    this.#sql.removeAsPosted.run(room, after, upTo)
    this.#sql.removeRevised.run(room, after, upTo)
    this.#sql.removeSuperseded.run(room, upTo)
  }

  findSent(room: number, sender: UserId, key: Key): SentWrite | undefined {
    return this.#sql.findSent.get(room, sender, key) as SentWrite | undefined
  }

  addSent(room: number, { seq, tag }: Mark, { sender, key, digest, messageId }: Append, time: number): boolean {
    return this.#sql.addSent.run(room, sender, key, Math.trunc(time), digest, seq, tag, messageId).changes === 1
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

  touch(time: number): void {
    this.#sql.saveMeta.run('touched', time)
  }

  close(): void {
    this.#database.close()
  }

  /** The end of the log, unless everything before it was trimmed. */
  #findNewestChange(room: number): Mark | undefined {
    const posted = this.#sql.newestPosted.get(room) as Mark | undefined
    const revised = this.#sql.newestRevised.get(room) as Mark | undefined
    return (revised?.seq ?? 0) > (posted?.seq ?? 0) ? revised : posted
  }

  #findOrMakeEpoch(newEpoch: Epoch): Epoch {
    const row = this.#sql.findMeta.get('epoch') as { value: Epoch } | undefined
    if (row) return row.value
    this.transaction(() => this.#sql.saveMeta.run('epoch', newEpoch))
    return newEpoch
  }

  /** Some failures end a transaction by themselves, some do not. One that could not be rolled back now is by the next transaction. */
  #rollBackIfOpen(): void {
    if (this.#database.isTransaction) this.#sql.rollback.run()
  }
}

function* toMessages(rows: Iterable<Row>): Generator<StoredMessage> {
  for (const row of rows) yield toMessage(row)
}

/** Rows come without a prototype; messages are plain objects. */
function toMessage(row: Row): StoredMessage {
  const { id, seq, rev, body } = row as unknown as StoredMessage
  return { id, seq, rev, body }
}
