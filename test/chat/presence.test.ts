import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulation.ts'
import type { SimulatedPeer } from './simulation.ts'

const presence = (peer: SimulatedPeer): unknown => {
  const event = peer.events('presence').at(-1)
  return event && [event.count, event.members?.map(({ name }) => name)]
}

test('five connections of one user are one member', async () => {
  const simulation = simulate()
  const bob = await simulation.join('tea', 'Bob')
  for (let tab = 0; tab < 5; tab++) await simulation.join('tea', 'Ada')
  await simulation.clock.advance(1_000)
  assert.deepEqual(presence(bob), [2, ['Ada', 'Bob']])
})

test('a reload does not show: the user who comes back in time never left', async () => {
  const simulation = simulate()
  const bob = await simulation.join('tea', 'Bob')
  const ada = await simulation.join('tea', 'Ada')
  await simulation.clock.advance(1_000)
  const announcements = bob.events('presence').length
  ada.cut()
  await simulation.clock.advance(1_000)
  await simulation.join('tea', 'Ada')
  await simulation.clock.advance(10_000)
  assert.equal(bob.events('presence').length, announcements)
  assert.deepEqual(presence(bob), [2, ['Ada', 'Bob']])
})

test('a user whose last connection is cut is gone within 10 s', async () => {
  const simulation = simulate()
  const bob = await simulation.join('tea', 'Bob')
  const ada = await simulation.join('tea', 'Ada')
  await simulation.clock.advance(1_000)
  ada.cut()
  await simulation.clock.advance(9_000)
  assert.deepEqual(presence(bob), [1, ['Bob']])
})

test('a silent connection is ended within 60 s, and its user is gone', async () => {
  const simulation = simulate()
  const bob = await simulation.join('tea', 'Bob')
  const ada = await simulation.join('tea', 'Ada')
  for (let second = 0; second < 60; second++) {
    bob.pong()
    await simulation.clock.advance(1_000)
  }
  assert.equal(ada.ended?.code, 4410)
  assert.equal(bob.ended, undefined)
  await simulation.clock.advance(5_000)
  assert.deepEqual(presence(bob), [1, ['Bob']])
})

test('each connection is pinged and told the heads of its rooms every 15 s, not all at once', async () => {
  const simulation = simulate()
  const peers = await Promise.all(Array.from({ length: 30 }, (_, index) => simulation.join('tea', `user ${index}`)))
  await simulation.clock.advance(1_000)
  assert.ok(peers.filter(({ pings }) => pings > 0).length <= 2)
  await simulation.clock.advance(15_000)
  for (const peer of peers) {
    assert.equal(peer.events('heartbeat').length, peer.pings)
    assert.ok(peer.pings >= 1 && peer.pings <= 2)
    assert.equal(peer.events('heartbeat')[0]?.heads['tea']?.seq, 0)
  }
})

test('a room of more members than it names is told their count', async () => {
  const simulation = simulate()
  const peers: SimulatedPeer[] = []
  for (let index = 0; index < 60; index++) peers.push(await simulation.join('tea', `user ${index}`))
  await simulation.clock.advance(5_000)
  assert.deepEqual(presence(peers[0]!), [60, undefined])
})

test('how far a user has read reaches that user alone, on every connection', async () => {
  const simulation = simulate()
  const [phone, laptop] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Ada')]
  const bob = await simulation.join('tea', 'Bob')
  phone.send({ type: 'post', room: 'tea', key: 'a-key-for-it', text: 'hi' })
  await simulation.clock.settle()
  phone.send({ type: 'read', room: 'tea', seq: 1 })
  await simulation.clock.settle()
  assert.equal(laptop.events('read')[0]?.seq, 1)
  assert.equal(bob.events('read').length, 0)
})

test('rooms are let go when nobody is in them any more', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  assert.equal(simulation.chat.stats().rooms, 1)
  ada.send({ type: 'leave', room: 'tea' })
  await simulation.clock.advance(10_000)
  assert.equal(simulation.chat.stats().rooms, 0)
})
