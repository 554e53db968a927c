import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Answer } from '../../src/protocol/events.ts'
import { enter, greet } from './peer.ts'
import { findTarget, newKey, newRoom } from './target.ts'

/** Where an answer refuses as too much at once, the time after which to try again. */
function waitOf(answer: Answer): number | undefined {
  return answer.type === 'error' && answer.code === 'rate_limited' ? answer.retryAfterMs : undefined
}

// Each sends well more than the limit, as it is refilled meanwhile.

test('past 20 writes at once a write is refused with the time after which it may be sent again', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [ada, bob] = [await enter(t, url, room, 'Ada'), await enter(t, url, room, 'Bob')]
  const keys = Array.from({ length: 40 }, newKey)
  const post = (key: string): number => ada.send({ type: 'post', room, key, text: 'hi' })
  const waits = await Promise.all(keys.map(post).map(async (id) => waitOf(await ada.answerOf(id))))
  const accepted = waits.findIndex((wait) => wait !== undefined)
  assert.ok(accepted >= 20, `${accepted} were accepted`)
  const wait = waits.at(-1) ?? 0
  assert.ok(wait > 0 && wait <= 500, `the last was to wait for ${wait} ms`)

  // Others are not limited by it, nor is what is no write.
  await bob.post(room, 'me too')
  await ada.ask('page', { type: 'history', room })

  await setTimeout(wait)
  await ada.answer('ack', post(keys.at(-1)!))
})

test('edits, deletions and reactions count as writes', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await greet(t, url)
  const { messageId } = await peer.post(room, 'hi')
  for (let count = 0; count < 20; count++) peer.send({ type: 'post', room, key: newKey(), text: 'hi' })
  for (const revision of [
    { type: 'edit', text: 'x' },
    { type: 'react', emoji: '👍', on: true },
    { type: 'delete' },
  ] as const) {
    const ids = Array.from({ length: 5 }, () => peer.send({ room, messageId, key: newKey(), ...revision }))
    const waits = await Promise.all(ids.map(async (id) => waitOf(await peer.answerOf(id))))
    assert.ok(
      waits.some((wait) => wait !== undefined),
      revision.type,
    )
  }
})

test('past 200 commands at once any command is refused, with the time to wait', async (t) => {
  const url = await findTarget(t)
  const [peer, other] = [await greet(t, url), await greet(t, url)]
  const room = newRoom()
  const ids = Array.from({ length: 300 }, () => peer.send({ type: 'leave', room }))
  const waits = await Promise.all(ids.map(async (id) => waitOf(await peer.answerOf(id))))
  assert.equal(waits[0], undefined)
  assert.ok((waits.at(-1) ?? 0) > 0)
  await other.post(room, 'not me')
})
