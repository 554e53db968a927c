import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../../src/protocol/errors.ts'
import { simulate } from '../chat/simulation.ts'

/** What takes minutes, or an app around the chat, on a simulated clock and network instead of a socket. */

test('without a token that verifies hello is refused as unauthorized, and the connection ends with 4401', async () => {
  const simulation = simulate({
    identify: () => Promise.reject(new ChatError('unauthorized', 'the token has expired')),
  })
  const peer = simulation.connect()
  const id = peer.send({ type: 'hello', token: 'old' })
  await simulation.clock.settle()
  const [error] = peer.events('error')
  assert.deepEqual([error?.id, error?.code, peer.ended?.code], [id, 'unauthorized', 4401])
})

test('a peer that sends nothing for 45 s, not even a pong, is ended with 4410, and one that answers pings is not', async () => {
  const simulation = simulate()
  const [dead, alive] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  for (let second = 0; second < 60; second++) {
    alive.pong()
    await simulation.clock.advance(1_000)
    if (second < 44) assert.equal(dead.ended, undefined)
  }
  assert.deepEqual([dead.ended?.code, alive.ended], [4410, undefined])
})
