import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulation.ts'
import type { SimulatedPeer } from './simulation.ts'

const told = (peer: SimulatedPeer): boolean[] => peer.events('typing').map(({ on }) => on)

// Each `on: false` went to the whole room, and made the next `on: true` news: as many signals as one could send commands.
test('typing on and off in a hurry tells the room at most once each in 2 s', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  for (let index = 0; index < 100; index++) ada.send({ type: 'typing', room: 'tea', on: index % 2 === 0 })
  await simulation.clock.settle()
  assert.deepEqual(told(bob), [true, false])
  await simulation.clock.advance(2_000)
  for (let index = 0; index < 100; index++) ada.send({ type: 'typing', room: 'tea', on: index % 2 === 0 })
  await simulation.clock.settle()
  assert.deepEqual(told(bob), [true, false, true, false])
  assert.equal(ada.events('ok').length, 200)
})

test('who was not told to type is not told to have stopped', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  ada.send({ type: 'typing', room: 'tea', on: false })
  await simulation.clock.settle()
  assert.deepEqual(told(bob), [])
})

test('a post ends the typing, and the next is told at once', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  ada.send({ type: 'typing', room: 'tea', on: true })
  ada.send({ type: 'post', room: 'tea', key: 'the-key-1', text: 'hi' })
  ada.send({ type: 'typing', room: 'tea', on: false })
  ada.send({ type: 'typing', room: 'tea', on: true })
  await simulation.clock.settle()
  assert.deepEqual(told(bob), [true, true])
})
