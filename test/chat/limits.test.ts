import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts'
import { simulate } from './simulation.ts'

test('a page holds no more messages than the operator lets it, by default or when asked', async () => {
  const simulation = simulate({ limits: { ...DEFAULT_LIMITS, pageMessages: 3 } })
  const ada = await simulation.join('tea', 'Ada')
  for (let posts = 0; posts < 5; posts++) ada.send({ type: 'post', room: 'tea', key: `the-key-${posts}`, text: 'x' })
  await simulation.clock.settle()
  const refused = [
    ada.send({ type: 'join', room: 'tea', limit: 4 }),
    ada.send({ type: 'history', room: 'tea', limit: 4 }),
  ]
  ada.send({ type: 'join', room: 'tea' })
  ada.send({ type: 'history', room: 'tea' })
  ada.send({ type: 'history', room: 'tea', limit: 2 })
  await simulation.clock.settle()
  assert.deepEqual(
    ada.events('error').map(({ id, code, message }) => ({ id, code, message })),
    refused.map((id) => ({ id, code: 'bad_command', message: '"limit": a page holds at most 3 messages' })),
  )
  assert.equal(ada.events('joined').at(-1)?.messages.length, 3)
  assert.deepEqual(
    ada.events('page').map(({ messages }) => messages.length),
    [3, 2],
  )
})
