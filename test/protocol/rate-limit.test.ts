import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enter, greet } from './peer.ts'
import { findTarget, newKey, newRoom } from './target.ts'

test('past 20 writes at once a write is refused with the time after which it may be sent again', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [ada, bob] = [await enter(t, url, room, 'Ada'), await enter(t, url, room, 'Bob')]
  const post = (key: string): number => ada.send({ type: 'post', room, key, text: 'hi' })
  const accepted = Array.from({ length: 20 }, () => post(newKey()))
  const lastKey = newKey()
  const { code, retryAfterMs = 0 } = await ada.answer('error', post(lastKey))
  for (const id of accepted) await ada.answer('ack', id)
  assert.equal(code, 'rate_limited')
  assert.ok(retryAfterMs > 0 && retryAfterMs <= 500, String(retryAfterMs))

  // Others are not limited by it, nor is what is no write.
  await bob.post(room, 'me too')
  await ada.ask('page', { type: 'history', room })

  await new Promise((resolve) => setTimeout(resolve, retryAfterMs))
  const { position } = await ada.answer('ack', post(lastKey))
  assert.equal(position.seq, 22)
})

test('edits, deletions and reactions count as writes', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await greet(t, url)
  const { messageId } = await peer.post(room, 'hi')
  const about = { room, messageId }
  for (let count = 1; count < 20; count++) {
    await peer.ask('ack', { type: 'react', ...about, key: newKey(), emoji: '👍', on: count % 2 === 1 })
  }
  const refused = await Promise.all(
    [
      peer.send({ type: 'edit', ...about, key: newKey(), text: 'x' }),
      peer.send({ type: 'delete', ...about, key: newKey() }),
      peer.send({ type: 'react', ...about, key: newKey(), emoji: '👎', on: true }),
    ].map((id) => peer.answer('error', id)),
  )
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['rate_limited', 'rate_limited', 'rate_limited'],
  )
})

test('past 200 commands at once any command is refused, with the time to wait', async (t) => {
  const url = await findTarget(t)
  const [peer, other] = [await greet(t, url), await greet(t, url)]
  const room = newRoom()
  const ids = Array.from({ length: 210 }, () => peer.send({ type: 'leave', room }))
  const codes: string[] = []
  for (const id of ids) {
    const { code, retryAfterMs } = await peer.answer('error', id)
    codes.push(code)
    assert.equal(retryAfterMs !== undefined, code === 'rate_limited')
  }
  assert.equal(codes[0], 'not_joined')
  assert.equal(codes.at(-1), 'rate_limited')
  await other.post(room, 'not me')
})
