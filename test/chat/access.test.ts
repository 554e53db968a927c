import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessPolicy, Action } from '../../src/chat/access-policy.ts'
import { SAMPLES } from '../protocol/samples.ts'
import { simulate } from './simulation.ts'
import type { SimulatedPeer, Simulation } from './simulation.ts'

/** A chat whose app decides by `policy`. */
function decided(policy: Partial<AccessPolicy>): Simulation {
  return simulate({ access: { timeoutMs: 3_000, ...policy } })
}

/** Whether someone may, by the first matching entry of a table like `{ 'Ada read tea': false }`; by default they may all but moderate. */
function table(entries: Readonly<Record<string, boolean>>): AccessPolicy['authorize'] {
  return ({ name }, action, room) => entries[`${name} ${action} ${room}`] ?? action !== 'moderate'
}

async function ask(
  { clock }: Simulation,
  peer: SimulatedPeer,
  command: { readonly type: string; readonly [field: string]: unknown },
): Promise<Record<string, unknown>> {
  const id = peer.send(command)
  await clock.settle()
  const answer = peer.allEvents().find((event) => 'id' in event && event.id === id)
  assert.ok(answer, `${command.type} has no answer`)
  return { ...answer }
}

let keys = 0
const newKey = (): string => `access-key-${++keys}`

const post = (room: string, text = 'hi'): { type: string; room: string; key: string; text: string } => ({
  type: 'post',
  room,
  key: newKey(),
  text,
})

test('a hidden room and one that is not there answer alike, whatever is asked of them', async () => {
  const simulation = decided({
    authorize: (_user, action, room) => !(action === 'read' && room === 'hidden'),
    resolveRoom: (room) => (room === 'absent' ? null : {}),
  })
  const peer = await simulation.join('tea')
  // A message in the hidden room, which somebody may know the id of.
  for (const [type, fields] of Object.entries(SAMPLES)) {
    // These two are of no room.
    if (type === 'hello' || type === 'token') continue
    const answers = []
    for (const room of ['hidden', 'absent']) {
      const { id: _id, ...answer } = await ask(simulation, peer, { ...fields, type, room })
      answers.push(JSON.stringify(answer).replaceAll(room, 'ROOM'))
    }
    assert.equal(answers[0], answers[1])
    const code = type === 'leave' || type === 'typing' ? 'not_joined' : 'room_not_found'
    assert.ok(answers[0]?.includes(`"${code}"`), `${type}: ${answers[0]}`)
  }
})

test('bad texts tell nothing about a hidden room', async () => {
  const simulation = decided({ authorize: table({ 'Ada read tea': false }) })
  const peer = await simulation.join('coffee')
  assert.equal((await ask(simulation, peer, post('tea', ' ')))['code'], 'room_not_found')
})

test('each kind of write is asked for by its name', async () => {
  const denied: Action[] = ['post', 'react', 'edit', 'delete']
  const closed = new Set<Action>()
  const simulation = decided({ authorize: (_user, action) => !closed.has(action) && action !== 'moderate' })
  const peer = await simulation.join('tea')
  const { messageId } = await ask(simulation, peer, post('tea'))
  await simulation.clock.advance(1_000)
  for (const action of denied) closed.add(action)
  const writes = [
    post('tea'),
    { type: 'react', room: 'tea', key: newKey(), messageId, emoji: '👍', on: true },
    { type: 'edit', room: 'tea', key: newKey(), messageId, text: 'hello' },
    { type: 'delete', room: 'tea', key: newKey(), messageId },
    { type: 'typing', room: 'tea', on: true },
  ]
  for (const write of writes) assert.equal((await ask(simulation, peer, write))['code'], 'forbidden', write.type)
  for (const allowed of [
    { type: 'history', room: 'tea' },
    { type: 'read', room: 'tea', seq: 1 },
  ])
    assert.notEqual((await ask(simulation, peer, allowed))['type'], 'error')
})

test('a moderator deletes what others wrote, and edits only what is theirs', async () => {
  const simulation = decided({ authorize: table({ 'Mod moderate tea': true }) })
  const [ada, mod] = [await simulation.join('tea'), await simulation.join('tea', 'Mod')]
  const { messageId } = await ask(simulation, ada, post('tea'))
  const edit = { type: 'edit', room: 'tea', key: newKey(), messageId, text: 'mine' }
  assert.equal((await ask(simulation, mod, edit))['code'], 'forbidden')
  const remove = { type: 'delete', room: 'tea', key: newKey(), messageId }
  const ack = await ask(simulation, mod, remove)
  assert.equal(ack['type'], 'ack')
  const { id: _one, ...first } = ack
  const { id: _two, ...again } = await ask(simulation, mod, remove)
  assert.deepEqual(again, first)
})

