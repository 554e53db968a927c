import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulation.ts'

test('a plain peer that sends ten frames in a row which cannot be read is ended, as any other is', async () => {
  const simulation = simulate()
  for (const peer of [simulation.connect(), simulation.connectPlain()]) {
    for (let frames = 0; frames < 9; frames++) peer.sendRaw('not JSON')
    await simulation.clock.settle()
    assert.equal(peer.ended?.code, undefined)
    peer.sendRaw('not JSON')
    await simulation.clock.settle()
    assert.equal(peer.ended?.code, 1008)
  }
})

test('a frame that can be read, though it is refused, starts the count anew', async () => {
  const simulation = simulate()
  const peer = simulation.connectPlain()
  for (let frames = 0; frames < 30; frames++) peer.sendRaw(frames % 9 === 8 ? '{"handle":"ada","text":""}' : '[]')
  await simulation.clock.settle()
  assert.equal(peer.received.length, 30)
  assert.equal(peer.ended?.code, undefined)
})
