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
