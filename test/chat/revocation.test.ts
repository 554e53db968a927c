import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIdentity } from '../../src/chat/identity.ts'
import type { RoomId, Seq } from '../../src/protocol/ids.ts'
import { HEARTBEAT_MS } from '../../src/protocol/limits.ts'
import { parseEventStream } from '../helpers/event-stream.ts'
import { bouncer, EVE, newcomer, post, texts } from './bouncer.ts'
import { simulate } from './simulation.ts'

test('whoever may not read any more is told so, and hears nothing else of that room', async () => {
  const { simulation, barred } = bouncer()
  const { clock, chat } = simulation
  const [ada, eve] = [await simulation.join('tea'), await simulation.join('tea', 'Eve')]
  barred.add('Eve')
  await chat.revalidate(EVE)
  assert.deepEqual(eve.allEvents().at(-1), {
    type: 'removed',
    room: 'tea',
    code: 'forbidden',
    message: 'you may not read this room any more',
  })
  const before = eve.received.length
  post(ada, 'she is gone')
  ada.send({ type: 'typing', room: 'tea', on: true })
  ada.send({ type: 'read', room: 'tea', seq: 1 })
  await clock.advance(10_000)
  assert.deepEqual(
    eve.received.slice(before).filter((frame) => frame.includes('tea')),
    [],
  )
  assert.deepEqual(texts(ada), ['she is gone'])
  const { members } = ada.events('presence').at(-1) ?? {}
  assert.deepEqual(
    members?.map(({ name }) => name),
    ['Ada'],
  )
})

test('each room is asked about, and only those end that the app says no to', async () => {
  const closed = new Set<string>()
  const simulation = simulate({
    access: { timeoutMs: 3_000, authorize: (_user, _action, room) => !closed.has(room) },
  })
  const [ada, eve] = [await simulation.join('coffee'), await simulation.join('tea', 'Eve')]
  eve.send({ type: 'join', room: 'coffee' })
  await simulation.clock.settle()
  closed.add('tea')
  await simulation.chat.revalidate(EVE)
  post(ada, 'Espresso', 'coffee')
  await simulation.clock.settle()
  assert.deepEqual(
    eve.events('removed').map(({ room }) => room),
    ['tea'],
  )
  assert.deepEqual(texts(eve), ['Espresso'])
})

test('while the app is asked nothing arrives, and who may stay misses nothing', async () => {
  let answerLater: ((mayStay: boolean) => void) | undefined
  for (const mayStay of [true, false]) {
    const { simulation } = bouncer((allowed) =>
      answerLater === undefined ? allowed : new Promise((resolve) => (answerLater = resolve)),
    )
    const [ada, eve] = [await simulation.join('tea'), await simulation.join('tea', 'Eve')]
    post(ada, 'before')
    await simulation.clock.settle()
    answerLater = () => {}
    const revalidated = simulation.chat.revalidate(EVE)
    await simulation.clock.settle()
    const answer = answerLater
    answerLater = undefined
    post(ada, 'meanwhile')
    await simulation.clock.settle()
    assert.deepEqual([texts(ada), texts(eve)], [['before', 'meanwhile'], ['before']])
    answer(mayStay)
    await revalidated
    post(ada, 'after')
    await simulation.clock.settle()
    assert.deepEqual(texts(eve), mayStay ? ['before', 'meanwhile', 'after'] : ['before'])
  }
})

test('while the app is asked nothing tells how far one has read elsewhere, nor that there is news; it is told to who may stay', async () => {
  for (const mayStay of [true, false]) {
    let answerLater: ((mayStay: boolean) => void) | undefined
    let isAsking = false
    const simulation = simulate({
      access: {
        timeoutMs: 60_000,
        authorize: ({ name }) =>
          !isAsking || name === 'Ada' || new Promise<boolean>((resolve) => void (answerLater = resolve)),
      },
    })
    const { backend, clock, chat } = simulation
    const [ada, eve] = [await simulation.join('tea'), await simulation.join('tea', 'Eve')]
    post(ada, 'one')
    post(ada, 'two')
    await clock.settle()
    isAsking = true
    const revalidated = chat.revalidate(EVE)
    await clock.settle()
    const before = eve.received.length
    post(ada, 'three')
    await clock.settle()
    for (const seq of [1, 2]) void backend.advanceMarker('tea' as RoomId, EVE, seq as Seq)
    await clock.advance(HEARTBEAT_MS)
    const heard = eve.allEvents().slice(before)
    assert.deepEqual(
      heard.map((event) => event.type === 'heartbeat' && event.heads['tea' as RoomId]?.seq),
      [2],
    )
    answerLater?.(mayStay)
    await revalidated
    await clock.settle()
    assert.deepEqual(
      eve.events('read').map(({ seq }) => seq),
      mayStay ? [2] : [],
    )
  }
})

