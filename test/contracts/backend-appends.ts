import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageId, Seq } from '../../src/protocol/ids.ts'
import {
  ADA,
  append,
  BOB,
  COFFEE,
  edit,
  openBackend,
  readAll,
  Recorder,
  seqsTo,
  taken,
  TEA,
  textsOf,
  write,
} from './backend-helpers.ts'
import type { LogFactory } from './backend-helpers.ts'

const HOUR_MS = 60 * 60 * 1_000

export function testAppends(createLog: LogFactory): void {
  test('a room nobody wrote to stands at seq 0 of the epoch it will have', async (t) => {
    const backend = await openBackend(t, createLog)
    const before = await backend.head(TEA)
    assert.deepEqual(before, { epoch: before.epoch, seq: 0, tag: '' })
    const { position } = await append(backend, write('first'))
    assert.equal(position.epoch, before.epoch)
    assert.match(before.epoch, /^[\w-]{6,}$/)
  })

  test('a new message takes the next seq, and its position is the head', async (t) => {
    const backend = await openBackend(t, createLog)
    const first = write('first')
    const { position, messageId, duplicate } = await append(backend, first)
    assert.deepEqual([position.seq, messageId, duplicate], [1, first.messageId, false])
    assert.match(position.tag, /^[\w-]+$/)
    assert.deepEqual(await backend.head(TEA), position)
    assert.deepEqual(await backend.findMessage(TEA, first.messageId), {
      id: messageId,
      seq: 1,
      rev: 1,
      body: first.body,
    })
  })

  test('appends made in one turn, to several rooms, take contiguous seqs of each room in call order', async (t) => {
    const backend = await openBackend(t, createLog)
    const rooms = [TEA, COFFEE, TEA, TEA, COFFEE, TEA]
    const all = await Promise.all(rooms.map((room) => append(backend, write('hi', { room }))))
    assert.deepEqual(
      all.map(({ position }) => position.seq),
      [1, 1, 2, 3, 2, 4],
    )
    assert.equal(new Set(all.map(({ position }) => position.tag)).size, 6)
  })

  test('a body comes back as it was given, whatever text is in it', async (t) => {
    const backend = await openBackend(t, createLog)
    const texts = ['', '👩‍👩‍👧 é é \u{10ffff}', 'nul \0 inside', `' " \\ ; -- DROP TABLE message`, 'x'.repeat(100_000)]
    for (const text of texts) await append(backend, write(text))
    assert.deepEqual(textsOf(await readAll(backend)), texts)
  })

  test('a write repeated with its key is answered as the first time, and changes and tells nothing', async (t) => {
    const backend = await openBackend(t, createLog)
    const listener = new Recorder()
    await backend.subscribe(TEA, listener)
    const once = write('once')
    const first = await append(backend, once)
    await append(backend, write('another'))
    const again = await append(backend, { ...once, messageId: 'm-made-anew' as MessageId })
    assert.deepEqual(again, { ...first, duplicate: true })
    assert.deepEqual(listener.texts, ['once', 'another'])
    assert.equal((await backend.head(TEA)).seq, 2)
    assert.equal(await backend.findMessage(TEA, 'm-made-anew' as MessageId), undefined)
  })

  test('a write repeated in the same turn is stored once', async (t) => {
    const backend = await openBackend(t, createLog)
    const once = write('once')
    const [first, again] = await Promise.all([append(backend, once), append(backend, once)])
    assert.deepEqual(again, { ...first, duplicate: true })
    assert.deepEqual(textsOf(await readAll(backend)), ['once'])
  })

  test('a key is refused for another write', async (t) => {
    const backend = await openBackend(t, createLog)
    const once = write('once')
    await append(backend, once)
    const other = write('other', { key: once.key })
    const [refused, accepted] = await Promise.all([backend.append(other), backend.append(write('next'))])
    assert.deepEqual(refused, { status: 'key_reused' })
    assert.equal(taken(accepted).position.seq, 2)
  })

  test('a key names a write of one sender in one room', async (t) => {
    const backend = await openBackend(t, createLog)
    const once = write('mine')
    await append(backend, once)
    const theirs = await append(backend, write('theirs', { key: once.key, sender: BOB }))
    const elsewhere = await append(backend, write('elsewhere', { key: once.key, room: COFFEE }))
    assert.deepEqual([theirs.position.seq, elsewhere.position.seq], [2, 1])
  })

  test('a key is remembered for 24 hours', async (t) => {
    let now = Date.UTC(2030, 0, 1)
    const backend = await openBackend(t, createLog, { now: () => now })
    const once = write('once')
    const first = await append(backend, once)
    for (let hour = 1; hour <= 24; hour++) {
      now += HOUR_MS
      await append(backend, write(`hour ${hour}`))
      assert.deepEqual(await append(backend, once), { ...first, duplicate: true })
    }
  })

  test('a change to a message moves its rev, keeps its seq and replaces its body', async (t) => {
    const backend = await openBackend(t, createLog)
    const listener = new Recorder()
    await backend.subscribe(TEA, listener)
    const post = write('tee')
    await append(backend, post)
    await append(backend, write('between'))
    const correction = { ...edit(post.messageId, 1, 'tea'), sender: BOB }
    const { position, messageId } = await append(backend, correction)
    const stored = { id: post.messageId, seq: 1, rev: 3, body: correction.body }
    assert.deepEqual([position.seq, messageId], [3, post.messageId])
    assert.deepEqual(await backend.findMessage(TEA, post.messageId), stored)
    assert.deepEqual(listener.changes.at(-1), { position, message: stored })
  })

  test('a change to a message that has moved on is a conflict and leaves no trace', async (t) => {
    const backend = await openBackend(t, createLog)
    const listener = new Recorder()
    await backend.subscribe(TEA, listener)
    const post = write('post')
    await append(backend, post)
    await append(backend, edit(post.messageId, 1, 'edit'))
    const late = edit(post.messageId, 1, 'late')
    assert.deepEqual(await backend.append(late), { status: 'conflict' })
    assert.deepEqual(listener.texts, ['post', 'edit'])
    // Its key is still free: the writer reads the message and tries again.
    const { position, duplicate } = await append(backend, { ...late, rev: 2 as Seq })
    assert.deepEqual([position.seq, duplicate], [3, false])
  })

  test('appends of one turn see one another', async (t) => {
    const backend = await openBackend(t, createLog)
    const post = write('post')
    const group = [
      post,
      edit(post.messageId, 1, 'one'),
      edit(post.messageId, 1, 'late'),
      edit(post.messageId, 2, 'two'),
      write('last'),
    ]
    const answers = await Promise.all(group.map((one) => backend.append(one)))
    assert.deepEqual(
      answers.map((answer) => (answer.status === 'appended' ? answer.position.seq : answer.status)),
      [1, 2, 'conflict', 3, 4],
    )
    assert.deepEqual(textsOf(await readAll(backend)), ['two', 'last'])
  })

  test('a change to a message that is not there is a conflict, and makes no room', async (t) => {
    const backend = await openBackend(t, createLog)
    const lost = edit('m-lost' as MessageId, 1, 'lost')
    assert.deepEqual(await backend.append(lost), { status: 'conflict' })
    await append(backend, write('elsewhere', { room: COFFEE, messageId: lost.messageId }))
    assert.deepEqual(await backend.append(lost), { status: 'conflict' })
    assert.equal((await backend.head(TEA)).seq, 0)
  })

  test('a new message whose id the room has is a conflict, for itself alone', async (t) => {
    const backend = await openBackend(t, createLog)
    const first = write('first')
    await append(backend, first)
    const answers = await Promise.all(
      [write('before'), write('same', { messageId: first.messageId }), write('after')].map((one) =>
        backend.append(one),
      ),
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['appended', 'conflict', 'appended'],
    )
    assert.deepEqual(textsOf(await readAll(backend)), ['first', 'before', 'after'])
    assert.deepEqual(
      (await readAll(backend)).map(({ seq }) => seq),
      seqsTo(3),
    )
  })

  test('a change repeated with its key is known again after the message moved on', async (t) => {
    const backend = await openBackend(t, createLog)
    const post = write('post')
    await append(backend, post)
    const change = edit(post.messageId, 1, 'edit')
    const first = await append(backend, change)
    await append(backend, edit(post.messageId, 2, 'later'))
    assert.deepEqual(await append(backend, { ...change, rev: 3 as Seq }), { ...first, duplicate: true })
    assert.deepEqual(textsOf(await readAll(backend)), ['later'])
  })

  test('what was appended before close is stored and answered; afterwards everything is unavailable', async (t) => {
    const backend = await openBackend(t, createLog)
    const answer = backend.append(write('last words'))
    await backend.close()
    assert.equal(taken(await answer).position.seq, 1)
    const unavailable = { name: 'ChatError', code: 'unavailable' }
    await assert.rejects(backend.append(write('too late')), unavailable)
    await assert.rejects(backend.head(TEA), unavailable)
    await assert.rejects(backend.readPage(TEA, { limit: 1 }), unavailable)
    await assert.rejects(backend.advanceMarker(TEA, ADA, 1 as Seq), unavailable)
    await assert.rejects(backend.subscribe(TEA, new Recorder()), unavailable)
    await assert.rejects(backend.ping(), unavailable)
  })

  test('ping resolves while appends are taken', async (t) => {
    const backend = await openBackend(t, createLog)
    await backend.ping()
    assert.equal((await backend.head(TEA)).seq, 0)
  })
}
