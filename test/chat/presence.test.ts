import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulation.ts'
import type { SimulatedPeer, Simulation } from './simulation.ts'

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

/** Lets `ms` pass in which `peers` answer each ping, one round trip of 100 ms later. */
async function advanceAnswering(simulation: Simulation, peers: readonly SimulatedPeer[], ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    const before = peers.map(({ pings }) => pings)
    await simulation.clock.advance(100)
    peers.forEach((peer, index) => peer.pings > before[index]! && simulation.clock.setTimer(() => peer.pong(), 100))
  }
}

// A peer was looked at every 15 s, and the third look came a round trip short of 45 s after its last pong: it stayed for 60 s.
test('a connection that falls silent is ended after 45 s, and its user is gone soon after', async () => {
  const simulation = simulate()
  const bob = await simulation.join('tea', 'Bob')
  const ada = await simulation.join('tea', 'Ada')
  while (ada.pings === 0) await advanceAnswering(simulation, [ada, bob], 100)
  await advanceAnswering(simulation, [ada, bob], 100)
  const pings = ada.pings
  await advanceAnswering(simulation, [bob], 44_500)
  assert.ok(ada.pings > pings)
  assert.equal(ada.ended?.code, undefined)
  await advanceAnswering(simulation, [bob], 2_000)
  assert.equal(ada.ended?.code, 4410)
  await advanceAnswering(simulation, [bob], 5_000)
  assert.deepEqual(presence(bob), [1, ['Bob']])
  assert.equal(bob.ended, undefined)
})

test('a connection that gives a sign of life just before it would be ended stays', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  for (let round = 0; round < 5; round++) {
    await simulation.clock.advance(44_000)
    ada.pong()
  }
  assert.equal(ada.ended?.code, undefined)
  await simulation.clock.advance(46_000)
  assert.equal(ada.ended?.code, 4410)
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
