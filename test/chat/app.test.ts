import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatEventName } from '../../src/chat/app-events.ts'
import type { AppPost } from '../../src/chat/app-posts.ts'
import { simulate } from './simulation.ts'
import type { Simulation } from './simulation.ts'

const NAMES: readonly ChatEventName[] = ['message', 'change', 'open', 'close', 'join', 'leave']

/** Notes what the app hears, in a line each. */
function listen({ chat }: Simulation): string[] {
  const heard: string[] = []
  chat.on('message', ({ room, message }) =>
    heard.push(`message ${room} ${message.seq} ${message.author.name}: ${message.text}`),
  )
  chat.on('change', ({ room, kind, message }) => heard.push(`${kind} ${room} ${message.seq}/${message.rev}`))
  chat.on('open', ({ user }) => heard.push(`open ${user.id}`))
  chat.on('close', ({ user, code }) => heard.push(`close ${user.id} ${code}`))
  chat.on('join', ({ user, room }) => heard.push(`join ${user.id} ${room}`))
  chat.on('leave', ({ user, room }) => heard.push(`leave ${user.id} ${room}`))
  return heard
}

test('the app hears who comes and goes, and what is said and changed', async () => {
  const simulation = simulate()
  const heard = listen(simulation)
  const { clock } = simulation
  const [ada, again] = [await simulation.join('tea'), await simulation.join('tea')]
  again.cut()
  const write = { type: 'post', room: 'tea', key: 'app-key-1', text: 'hi' }
  ada.send(write)
  await clock.settle()
  ada.send(write)
  await clock.settle()
  const { messageId } = ada.events('ack')[0]!
  ada.send({ type: 'react', room: 'tea', key: 'app-key-2', messageId, emoji: '👍', on: true })
  await clock.settle()
  ada.send({ type: 'delete', room: 'tea', key: 'app-key-3', messageId })
  await clock.settle()
  ada.cut()
  await clock.advance(3_000)
  assert.deepEqual(heard, [
    'open u_Ada',
    'join u_Ada tea',
    'open u_Ada',
    'close u_Ada 1006',
    'message tea 1 Ada: hi',
    'post tea 1/undefined',
    'react tea 1/2',
    'delete tea 1/3',
    'close u_Ada 1006',
    'leave u_Ada tea',
  ])
})

test('a listener that fails harms nobody, and the operator is told', async () => {
  const simulation = simulate()
  for (const name of NAMES) {
    simulation.chat.on(name, () => {
      throw new Error(`sync ${name}`)
    })
  }
  simulation.chat.on('message', () => Promise.reject(new Error('async')))
  const heard = listen(simulation)
  const ada = await simulation.join('tea')
  ada.send({ type: 'post', room: 'tea', key: 'app-key-4', text: 'hi' })
  await simulation.clock.settle()
  assert.equal(ada.events('ack').length, 1)
  assert.deepEqual(heard, ['open u_Ada', 'join u_Ada tea', 'message tea 1 Ada: hi', 'post tea 1/undefined'])
  assert.deepEqual(simulation.faults.map(({ error }) => String(error)).toSorted(), [
    'Error: async',
    'Error: sync change',
    'Error: sync join',
    'Error: sync message',
    'Error: sync open',
  ])
})

test('whoever stopped listening hears no more', async () => {
  const simulation = simulate()
  const heard: string[] = []
  const stop = simulation.chat.on('open', ({ user }) => heard.push(user.name))
  await simulation.join('tea')
  stop()
  stop()
  await simulation.join('tea', 'Bob')
  assert.deepEqual(heard, ['Ada'])
})

test('what the app says is stored, shown to all, and once for one key', async () => {
  const simulation = simulate({ access: { timeoutMs: 1_000, authorize: (_user, action) => action === 'read' } })
  const ada = await simulation.join('order:42')
  const heard = listen(simulation)
  const shipped: AppPost = { room: 'order:42', author: 'Shipping', text: 'It is on its way', key: 'order-42-shipped' }
  const first = await simulation.settled(simulation.chat.say(shipped))
  assert.deepEqual((await simulation.settled(simulation.chat.say(shipped))).position, first.position)
  const thanks: AppPost = {
    room: 'order:42',
    author: { id: 'u7', name: 'Grace', role: 'clerk' },
    text: 'Thanks',
    replyTo: first.messageId,
  }
  await simulation.settled(simulation.chat.say(thanks))
  await simulation.clock.settle()
  assert.deepEqual(
    ada.events('change').map(({ message: { author, text, replyTo } }) => [author, text, replyTo]),
    [
      [{ id: 'app:Shipping', name: 'Shipping' }, 'It is on its way', undefined],
      [{ id: 'u7', name: 'Grace' }, 'Thanks', first.messageId],
    ],
  )
  assert.equal(heard.filter((line) => line.startsWith('message')).length, 2)
})

test('what the app says without waiting keeps its order', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  const texts = Array.from({ length: 50 }, (_, index) => String(index))
  const say = (text: string): Promise<unknown> => simulation.chat.say({ room: 'tea', author: 'Counter', text })
  await simulation.settled(Promise.all(texts.map(say)))
  assert.deepEqual(
    ada.events('change').map(({ message }) => message.text),
    texts,
  )
})

test('what the app cannot say is named', async () => {
  const simulation = simulate({ rooms: ['tea' as never] })
  const post: AppPost = { room: 'tea', author: 'Bot', text: 'hi' }
  for (const [wrong, says] of [
    [{ room: '!' }, /"room"/],
    [{ key: 'short' }, /"key"/],
    [{ text: 1 }, /"text"/],
    [{ author: ' ' }, /"author"/],
    [{ author: { id: '', name: 'x' } }, /author: "id"/],
  ] as const)
    await assert.rejects(simulation.chat.say({ ...post, ...(wrong as object) }), says)
  await assert.rejects(simulation.chat.say({ ...post, room: 'coffee' }), { code: 'room_not_found' })
  await assert.rejects(simulation.chat.say({ ...post, text: ' ' }), { code: 'text_blank' })
  await assert.rejects(simulation.chat.say({ ...post, replyTo: 'none' }), { code: 'message_not_found' })
  await simulation.chat.close()
  await assert.rejects(simulation.chat.say(post), { code: 'unavailable' })
})

test('a room has the title that the app gives it, for whoever is told of it', async () => {
  const simulation = simulate({
    access: { timeoutMs: 1_000, resolveRoom: (room, { name }) => ({ title: ` ${room} of\n${name}\u202e` }) },
  })
  const ada = await simulation.join('order:42')
  assert.equal(ada.events('joined')[0]?.title, 'order:42 of Ada')
})
