import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulation.ts'

// Each closed room took its frames' bytes out of the budget for good: in the end every room kept the least there is.
test('a room that closes gives back the memory its frames took, read or not', async () => {
  const simulation = simulate()
  for (let index = 0; index < 20; index++) {
    const room = `room-${index}`
    const [ada, slow] = [await simulation.join(room, 'Ada'), await simulation.join(room, 'Bob')]
    const plain = simulation.connectPlain()
    if (index % 2 === 0) slow.capacity = 1
    for (let posts = 0; posts < 30; posts++)
      ada.send({ type: 'post', room, key: `a-key-${index}-${posts}`, text: 'x'.repeat(3_000) })
    plain.sendRaw('{"handle":"eve","text":"hi"}')
    await simulation.clock.settle()
    ada.send({ type: 'typing', room, on: true })
    await simulation.clock.settle()
    for (const peer of [ada, slow, plain]) peer.cut()
  }
  assert.ok(simulation.chat.stats().frameBytes > 0)
  await simulation.clock.advance(10_000)
  assert.deepEqual(simulation.chat.stats(), { connections: 0, rooms: 0, laggingReaders: 0, frameBytes: 0 })
})

// Each length a client asked for was kept beside the others, as long as nobody posted: 33 MiB in one room.
test('pages of every length a client asks for are not all kept, and those that are kept go when nobody asks any more', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  for (let posts = 0; posts < 100; posts++)
    ada.send({ type: 'post', room: 'tea', key: `the-key-${posts}`, text: 'x'.repeat(3_000) })
  await simulation.clock.settle()
  const positions = ada.events('ack').map(({ position }) => position)
  const before = simulation.chat.stats().frameBytes
  for (let limit = 1; limit <= 100; limit++) {
    ada.send({ type: 'join', room: 'tea', limit })
    await simulation.clock.settle()
  }
  assert.equal(ada.events('joined').length, 101)
  const [usual] = ada.events('joined').filter(({ messages }) => messages.length === 50)
  assert.ok(simulation.chat.stats().frameBytes - before <= 3 * JSON.stringify(usual).length)
  // What a reader that fell behind is sent comes through the other cache.
  const bob = await simulation.join('tea', 'Bob')
  bob.send({ type: 'join', room: 'tea', since: positions[0] })
  await simulation.clock.advance(11_000)
  // The small slab of an idle room stays.
  assert.ok(simulation.chat.stats().frameBytes <= 8 * 1024)
})
