import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulation.ts'

// The rooms were served in one order at each drain: a busy one among the first had all of them.
test('of many rooms each gets its turn where the line drains a write at a time', async () => {
  const simulation = simulate()
  const ada = await simulation.join('busy', 'Ada')
  const bob = await simulation.join('busy', 'Bob')
  bob.send({ type: 'join', room: 'quiet' })
  await simulation.clock.settle()
  bob.capacity = 1
  let keys = 0
  const postTo = (room: string): void => {
    ada.send({ type: 'post', room, key: `the-key-${++keys}`, text: 'x'.repeat(3_000) })
  }
  postTo('busy')
  await simulation.clock.settle()
  postTo('quiet')
  for (let drains = 0; drains < 4; drains++) {
    postTo('busy')
    await simulation.clock.settle()
    bob.readOnce()
    await simulation.clock.settle()
  }
  const rooms = new Set(bob.events('change').map(({ room }) => room))
  assert.deepEqual(rooms, new Set(['busy', 'quiet']))
})

test('how far a user has read is not told on a connection whose line is full', async () => {
  const simulation = simulate()
  const [phone, laptop] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Ada')]
  laptop.capacity = 1
  for (let posts = 0; posts < 3; posts++) {
    phone.send({ type: 'post', room: 'tea', key: `the-key-${posts}`, text: 'hi' })
    await simulation.clock.settle()
  }
  const { writes } = laptop
  phone.send({ type: 'read', room: 'tea', seq: 2 })
  await simulation.clock.settle()
  assert.equal(phone.events('read').length, 1)
  assert.equal(laptop.writes, writes)
})

test('a read marker ahead of the log stands at its end', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  ada.send({ type: 'post', room: 'tea', key: 'the-key-1', text: 'hi' })
  ada.send({ type: 'read', room: 'tea', seq: 99 })
  await simulation.clock.settle()
  assert.deepEqual(
    ada.events('read').map(({ seq }) => seq),
    [1],
  )
})
