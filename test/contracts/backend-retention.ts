import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Backend } from '../../src/backend/backend.ts'
import type { Epoch, RoomId, Seq } from '../../src/protocol/ids.ts'
import { ADA, append, COFFEE, edit, fill, openBackend, seqsTo, start, TEA, write } from './backend-helpers.ts'
import type { LogFactory } from './backend-helpers.ts'

export function testRetention(createLog: LogFactory): void {
  test('a trim tells how many messages it removed, and the extent what is left', async (t) => {
    const backend = await openBackend(t, createLog)
    const beginning = await start(backend)
    assert.deepEqual(await backend.extent(TEA), { start: beginning, head: beginning })
    const [first] = await fill(backend, ['1', '2'])
    const { position } = await append(backend, write('3'))
    await append(backend, edit(first, 1, '1 again'))
    assert.deepEqual(await backend.extent(TEA), { start: beginning, head: await backend.head(TEA) })
    assert.equal(await backend.trim(TEA, 3 as Seq), 2)
    assert.deepEqual(await backend.extent(TEA), { start: position, head: await backend.head(TEA) })
    assert.equal(await backend.trim(TEA, 3 as Seq), 0)
    assert.equal(await backend.trim(TEA, 9 as Seq), 1)
    const head = await backend.head(TEA)
    assert.deepEqual(await backend.extent(TEA), { start: head, head })
    assert.equal(await backend.trim(COFFEE, 9 as Seq), 0)
  })

  test('a trim that was worked out for another log removes nothing', async (t) => {
    const backend = await openBackend(t, createLog)
    await fill(backend, ['1', '2', '3'])
    const { epoch } = await backend.head(TEA)
    assert.equal(await backend.trim(TEA, 2 as Seq, 'another1' as Epoch), 0)
    assert.equal(await backend.countMessages(TEA), 3)
    assert.equal(await backend.trim(TEA, 2 as Seq, epoch), 2)
  })

  test('messages are counted, not the changes to them', async (t) => {
    const backend = await openBackend(t, createLog)
    assert.equal(await backend.countMessages(TEA), 0)
    const [first, second] = await fill(backend, ['1', '2', '3'])
    await fill(backend, ['espresso'], COFFEE)
    await append(backend, edit(first, 1, '1 again'))
    for (const rev of [2, 5, 6]) await append(backend, edit(second, rev, '2 again'))
    assert.equal(await backend.countMessages(TEA), 3)
    await backend.trim(TEA, 3 as Seq)
    assert.equal(await backend.countMessages(TEA), 2)
    await backend.trim(TEA, 6 as Seq)
    assert.equal(await backend.countMessages(TEA), 1)
    assert.equal(await backend.countMessages(COFFEE), 1)
  })

  test('a message that was changed thousands of times counts as one', async (t) => {
    const backend = await openBackend(t, createLog)
    const post = write('0')
    await append(backend, post)
    await Promise.all(seqsTo(3_000).map((rev) => backend.append(edit(post.messageId, rev, 'again'))))
    assert.equal(await backend.countMessages(TEA), 1)
  })

  test('every room that was written to is found, also one that was trimmed', async (t) => {
    const backend = await openBackend(t, createLog)
    assert.deepEqual(await roomsOf(backend), [])
    const names = seqsTo(100).map((number) => `room-${String(number).padStart(3, '0')}` as RoomId)
    await Promise.all(names.map((room) => backend.append(write('hi', { room }))))
    // Neither asking about a room nor a mark in it makes one.
    await backend.head(TEA)
    await backend.advanceMarker(TEA, ADA, 1 as Seq)
    await backend.trim(names[0]!, 1 as Seq)
    assert.deepEqual(await roomsOf(backend), names)
  })

  test('rooms can be trimmed, and written to, while they are walked through', async (t) => {
    const backend = await openBackend(t, createLog)
    const names = seqsTo(100).map((number) => `room-${number}` as RoomId)
    await Promise.all(names.map((room) => backend.append(write('hi', { room }))))
    const seen = new Set<RoomId>()
    for await (const rooms of backend.rooms()) {
      for (const room of rooms) {
        seen.add(room)
        await backend.trim(room, 1 as Seq)
        await append(backend, write('again', { room }))
      }
    }
    assert.deepEqual(
      names.filter((room) => !seen.has(room)),
      [],
    )
    for (const room of names) assert.equal(await backend.countMessages(room), (await backend.head(room)).seq - 1)
  })

  test('what is written in the turn of a trim is in the log, and what was trimmed is not', async (t) => {
    const backend = await openBackend(t, createLog)
    await fill(backend, ['1', '2', '3'])
    await Promise.all([
      backend.append(write('4')),
      backend.trim(TEA, 2 as Seq),
      backend.append(write('5')),
      backend.append(write('espresso', { room: COFFEE })),
    ])
    const { start: from, head } = await backend.extent(TEA)
    assert.deepEqual([from.seq, head.seq, await backend.countMessages(TEA)], [2, 5, 3])
    assert.equal((await backend.readChanges(TEA, from, 9)).status, 'resumed')
    assert.equal((await append(backend, write('6'))).position.seq, 6)
    assert.equal((await backend.extent(TEA)).start.seq, 2)
  })

  test('the keys of what was trimmed are known for as long as any, and so are read markers', async (t) => {
    const backend = await openBackend(t, createLog)
    const post = write('1')
    const { position } = await append(backend, post)
    const change = edit(post.messageId, 1, '1 again')
    const changed = await append(backend, change)
    await backend.advanceMarker(TEA, ADA, 2 as Seq)
    await backend.trim(TEA, 2 as Seq)
    assert.deepEqual(await append(backend, post), {
      status: 'appended',
      position,
      messageId: post.messageId,
      duplicate: true,
    })
    assert.deepEqual(await append(backend, change), { ...changed, duplicate: true })
    assert.deepEqual(await backend.append({ ...post, digest: 'another' }), { status: 'key_reused' })
    assert.deepEqual(await backend.append(edit(post.messageId, 2, 'too late')), { status: 'conflict' })
    assert.deepEqual([await backend.countMessages(TEA), await backend.marker(TEA, ADA)], [0, 2])
    assert.equal((await backend.head(TEA)).seq, 2)
  })

  test('a lease is kept by whoever has it', async (t) => {
    const backend = await openBackend(t, createLog)
    assert.equal(await backend.lease('cleaning', 60_000), true)
    assert.equal(await backend.lease('cleaning', 60_000), true)
    assert.equal(await backend.lease('cooking', 60_000), true)
  })
}

async function roomsOf(backend: Backend): Promise<RoomId[]> {
  const found = new Set<RoomId>()
  for await (const rooms of backend.rooms()) for (const room of rooms) found.add(room)
  return [...found].toSorted()
}