test('who is about to be let in hears how far they have read only once they are', async () => {
  for (const mayRead of [true, false]) {
    const { simulation, barred } = bouncer()
    const { backend, clock, chat } = simulation
    const ada = await simulation.join('tea')
    post(ada, 'one')
    const { promise: slowDisk, resolve: goOn } = Promise.withResolvers<void>()
    const marker = backend.marker.bind(backend)
    backend.marker = async (...of) => {
      const seq = await marker(...of)
      await slowDisk
      return seq
    }
    const eve = await simulation.join('tea', 'Eve')
    void backend.advanceMarker('tea' as RoomId, EVE, 1 as Seq)
    await clock.settle()
    assert.equal(eve.events('read').length, 0)
    if (!mayRead) barred.add('Eve')
    await chat.revalidate(EVE)
    goOn()
    await clock.settle()
    assert.deepEqual(
      eve.allEvents().flatMap(({ type }) => (type === 'joined' || type === 'read' || type === 'error' ? [type] : [])),
      mayRead ? ['joined', 'read'] : ['error'],
    )
  }
})

test('two revalidations at once end as the later answer says', async () => {
  const answers: ((mayStay: boolean) => void)[] = []
  let isSlow = false
  const { simulation } = bouncer(() => (isSlow ? new Promise<boolean>((resolve) => void answers.push(resolve)) : true))
  const [ada, eve] = [await simulation.join('tea'), await simulation.join('tea', 'Eve')]
  isSlow = true
  const revalidated = [simulation.chat.revalidate(EVE), simulation.chat.revalidate(EVE)]
  await simulation.clock.settle()
  // The answer to the first question came too late to be one: it is asked again.
  answers[0]!(true)
  await simulation.clock.settle()
  for (const answer of answers.slice(1)) answer(false)
  isSlow = false
  await Promise.all(revalidated)
  post(ada, 'secret')
  await simulation.clock.settle()
  assert.deepEqual([eve.events('removed').length, texts(eve)], [1, []])
})

test('a stream ends where its reader may not read any more', async () => {
  const { simulation, barred } = bouncer()
  const [ada, eve] = [await simulation.join('tea'), await simulation.follow('tea', undefined, 'Eve')]
  barred.add('Eve')
  await simulation.chat.revalidate(EVE)
  post(ada, 'secret')
  await simulation.clock.settle()
  assert.equal(parseEventStream(eve.received).at(-1)?.data.type, 'removed')
  assert.equal(eve.ended?.code, 4403)
})

test('an app that fails when it is asked again ends the access, and the operator is told', async () => {
  let isBroken = false
  const { simulation } = bouncer((allowed) => {
    if (isBroken) throw new Error('no database')
    return allowed
  })
  const eve = await simulation.join('tea', 'Eve')
  isBroken = true
  await simulation.chat.revalidate(EVE)
  assert.equal(eve.events('removed').length, 1)
  assert.equal(String(simulation.faults[0]?.error), 'Error: no database')
})

test('a newer token that allows less ends what it does not allow, before it is answered', async () => {
  const simulation = simulate({
    identify: ({ name = '', token }) =>
      Promise.resolve(createIdentity({ id: `u_${name || 'Eve'}`, name: 'Eve', role: token ?? 'staff' }, 'a test')),
    access: { timeoutMs: 3_000, authorize: ({ role }) => role === 'staff' },
  })
  const eve = await newcomer(simulation)
  eve.send({ type: 'token', token: 'member' })
  await simulation.clock.settle()
  assert.deepEqual(
    eve.allEvents().flatMap(({ type }) => (type === 'removed' || type === 'renewed' ? [type] : [])),
    ['removed', 'renewed'],
  )
})
