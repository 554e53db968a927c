import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Emitter } from './emitter.ts'

type Events = { said: (text: string) => void }

test('a listener hears what comes until it stops listening', () => {
  const emitter = new Emitter<Events>()
  const heard: string[] = []
  const stop = emitter.on('said', (text) => heard.push(text))
  emitter.emit('said', 'one')
  stop()
  emitter.emit('said', 'two')
  assert.deepEqual(heard, ['one'])
})

test('a function that listens twice is called twice, and stops once at a time', () => {
  const emitter = new Emitter<Events>()
  let calls = 0
  const listener = (): void => void calls++
  const stop = emitter.on('said', listener)
  emitter.on('said', listener)
  emitter.emit('said', '')
  stop()
  emitter.emit('said', '')
  assert.equal(calls, 3)
})

test('who begins to listen during an event hears the next one', () => {
  const emitter = new Emitter<Events>()
  const heard: string[] = []
  emitter.on('said', () => emitter.on('said', (text) => heard.push(text)))
  emitter.emit('said', 'one')
  assert.deepEqual(heard, [])
})

test("a listener's fault reaches the process, and neither the other listeners nor the emitter", async (t) => {
  const emitter = new Emitter<Events>()
  const heard: string[] = []
  const uncaught = Promise.withResolvers<unknown>()
  const existing = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').once('uncaughtException', uncaught.resolve)
  t.after(() => {
    for (const listener of existing) process.on('uncaughtException', listener)
  })
  emitter.on('said', () => {
    throw new Error('mine')
  })
  emitter.on('said', (text) => heard.push(text))
  emitter.emit('said', 'one')
  assert.deepEqual(heard, ['one'])
  assert.match(String(await uncaught.promise), /mine/)
})
