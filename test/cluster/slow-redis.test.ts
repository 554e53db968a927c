import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'
import { openOn, redisFor } from '../contracts/redis-helpers.ts'
import { NO_RATE_LIMITS, startServer } from '../helpers.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import { enter, greet } from '../protocol/peer.ts'
import type { SentCommand } from '../protocol/peer.ts'
import { newKey, newRoom } from '../protocol/target.ts'

/** Two answers take longer than whoever asked may wait, and one less than what counts as no answer. */
const DELAY_MS = 2_700
const REFUSED_WITHIN_MS = 5_000

test('on a Redis that answers slowly, what takes several answers is refused within 5 s, and stored once when sent again', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const backend = await openOn(t, line, {}, DEFAULT_TIMINGS)
  const { socketUrl } = await startServer(t, { backend, ...NO_RATE_LIMITS, onError: () => {} })
  const room = newRoom()
  const people = await Promise.all(['Ada', 'Bob', 'Eve', 'Kim'].map((name) => enter(t, socketUrl, room, name)))
  const [ada, bob, eve, kim] = people
  assert.ok(ada && bob && eve && kim)
  const { messageId } = await ada.post(room, 'slow?')
  const { messageId: own } = await bob.post(room, 'yes')
  const writes: readonly [typeof ada, SentCommand][] = [
    [ada, { type: 'edit', room, key: newKey(), messageId, text: 'slow!' }],
    [bob, { type: 'delete', room, key: newKey(), messageId: own }],
    [eve, { type: 'react', room, key: newKey(), messageId, emoji: '🦥', on: true }],
    [kim, { type: 'post', room, key: newKey(), text: 'very', replyTo: messageId }],
  ]

  line.delayMs = DELAY_MS
  const since = performance.now()
  await Promise.all(writes.map(([peer, write]) => peer.refusal('unavailable', write)))
  assert.ok(performance.now() - since < REFUSED_WITHIN_MS)

  line.delayMs = 0
  for (const [peer, write] of writes) {
    const id = peer.send(write)
    // The line may have been given up as dead, and be made anew.
    for (let answer = await peer.answerOf(id); answer.type !== 'ack'; answer = await peer.answerOf(peer.send(write)))
      assert.ok(answer.type === 'error' && answer.code === 'unavailable')
  }
  const { messages } = await (await greet(t, socketUrl)).ask('page', { type: 'history', room })
  assert.deepEqual(
    messages.map(({ text, deletedAt, reactions }) => ({
      text,
      isDeleted: deletedAt !== undefined,
      reactions: reactions?.map(({ emoji }) => emoji),
    })),
    [
      { text: 'slow!', isDeleted: false, reactions: ['🦥'] },
      { text: '', isDeleted: true, reactions: undefined },
      { text: 'very', isDeleted: false, reactions: undefined },
    ],
  )
})
