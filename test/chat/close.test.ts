import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryBackend } from '../../src/backend/memory.ts'
import { SimulatedClock, simulate } from './simulation.ts'

test('closing takes no more commands, and lets those under way be stored and acked before it says goodbye', async () => {
  const clock = new SimulatedClock()
  const backend = createMemoryBackend({ environment: clock })
  const simulation = simulate({ backend, environment: clock })
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  ada.send({ type: 'post', room: 'tea', key: 'in-time-1', text: 'in time' })
  const closing = simulation.chat.close()
  ada.send({ type: 'post', room: 'tea', key: 'too-late-1', text: 'too late' })
  await clock.advance(5_000)
  await closing
  assert.equal(ada.events('ack').length, 1)
  assert.equal((await backend.readPage('tea' as never, { limit: 9 })).messages.length, 1)
  assert.deepEqual(
    bob
      .allEvents()
      .map(({ type }) => type)
      .slice(-2),
    ['change', 'goodbye'],
  )
  assert.equal(bob.ended?.code, 1012)
})

test('a reply whose message is still being looked up when the chat closes is stored and acked', async () => {
  const clock = new SimulatedClock()
  const backend = createMemoryBackend({ environment: clock })
  const simulation = simulate({ backend, environment: clock })
  const ada = await simulation.join('tea', 'Ada')
  ada.send({ type: 'post', room: 'tea', key: 'question-1', text: 'tea?' })
  await clock.settle()
  const { promise: lookUp, resolve: finishLookUp } = Promise.withResolvers<void>()
  const findMessage = backend.findMessage.bind(backend)
  backend.findMessage = async (...args) => lookUp.then(() => findMessage(...args))
  const replyTo = ada.events('ack')[0]?.messageId
  ada.send({ type: 'post', room: 'tea', key: 'answer-1', text: 'yes', replyTo })
  const closing = simulation.chat.close()
  await clock.settle()
  assert.equal(ada.ended?.code, undefined)
  finishLookUp()
  await clock.advance(5_000)
  await closing
  assert.equal(ada.events('ack').length, 2)
})

test('closing does not wait for clients that go on sending', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  ada.send({ type: 'post', room: 'tea', key: 'the-post-1', text: 'hi' })
  await simulation.clock.settle()
  const messageId = ada.events('ack')[0]?.messageId
  for (let round = 0; round < 200; round++)
    ada.send({ type: 'react', room: 'tea', key: `react-${round + 1_000}`, messageId, emoji: '👍', on: round % 2 === 0 })
  const closing = simulation.chat.close()
  await simulation.clock.settle()
  await closing
  assert.equal(ada.events('ack').length, 2)
})

test('closing does not wait for ever for a log that does not answer', async () => {
  const clock = new SimulatedClock()
  const backend = createMemoryBackend({ environment: clock })
  backend.append = () => new Promise(() => {})
  const simulation = simulate({ backend, environment: clock })
  const ada = await simulation.join('tea', 'Ada')
  ada.send({ type: 'post', room: 'tea', key: 'in-time-1', text: 'hi' })
  const closing = simulation.chat.close()
  await clock.advance(2_900)
  assert.equal(ada.ended?.code, undefined)
  await clock.advance(200)
  assert.equal(ada.ended?.code, 1012)
  await closing
})
