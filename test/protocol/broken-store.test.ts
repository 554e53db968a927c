import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryBackend } from '../../src/index.ts'
import type { RoomListener } from '../../src/index.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import type { Epoch } from '../../src/protocol/ids.ts'
import { startServer } from '../helpers.ts'
import { brokenBackend } from '../helpers/broken-backend.ts'
import { enter, greet, Peer } from './peer.ts'
import { hasOwnServer, newKey, newRoom } from './target.ts'

const away = (): Promise<never> => Promise.reject(new ChatError('unavailable', 'away', { retryAfterMs: 2_000 }))

if (hasOwnServer) {
  test('while the log cannot be reached writes are refused with a time to retry, and the connection stays', async (t) => {
    let isAway = false
    const backend = brokenBackend((whole) => ({
      append: (write) => (isAway ? away() : whole.append(write)),
      readPage: (room, query) => (isAway ? away() : whole.readPage(room, query)),
    }))
    const faults: unknown[] = []
    const { socketUrl } = await startServer(t, { backend, onError: (error) => faults.push(error) })
    const room = newRoom()
    const peer = await enter(t, socketUrl, room)
    const write = { type: 'post', room, key: newKey(), text: 'hi' } as const
    isAway = true
    for (const command of [write, { type: 'history', room }, { type: 'join', room: newRoom() }] as const) {
      const { retryAfterMs = 0 } = await peer.refusal('unavailable', command)
      assert.ok(retryAfterMs > 0 && retryAfterMs <= 5_000)
    }
    assert.match(String(faults[0]), /away/)
    isAway = false
    assert.equal((await peer.ask('ack', write)).position.seq, 1)
    assert.equal((await peer.next('change')).message.text, 'hi')
  })

  test('a write to a message that other processes keep changing is refused as a conflict', async (t) => {
    const backend = brokenBackend((whole) => ({
      append: (write) => (write.rev === undefined ? whole.append(write) : Promise.resolve({ status: 'conflict' })),
    }))
    const { socketUrl } = await startServer(t, { backend })
    const room = newRoom()
    const peer = await enter(t, socketUrl, room)
    const { messageId } = await peer.post(room, 'hi')
    const edit = { type: 'edit', room, key: newKey(), messageId, text: 'hello' } as const
    const { retryAfterMs } = await peer.refusal('conflict', edit)
    assert.equal(typeof retryAfterMs, 'number')
  })

  test('a fault of the server is told as internal without what it was, and reported', async (t) => {
    const faults: unknown[] = []
    const backend = brokenBackend(() => ({ append: () => Promise.reject(new Error('a secret of the disk')) }))
    const { socketUrl } = await startServer(t, { backend, onError: (error) => faults.push(error) })
    const peer = await greet(t, socketUrl)
    const { message } = await peer.refusal('internal', { type: 'post', room: newRoom(), key: newKey(), text: 'hi' })
    assert.doesNotMatch(message, /secret/)
    assert.match(String(faults[0]), /a secret of the disk/)
    await peer.ask('page', { type: 'history', room: newRoom() })
  })

  test('a fault while a reader is caught up ends its connection with 1011', async (t) => {
    const whole = createMemoryBackend()
    let reads = 0
    const backend = brokenBackend(() => ({
      append: (write) => whole.append(write),
      subscribe: (room, listener) => whole.subscribe(room, listener),
      readPage: (room, query) => whole.readPage(room, query),
      readChanges: (room, since, limit) =>
        ++reads > 1 ? Promise.reject(new Error('torn page')) : whole.readChanges(room, since, limit),
    }))
    const faults: unknown[] = []
    const unlimited = { writeRate: { burst: 0, perMs: 1 } }
    const { socketUrl } = await startServer(t, { backend, onError: (error) => faults.push(error), ...unlimited })
    const room = newRoom()
    const writer = await greet(t, socketUrl)
    const { position } = await writer.post(room, 'one')
    for (let count = 0; count < 150; count++) await writer.post(room, 'more')
    const reader = await Peer.connect(t, socketUrl)
    await reader.hello()
    reader.send({ type: 'join', room, since: position })
    assert.equal((await reader.ended()).code, 1011)
    assert.match(String(faults[0]), /torn page/)
  })

  test('when the log becomes another one its readers are told, and are out of the room', async (t) => {
    const listeners: RoomListener[] = []
    const backend = brokenBackend((whole) => ({
      subscribe: (room, listener) => {
        listeners.push(listener)
        return whole.subscribe(room, listener)
      },
    }))
    const { socketUrl } = await startServer(t, { backend })
    const room = newRoom()
    const peer = await enter(t, socketUrl, room)
    const { position, messageId: id } = await peer.post(room, 'hi')
    const [message] = (await backend.readPage(room, { limit: 1 })).messages
    assert.equal(message?.id, id)
    listeners[0]?.onChange({ position: { ...position, epoch: 'another' as Epoch }, message })
    assert.deepEqual(await peer.next('reset'), { type: 'reset', room, reason: 'epoch' })
    await peer.refusal('not_joined', { type: 'leave', room })
    assert.equal((await peer.join(room)).resumed, false)
  })
}
