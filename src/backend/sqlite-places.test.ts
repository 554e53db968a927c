import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Epoch, Key, MessageId, RoomId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { Append } from './backend.ts'
import { openSqliteFile } from './sqlite-file.ts'
import { MAX_UNPLACED_ROWS } from './sqlite-places.ts'
import { MIGRATIONS } from './sqlite-schema.ts'
import { SqliteStore } from './sqlite-store.ts'

/** Past any seq that the tests use. */
const END = 100_000 as Seq

test('messages are found in the index, beside it, and once the file is opened anew', (t) => {
  const log = openLog(t)
  const rooms = ['tea', 'milk', 'sugar'].map((name) => log.addRoom(name))
  const [tea = 0, milk = 0, sugar = 0] = rooms
  for (let seq = 1; seq <= 40; seq++) {
    log.post(tea, seq)
    if (seq <= 20) log.post(milk, seq)
    if (seq <= 3) log.post(sugar, seq)
  }
  const expected = { [tea]: seqsUpTo(40), [milk]: seqsUpTo(20), [sugar]: seqsUpTo(3) }
  assert.equal(log.placed(), 32 + 16)
  for (const look of ['as written', 'anew']) {
    for (const room of rooms) {
      const seqs = expected[room]!
      const last = seqs.length as Seq
      assert.deepEqual(log.after(room, 0), seqs, look)
      assert.deepEqual(log.after(room, last - 1), [last], look)
      assert.deepEqual(log.before(room, END), seqs.toReversed(), look)
      assert.deepEqual(log.before(room, 2), [1], look)
      assert.deepEqual(log.within(room, 1, last - 1), seqs.slice(1, -1), look)
      assert.deepEqual(
        seqs.map((seq) => log.store.findTag(room, seq as Seq)),
        seqs.map((seq) => `t${seq}`),
        look,
      )
      assert.equal(log.store.findTag(room, (last + 1) as Seq), undefined)
    }
    assert.deepEqual(log.heads(), [40, 20, 3], look)
    log.reopen()
  }
})

test('a message that is changed before it is in the index is found at its change alone', (t) => {
  const log = openLog(t)
  const tea = log.addRoom('tea')
  for (let seq = 1; seq <= 3; seq++) log.post(tea, seq)
  log.edit(tea, 2, 4)
  assert.deepEqual(log.within(tea, 0, 4), [1, 3, 2])
  assert.deepEqual(log.after(tea, 0), [1, 2, 3])
  assert.equal(log.store.findTag(tea, 2 as Seq), 't2')
  assert.equal(log.store.findTag(tea, 4 as Seq), 't4')
  assert.deepEqual(log.heads(), [4])
  log.store.transaction(() => assert.equal(log.store.removeChanges(tea, 0 as Seq, 3 as Seq), 2))
  assert.deepEqual(log.after(tea, 0), [2])
  assert.equal(log.placed(), 1)
})

test('what a transaction that is undone put into the index, or left beside it, is as it was before', (t) => {
  const log = openLog(t)
  const tea = log.addRoom('tea')
  for (let seq = 1; seq <= 10; seq++) log.post(tea, seq)
  const failing = (): void => {
    log.store.transaction(() => {
      for (let seq = 11; seq <= 30; seq++) log.add(tea, seq)
      throw new Error('changed my mind')
    })
  }
  assert.throws(failing, { message: 'changed my mind' })
  assert.deepEqual(log.after(tea, 0), seqsUpTo(10))
  assert.equal(log.placed(), 0)
  for (let seq = 11; seq <= 17; seq++) log.post(tea, seq)
  assert.deepEqual(log.after(tea, 0), seqsUpTo(17))
  assert.equal(log.placed(), 16)
})

test('no message waits for the index past the rows that are looked through when the file is opened', (t) => {
  const log = openLog(t)
  const [tea, milk] = [log.addRoom('tea'), log.addRoom('milk')]
  log.post(tea, 1)
  log.postAtOnce(milk, 1, MAX_UNPLACED_ROWS - 1)
  assert.equal(log.isPlaced(tea, 1), false)
  log.post(milk, MAX_UNPLACED_ROWS)
  assert.equal(log.isPlaced(tea, 1), true)
  log.reopen()
  assert.deepEqual(log.after(tea, 0), [1])
  assert.deepEqual(log.heads(), [1, MAX_UNPLACED_ROWS])
})

test('the message that has waited longest is found after a transaction was undone, and after the file is opened anew for another room', (t) => {
  const log = openLog(t)
  const [tea, milk] = [log.addRoom('tea'), log.addRoom('milk')]
  log.post(tea, 1)
  log.postAtOnce(milk, 1, MAX_UNPLACED_ROWS - 1)
  assert.throws(() => log.store.transaction(() => assert.fail('changed my mind')), { message: 'changed my mind' })
  log.post(milk, MAX_UNPLACED_ROWS)
  assert.deepEqual(log.after(tea, 0), [1])

  const sugar = log.addRoom('sugar')
  log.post(sugar, 1)
  log.postAtOnce(milk, MAX_UNPLACED_ROWS + 1, 2 * MAX_UNPLACED_ROWS - 1)
  assert.equal(log.isPlaced(sugar, 1), false)
  log.reopen()
  log.post(log.addRoom('salt'), 1)
  assert.deepEqual(log.after(sugar, 0), [1])
})