test('what throws or hangs denies, and the operator is told', async () => {
  const simulation = decided({
    authorize: (_user, action, room) => {
      if (room === 'throws') throw new Error('the app broke')
      if (room === 'rejects') return Promise.reject(new Error('the app broke'))
      return room === 'hangs' ? new Promise<boolean>(() => {}) : action === 'read'
    },
  })
  const peer = await simulation.join('tea')
  for (const room of ['throws', 'rejects', 'hangs']) {
    const id = peer.send({ type: 'join', room })
    await simulation.clock.advance(3_000)
    const answer = peer.events('error').find((event) => event.id === id)
    assert.equal(answer?.code, 'room_not_found', room)
  }
  assert.deepEqual(
    simulation.faults.map(({ error, context }) => [String(error), context.stage]),
    [
      ['Error: the app broke', 'asking authorize'],
      ['Error: the app broke', 'asking authorize'],
      ['LateError: authorize did not answer within 3000 ms', 'asking authorize'],
    ],
  )
})

test('an answer that is neither true nor false allows nothing', async () => {
  const authorize = (() => 'yes') as unknown as AccessPolicy['authorize']
  const simulation = decided({ authorize })
  const peer = await simulation.join('tea')
  assert.deepEqual(
    peer.events('error').map(({ code }) => code),
    ['room_not_found'],
  )
})

test('the app is asked about a busy writer once a second, and posts keep their order meanwhile', async () => {
  const asked: string[] = []
  const simulation = decided({
    authorize: async ({ name }, action) => {
      asked.push(`${name} ${action}`)
      await new Promise((resolve) => setImmediate(resolve))
      return true
    },
  })
  const peer = await simulation.join('tea')
  const texts = Array.from({ length: 20 }, (_, index) => String(index))
  for (const text of texts) peer.send(post('tea', text))
  await simulation.clock.settle()
  await simulation.clock.advance(50)
  assert.deepEqual(asked, ['Ada read', 'Ada post'])
  assert.deepEqual(
    peer.events('change').map(({ message }) => message.text),
    texts,
  )
  await simulation.clock.advance(1_000)
  peer.send(post('tea'))
  await simulation.clock.advance(50)
  assert.deepEqual(asked, ['Ada read', 'Ada post', 'Ada read', 'Ada post'])
})

test('what the app changed without a word is in force after a second', async () => {
  let mayPost = true
  const simulation = decided({ authorize: (_user, action) => action === 'read' || (action === 'post' && mayPost) })
  const peer = await simulation.join('tea')
  await ask(simulation, peer, post('tea'))
  mayPost = false
  await simulation.clock.advance(1_000)
  assert.equal((await ask(simulation, peer, post('tea')))['code'], 'forbidden')
})

test('access that ended while the log was read ends the join and the page', async () => {
  for (const command of [
    { type: 'join', room: 'tea' },
    { type: 'history', room: 'tea' },
  ]) {
    let mayRead = true
    const simulation = decided({ authorize: () => mayRead })
    const ada = await simulation.join('tea')
    await ask(simulation, ada, post('tea', 'secret'))
    const eve = await simulation.join('coffee', 'Eve')
    const { promise: slowDisk, resolve: goOn } = Promise.withResolvers<void>()
    const readPage = simulation.backend.readPage.bind(simulation.backend)
    simulation.backend.readPage = async (...query) => {
      await slowDisk
      return readPage(...query)
    }
    eve.send({ ...command, limit: 7 })
    await simulation.clock.advance(1_000)
    mayRead = false
    goOn()
    await simulation.clock.settle()
    assert.equal(eve.events('error')[0]?.code, 'room_not_found')
    assert.ok(!eve.received.some((frame) => frame.includes('secret')), command.type)
  }
})

test('a room that the app knows by its members lets in those, and only those', async () => {
  const simulation = decided({
    resolveRoom: (room) => (room === 'order:42' ? { title: 'Order 42', members: ['u_Ada'] } : null),
  })
  const [ada, bob] = [await simulation.join('order:42'), await simulation.join('order:42', 'Bob')]
  assert.equal(ada.events('joined').length, 1)
  assert.deepEqual(
    bob.events('error').map(({ code }) => code),
    ['room_not_found'],
  )
  assert.equal((await ask(simulation, ada, post('order:42')))['type'], 'ack')
  assert.equal((await ask(simulation, bob, post('order:42')))['code'], 'room_not_found')
})

test('whoever is made a member is one a second later', async () => {
  const members = ['u_Bob']
  const simulation = decided({ resolveRoom: () => ({ members }) })
  const ada = await simulation.join('tea')
  assert.deepEqual(ada.events('joined'), [])
  members.push('u_Ada')
  await simulation.clock.advance(1_000)
  assert.equal((await ask(simulation, ada, { type: 'join', room: 'tea' }))['type'], 'joined')
})

test('nobody follows a room that they may not read', async () => {
  const simulation = decided({ authorize: table({ 'Eve read tea': false }) })
  await assert.rejects(simulation.follow('tea', undefined, 'Eve'), { code: 'room_not_found' })
  await simulation.follow('tea', undefined, 'Ada')
  assert.equal(simulation.chat.stats().connections, 1)
})
