import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryBackend } from '../../src/index.ts'
import { NO_RATE_LIMITS, observing, startServer } from '../helpers.ts'
import { fill, numbered } from './fill.ts'
import { enter, greet, Peer } from './peer.ts'
import { PlainPeer } from './plain-peer.ts'
import { hasOwnServer, newKey, newRoom } from './target.ts'

/** Waits until no reader of the server at `url` leaves unread what was sent to it. */
async function untilNobodyLags(url: string): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    if (/^natter_lagging_readers 0$/m.test(metrics)) return
  }
}

// What an operator can set shows on the wire, where the suite may set it.
if (hasOwnServer) {
  test('where the operator named the rooms, there are no others', async (t) => {
    const { socketUrl } = await startServer(t, { rooms: ['lobby', 'tea'] })
    const peer = await enter(t, socketUrl, 'tea')
    const about = { room: 'coffee', key: newKey(), messageId: 'm1' }
    await peer.refusal('room_not_found', { type: 'join', ...about })
    await peer.refusal('room_not_found', { type: 'post', ...about, text: 'hi' })
    await peer.refusal('room_not_found', { type: 'post', ...about, text: 'hi', replyTo: 'm1' })
    await peer.refusal('room_not_found', { type: 'edit', ...about, text: 'hi' })
    await peer.refusal('room_not_found', { type: 'history', ...about })
    await peer.refusal('room_not_found', { type: 'read', ...about, seq: 1 })
    await peer.post('tea', 'here')
  })

  test('limits that the operator set are told in welcome, and hold', async (t) => {
    const limits = { textCodePoints: 5, nameCodePoints: 3, roomsPerConnection: 1, usersPerEmoji: 1, frameBytes: 1_000 }
    const { socketUrl } = await startServer(t, { limits })
    const peer = await Peer.connect(t, socketUrl)
    await peer.refusal('bad_command', { type: 'hello', name: 'Adah' })
    const welcome = await peer.hello({ name: 'Ada' })
    assert.deepEqual({ ...welcome.limits, ...limits }, welcome.limits)
    const room = newRoom()
    await peer.join(room)
    await peer.refusal('limit_reached', { type: 'join', room: newRoom() })
    await peer.refusal('text_too_long', { type: 'post', room, key: newKey(), text: '123456' })
    const { messageId } = await peer.post(room, '12345')
    const react = { type: 'react', room, messageId, emoji: '👍', on: true } as const
    await peer.ask('ack', { ...react, key: newKey() })
    await (await greet(t, socketUrl, 'Bob')).refusal('limit_reached', { ...react, key: newKey() })
    peer.sendRaw(' '.repeat(1_001))
    assert.equal((await peer.ended()).code, 1009)
  })

  test('a rate limit of 0 is none', async (t) => {
    const { socketUrl } = await startServer(t, NO_RATE_LIMITS)
    const [peer, room] = [await greet(t, socketUrl), newRoom()]
    const ids = numbered(500).map((text) => peer.send({ type: 'post', room, key: newKey(), text }))
    for (const id of ids) await peer.answer('ack', id)
  })

  test('one connection too many, from an address or in all, ends with 4429, and makes no difference to the others', async (t) => {
    for (const caps of [{ maxConnections: 2 }, { maxConnectionsPerAddress: 2 }]) {
      const { socketUrl } = await startServer(t, caps)
      const [first, second] = [await greet(t, socketUrl), await greet(t, socketUrl)]
      assert.equal((await (await Peer.connect(t, socketUrl)).ended()).code, 4429)
      await second.post(newRoom(), 'still here')
      first.ws.close()
      await first.ended()
      await greet(t, socketUrl)
    }
  })

  test('where the plain dialect is off, a connection without a subprotocol ends with 4403', async (t) => {
    const { socketUrl } = await startServer(t, { plain: false })
    assert.equal((await (await PlainPeer.connect(t, socketUrl)).ended()).code, 4403)
    await greet(t, socketUrl)
  })

  test('a position that retention has gone past is reset as trimmed, and what is gone is not found', async (t) => {
    const backend = createMemoryBackend()
    const room = newRoom()
    const before = await startServer(t, { backend })
    const [first, , third] = await fill(t, before.socketUrl, room, numbered(5))
    await before.close()
    const { promise: trimmed, resolve } = Promise.withResolvers<void>()
    let removed = 0
    const observer = observing({ onTrimmed: ({ messages }) => (removed += messages) === 3 && resolve() })
    const { socketUrl, url } = await startServer(t, { backend, observer, retention: { maxMessages: 2 } })
    await trimmed
    const peer = await greet(t, socketUrl)
    const joined = await peer.join(room, first!.position)
    assert.deepEqual([joined.resumed, joined.reset, joined.hasOlder], [false, 'trimmed', false])
    assert.deepEqual([joined.messages.map(({ text }) => text), joined.head], [['4', '5'], 5])
    assert.equal(joined.position.epoch, first!.position.epoch)
    // Whoever has the last change that is gone misses nothing.
    const resumed = await peer.join(room, third!.position)
    assert.deepEqual([resumed.resumed, resumed.messages.map(({ text }) => text)], [true, ['4', '5']])
    const about = { room, messageId: first!.messageId }
    await peer.refusal('message_not_found', { type: 'edit', ...about, key: newKey(), text: 'again' })
    await peer.refusal('message_not_found', { type: 'react', ...about, key: newKey(), emoji: '👍', on: true })
    await peer.refusal('message_not_found', { type: 'delete', ...about, key: newKey() })
    await peer.refusal('message_not_found', { type: 'history', room, around: first!.messageId })
    assert.match(await (await fetch(`${url}/metrics`)).text(), /^natter_trimmed_messages_total 3$/m)
  })

  test('a reader that stays behind is closed with 1013, and resumes where it was', async (t) => {
    const { url, socketUrl } = await startServer(t, { ...NO_RATE_LIMITS, slowReaderMs: 1_000 })
    const room = newRoom()
    const [slow, writer] = [await enter(t, socketUrl, room, 'Slow'), await greet(t, socketUrl, 'Writer')]
    const { position } = await writer.post(room, 'one')
    slow.ws.pause()
    // More than the kernel holds for both ends.
    const text = 'x'.repeat(4_000)
    const ids = Array.from({ length: 3_000 }, () => writer.send({ type: 'post', room, key: newKey(), text }))
    for (const id of ids) await writer.answer('ack', id)
    await untilNobodyLags(url)
    slow.ws.resume()
    assert.equal((await slow.ended()).code, 1013)
    const joined = await (await greet(t, socketUrl, 'Slow')).join(room, position)
    assert.deepEqual([joined.resumed, joined.head], [true, 3_001])
  })
}
