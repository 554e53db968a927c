import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulation.ts'
import { watchedBackend } from './watched-backend.ts'

// It stayed unanswered: the join found that its reading was over and returned.
test('a join that a reset hits while the log is read has exactly one answer: try again', async () => {
  const watched = watchedBackend()
  const { backend, clock, listeners } = watched
  const { promise: reading, resolve: finishReading } = Promise.withResolvers<void>()
  const readPage = backend.readPage.bind(backend)
  backend.readPage = async (...args) => reading.then(() => readPage(...args))
  const simulation = simulate({ backend, environment: clock })
  const ada = simulation.connect()
  ada.send({ type: 'hello', name: 'Ada' })
  const joinId = ada.send({ type: 'join', room: 'tea' })
  await clock.settle()
  listeners[0]!.onReset('epoch')
  finishReading()
  await clock.settle()
  assert.deepEqual(
    ada.events('error').map(({ id, code, retryAfterMs }) => ({ id, code, retryAfterMs })),
    [{ id: joinId, code: 'conflict', retryAfterMs: 500 }],
  )
  assert.equal(ada.events('reset').length, 1)
  assert.equal(ada.events('joined').length, 0)
  ada.send({ type: 'join', room: 'tea' })
  await clock.settle()
  assert.equal(ada.events('joined').length, 1)
})

test('a room that is reset while it opens is let go of, and opens anew for the next who joins', async () => {
  const watched = watchedBackend()
  const { backend, clock, listeners } = watched
  const simulation = simulate({ backend, environment: clock })
  const { promise, resolve: release } = Promise.withResolvers<void>()
  watched.hold = promise
  const ada = simulation.connect()
  ada.send({ type: 'hello', name: 'Ada' })
  ada.send({ type: 'join', room: 'tea' })
  await clock.settle()
  listeners[0]!.onReset('epoch')
  release()
  await clock.settle()
  assert.deepEqual(
    ada.events('error').map(({ code }) => code),
    ['conflict'],
  )
  assert.equal(listeners.length, 0)
  assert.equal(simulation.chat.stats().rooms, 0)
  ada.send({ type: 'join', room: 'tea' })
  ada.send({ type: 'post', room: 'tea', key: 'after-it-1', text: 'hi' })
  await clock.settle()
  assert.deepEqual(ada.seqs(), [1])
})

test('a room that is reset just as it has opened is let go of too', async () => {
  const { backend, clock, listeners } = watchedBackend()
  const subscribe = backend.subscribe.bind(backend)
  let resets = 1
  backend.subscribe = async (room, listener) => {
    const subscription = await subscribe(room, listener)
    // Behind the subscription's own microtask, before that of the join.
    if (resets-- > 0) queueMicrotask(() => queueMicrotask(() => listener.onReset('fork')))
    return subscription
  }
  const simulation = simulate({ backend, environment: clock })
  const ada = simulation.connect()
  ada.send({ type: 'hello', name: 'Ada' })
  ada.send({ type: 'join', room: 'tea' })
  await clock.settle()
  assert.equal(ada.events('joined').length + ada.events('error').length, 1)
  assert.equal(listeners.length, simulation.chat.stats().rooms)
  ada.send({ type: 'join', room: 'tea' })
  ada.send({ type: 'post', room: 'tea', key: 'after-it-1', text: 'hi' })
  await clock.settle()
  assert.deepEqual(ada.seqs(), [1])
})

// It was let into the room that had just gone out of use, and so its connection ended as a fault of the server.
test('a plain client stays in a lobby that is reset', async () => {
  const watched = watchedBackend()
  const { backend, clock, listeners } = watched
  const simulation = simulate({ backend, environment: clock })
  const plain = simulation.connectPlain()
  await clock.settle()
  listeners[0]!.onReset('epoch')
  await clock.settle()
  plain.sendRaw('{"handle":"ada","text":"still here"}')
  await clock.settle()
  assert.equal(plain.ended, undefined)
  assert.deepEqual(plain.received, ['{"handle":"ada","text":"still here"}'])
})
