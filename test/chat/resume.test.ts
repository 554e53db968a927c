import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Backend, Change, RoomListener } from '../../src/backend/backend.ts'
import { createMemoryBackend } from '../../src/backend/memory.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import { SimulatedClock, simulate } from './simulation.ts'
import type { SimulatedPeer } from './simulation.ts'

let posts = 0

function post(peer: SimulatedPeer, text: string): number {
  return peer.send({ type: 'post', room: 'tea', key: `key-${String(++posts).padStart(8, '0')}`, text })
}

test('a join during traffic misses nothing and gets nothing twice', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  const latecomers: SimulatedPeer[] = []
  for (let round = 0; round < 30; round++) {
    post(ada, `before ${round}`)
    const bob = simulation.connect()
    bob.send({ type: 'hello', name: 'Bob' })
    bob.send({ type: 'join', room: 'tea' })
    post(ada, `after ${round}`)
    if (round % 3 === 0) await simulation.clock.settle()
    latecomers.push(bob)
  }
  await simulation.clock.settle()
  for (const bob of latecomers) {
    const seqs = bob.seqs()
    const [joined] = bob.events('joined')
    const first = joined?.messages[0]?.seq ?? seqs[0]!
    assert.deepEqual(
      seqs,
      Array.from({ length: 60 - first + 1 }, (_, index) => first + index),
    )
  }
})

test('resuming from a position brings what changed since, each message once in its newest state', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  post(ada, 'one')
  await simulation.clock.settle()
  const since = ada.events('ack')[0]?.position
  post(ada, 'two')
  await simulation.clock.settle()
  const messageId = ada.events('ack')[1]?.messageId
  ada.send({ type: 'edit', room: 'tea', key: 'edit-key-1', messageId, text: 'two, edited' })
  await simulation.clock.settle()
  const bob = simulation.connect()
  bob.send({ type: 'hello', name: 'Bob' })
  bob.send({ type: 'join', room: 'tea', since })
  await simulation.clock.settle()
  const [joined] = bob.events('joined')
  assert.equal(joined?.resumed, true)
  assert.deepEqual(
    joined.messages.map(({ text, seq, rev }) => ({
      text,
      seq,
      rev,
    })),
    [{ text: 'two, edited', seq: 2, rev: 3 }],
  )
})

test('a position from another life of the log is reset with its reason and the newest page', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  post(ada, 'one')
  await simulation.clock.settle()
  const position = ada.events('ack')[0]!.position
  const wrong = {
    epoch: { ...position, epoch: 'another' },
    fork: { ...position, tag: 'another' },
    ahead: { ...position, seq: 9 },
  }
  for (const [reason, since] of Object.entries(wrong)) {
    const bob = simulation.connect()
    bob.send({ type: 'hello', name: 'Bob' })
    bob.send({ type: 'join', room: 'tea', since })
    await simulation.clock.settle()
    const [joined] = bob.events('joined')
    assert.deepEqual([joined?.resumed, joined?.reset], [false, reason])
    assert.equal(joined?.messages.length, 1)
  }
})

/** The memory backend behind a fan-out that loses what `loses` says, as a process cut off from its peers does. */
function lossyBackend(clock: SimulatedClock, loses: (change: Change) => boolean): Backend {
  const backend = createMemoryBackend({ environment: clock })
  const subscribe = backend.subscribe.bind(backend)
  backend.subscribe = (room, listener: RoomListener) =>
    subscribe(room, {
      onChange: (change) => void (loses(change) || listener.onChange(change)),
      onSignal: (payload) => listener.onSignal(payload),
      onMembers: () => listener.onMembers(),
      onMarker: (user, seq) => listener.onMarker(user, seq),
      onReset: (reason) => listener.onReset(reason),
    })
  return backend
}

test('changes that were lost on the way to this process are fetched from the log', async () => {
  const clock = new SimulatedClock()
  const backend = lossyBackend(clock, ({ position }) => position.seq >= 2 && position.seq <= 4)
  const simulation = simulate({ backend, environment: clock })
  const bob = simulation.connect()
  bob.send({ type: 'hello', name: 'Bob' })
  bob.send({ type: 'join', room: 'tea' })
  await clock.settle()
  for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) {
    post(bob, text)
    await clock.settle()
  }
  assert.deepEqual(bob.seqs(), [1, 2, 3, 4, 5, 6])
  assert.equal(bob.events('changes').length, 1)
})

test('while the log is unavailable a write is refused with a time to retry, and the same write then succeeds', async () => {
  const clock = new SimulatedClock()
  const backend = createMemoryBackend({ environment: clock })
  const append = backend.append.bind(backend)
  let isAway = true
  backend.append = (write) =>
    isAway ? Promise.reject(new ChatError('unavailable', 'the log is away', { retryAfterMs: 2_000 })) : append(write)
  const simulation = simulate({ backend, environment: clock })
  const ada = simulation.connect()
  ada.send({ type: 'hello', name: 'Ada' })
  ada.send({ type: 'post', room: 'tea', key: 'the-one-key', text: 'hi' })
  await clock.settle()
  assert.deepEqual(
    ada.events('error').map(({ code, retryAfterMs }) => ({ code, retryAfterMs })),
    [{ code: 'unavailable', retryAfterMs: 2_000 }],
  )
  assert.equal(simulation.faults.length, 1)
  assert.match(String(simulation.faults[0]?.error), /the log is away/)
  isAway = false
  ada.send({ type: 'post', room: 'tea', key: 'the-one-key', text: 'hi' })
  await clock.settle()
  assert.equal(ada.events('ack').length, 1)
})