test('what an undone transaction put into the index because it had waited long is put there again', (t) => {
  const log = openLog(t)
  const [tea, milk, sugar] = [log.addRoom('tea'), log.addRoom('milk'), log.addRoom('sugar')]
  log.post(tea, 1)
  log.store.transaction(() => {
    for (let seq = 1; seq < MAX_UNPLACED_ROWS - 1; seq++) log.add(milk, seq)
    log.add(sugar, 1)
  })
  const failing = (): void => {
    log.store.transaction(() => {
      log.add(sugar, 2)
      assert.equal(log.isPlaced(tea, 1), true)
      throw new Error('changed my mind')
    })
  }
  assert.throws(failing, { message: 'changed my mind' })
  assert.equal(log.isPlaced(tea, 1), false)
  assert.deepEqual(log.after(tea, 0), [1])
  log.post(sugar, 2)
  assert.equal(log.isPlaced(tea, 1), true)
})

test('the changes of a room with a large number are removed like any', (t) => {
  const log = openLog(t)
  const room = log.addNumberedRoom('tea', 2 ** 26)
  for (let seq = 1; seq <= 20; seq++) log.post(room, seq)
  log.edit(room, 3, 21)
  log.edit(room, 4, 22)
  log.store.transaction(() => assert.equal(log.store.removeChanges(room, 0 as Seq, 21 as Seq), 19))
  assert.deepEqual(log.after(room, 0), [4])
  assert.equal(log.placed(), 1)
})

/** A file with rooms of which each test says what is in them. */
class TestLog {
  readonly #file: string
  readonly #names: RoomId[] = []
  #database
  store: SqliteStore

  constructor(file: string) {
    this.#file = file
    this.#database = openSqliteFile(file, MIGRATIONS)
    this.store = new SqliteStore(this.#database, 'epoch' as Epoch)
  }

  reopen(): void {
    this.store.close()
    this.#database = openSqliteFile(this.#file, MIGRATIONS)
    this.store = new SqliteStore(this.#database, 'epoch' as Epoch)
  }

  addRoom(name: string): number {
    this.#names.push(name as RoomId)
    let id = 0
    this.store.transaction(() => (id = this.store.addRoom(name as RoomId, this.store.epoch).id))
    return id
  }

  /** As rooms are numbered where there are so many already. */
  addNumberedRoom(name: string, id: number): number {
    const added = this.addRoom(name)
    this.#database.prepare('UPDATE room SET id = ? WHERE id = ?').run(id, added)
    return id
  }

  /** Posts these seqs in one transaction. */
  postAtOnce(room: number, first: number, last: number): void {
    this.store.transaction(() => {
      for (let seq = first; seq <= last; seq++) this.add(room, seq)
    })
  }

  post(room: number, seq: number): void {
    this.store.transaction(() => this.add(room, seq))
  }

  add(room: number, seq: number): void {
    assert.equal(this.store.addMessage(room, { seq: seq as Seq, tag: `t${seq}` as Tag }, appendOf(seq)), true)
  }

  edit(room: number, seq: number, rev: number): void {
    const at = { seq: rev as Seq, tag: `t${rev}` as Tag }
    this.store.transaction(() => assert.equal(this.store.reviseMessage(room, at, appendOf(seq), seq as Seq), seq))
  }

  after(room: number, seq: number): number[] {
    return [...this.store.messagesAfter(room, seq as Seq)].map((message) => message.seq)
  }

  before(room: number, seq: number): number[] {
    return [...this.store.messagesBefore(room, seq as Seq)].map((message) => message.seq)
  }

  within(room: number, after: number, upTo: number): number[] {
    return this.store.messagesChangedWithin(room, after as Seq, upTo as Seq).map((message) => message.seq)
  }

  heads(): (number | undefined)[] {
    return this.#names.map((name) => this.store.findRoom(name)?.head.seq)
  }

  /** How many messages are in the index. */
  placed(): number {
    return Number(this.#database.prepare('SELECT count(*) AS count FROM placed').get()?.['count'])
  }

  isPlaced(room: number, seq: number): boolean {
    const row = this.#database.prepare(
      'SELECT 1 FROM placed JOIN message USING (number) WHERE room = ? AND place = at AND id = ?',
    )
    return row.get(room, `m${seq}`) !== undefined
  }
}

function appendOf(seq: number): Append {
  return {
    room: 'any' as RoomId,
    sender: 'ada' as UserId,
    key: `key-${seq}` as Key,
    digest: '',
    messageId: `m${seq}` as MessageId,
    body: '{}',
  }
}

function seqsUpTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

function openLog(t: TestContext): TestLog {
  const folder = mkdtempSync(join(tmpdir(), 'natter-places-'))
  const log = new TestLog(join(folder, 'natter.db'))
  t.after(() => {
    log.store.close()
    rmSync(folder, { recursive: true })
  })
  return log
}
