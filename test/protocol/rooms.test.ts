import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enter, greet } from './peer.ts'
import { findTarget, newRoom } from './target.ts'

test('a connection is in several rooms, and each keeps to itself', async (t) => {
  const [url, tea, coffee] = [await findTarget(t), newRoom(), newRoom()]
  const both = await greet(t, url, 'Both')
  for (const room of [tea, coffee]) await both.join(room)
  const guests = [
    { room: tea, peer: await enter(t, url, tea), text: 'Earl Grey' },
    { room: coffee, peer: await enter(t, url, coffee), text: 'Espresso' },
  ]
  for (const { room, peer, text } of guests) {
    await peer.post(room, text)
    await peer.next('change')
  }
  for (const { room, text } of guests) {
    const { seq, message } = await both.next('change', (change) => change.room === room)
    assert.deepEqual([seq, message.text], [1, text])
  }
  for (const { peer } of guests) assert.deepEqual(peer.untaken('change'), [])
})

test('leaving one room leaves the connection in the others', async (t) => {
  const [url, tea, coffee] = [await findTarget(t), newRoom(), newRoom()]
  const [both, writer] = [await greet(t, url), await greet(t, url)]
  for (const room of [tea, coffee]) await both.join(room)
  await both.ask('ok', { type: 'leave', room: tea })
  for (const room of [tea, coffee]) await writer.post(room, 'anyone?')
  assert.equal((await both.next('change')).room, coffee)
  assert.deepEqual(both.untaken('change'), [])
})

test('a connection may be in 100 rooms at a time', async (t) => {
  const peer = await greet(t, await findTarget(t))
  const rooms = Array.from({ length: 100 }, newRoom)
  const ids = rooms.map((room) => peer.send({ type: 'join', room }))
  for (const id of ids) await peer.answer('joined', id)
  await peer.refusal('limit_reached', { type: 'join', room: newRoom() })
  await peer.join(rooms[0]!)
  await peer.ask('ok', { type: 'leave', room: rooms[0] })
  await peer.join(newRoom())
})
