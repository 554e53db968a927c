import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessPolicy } from '../../src/chat/access-policy.ts'
import { createIdentity } from '../../src/chat/identity.ts'
import type { Key, MessageId, RoomId, Seq, UserId } from '../../src/protocol/ids.ts'
import { HEARTBEAT_MS } from '../../src/protocol/limits.ts'
import { parseEventStream } from '../helpers/event-stream.ts'
import { simulate, userCalled } from './simulation.ts'
import type { SimulatedPeer, Simulation } from './simulation.ts'

const EVE = 'u_Eve' as UserId

/** A chat in which those in `barred` may read nothing. */
function bouncer(answer: (allowed: boolean) => ReturnType<NonNullable<AccessPolicy['authorize']>> = (it) => it): {
  readonly simulation: Simulation
  readonly barred: Set<string>
  readonly policy: AccessPolicy
} {
  const barred = new Set<string>()
  const policy = { timeoutMs: 3_000, authorize: ({ name }: { name: string }) => answer(!barred.has(name)) }
  return { simulation: simulate({ access: policy }), barred, policy }
}

let keys = 0
const post = (peer: SimulatedPeer, text: string, room = 'tea'): number =>
  peer.send({ type: 'post', room, key: `revocation-${++keys}`, text })

const texts = (peer: SimulatedPeer): string[] => peer.events('change').map(({ message }) => message.text)

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

test('a reader that is catching up gets no more of it once its access ended', async () => {
  const { simulation, barred } = bouncer()
  const { clock, chat } = simulation
  const ada = await simulation.join('tea')
  const [first] = [await simulation.join('tea', 'Eve')]
  const { position } = first.events('joined')[0]!
  first.cut()
  for (let index = 0; index < 400; index++) post(ada, `secret ${index}`)
  await clock.settle()
  const eve = simulation.connect()
  eve.capacity = 1
  eve.send({ type: 'hello', name: 'Eve' })
  await clock.settle()
  eve.readOnce()
  eve.send({ type: 'join', room: 'tea', since: position })
  await clock.settle()
  eve.readOnce()
  await clock.settle()
  barred.add('Eve')
  await chat.revalidate(EVE)
  eve.readOn()
  await clock.advance(1_000)
  const last = eve.seqs().at(-1) ?? 0
  assert.ok(last > 0 && last < 400, `it has ${last} of 400`)
  assert.equal(eve.events('removed').length, 1)
})

test('what waits in memory for a slow reader is not handed to it once its access ended', async () => {
  const { simulation, barred } = bouncer()
  const { clock, chat } = simulation
  const [ada, eve] = [await simulation.join('tea'), await simulation.join('tea', 'Eve')]
  eve.capacity = 1
  for (let index = 0; index < 10; index++) {
    post(ada, `secret ${index}`)
    await clock.settle()
  }
  barred.add('Eve')
  await chat.revalidate(EVE)
  eve.readOn()
  await clock.advance(1_000)
  assert.ok(!eve.received.some((frame) => frame.includes('secret 9')), eve.received.join('\n'))
})

test('a join under way ends as the app says now', async () => {
  const { simulation, barred } = bouncer()
  const { promise: slowDisk, resolve: goOn } = Promise.withResolvers<void>()
  const marker = simulation.backend.marker.bind(simulation.backend)
  simulation.backend.marker = async (...of) => {
    await slowDisk
    return marker(...of)
  }
  const eve = await simulation.join('tea', 'Eve')
  barred.add('Eve')
  await simulation.chat.revalidate(EVE)
  goOn()
  await simulation.clock.settle()
  assert.deepEqual(eve.events('joined'), [])
  assert.deepEqual(
    eve.events('error').map(({ code }) => code),
    ['room_not_found'],
  )
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

test('whoever is disconnected ends with 4401, and nobody else', async () => {
  const simulation = simulate()
  const [ada, one] = [await simulation.join('tea'), await simulation.join('tea', 'Eve')]
  const [two, stream] = [await simulation.join('coffee', 'Eve'), await simulation.follow('tea', undefined, 'Eve')]
  await simulation.chat.disconnect(EVE)
  assert.deepEqual(
    [one, two, stream, ada].map(({ ended }) => ended?.code),
    [4401, 4401, 4401, undefined],
  )
})

test('who they are, as found out before they were disconnected, lets nobody in after', async () => {
  const { promise: slowApp, resolve: goOn } = Promise.withResolvers<void>()
  const simulation = simulate({
    identify: async ({ name = '' }) => {
      await slowApp
      return userCalled(name)
    },
  })
  const [ada, eve] = [simulation.connect(), simulation.connect()]
  ada.send({ type: 'hello', name: 'Ada' })
  eve.send({ type: 'hello', name: 'Eve' })
  await simulation.clock.settle()
  await simulation.chat.disconnect(EVE)
  goOn()
  await simulation.clock.settle()
  assert.deepEqual([ada.events('welcome').length, eve.events('welcome').length, eve.ended?.code], [1, 0, 4401])
  const again = simulation.connect()
  again.send({ type: 'hello', name: 'Eve' })
  await simulation.clock.settle()
  assert.equal(again.events('welcome').length, 1)
})

test('every process that shares the chat is told', async () => {
  const { simulation: here, barred, policy } = bouncer()
  const there = simulate({ backend: here.backend, environment: here.clock, access: policy })
  const [eve, mallory] = [await there.join('tea', 'Eve'), await there.join('tea', 'Mallory')]
  await here.clock.settle()
  barred.add('Eve')
  await here.chat.revalidate(EVE)
  await here.chat.disconnect('u_Mallory' as UserId)
  await here.clock.settle()
  assert.deepEqual([eve.events('removed').length, mallory.ended?.code], [1, 4401])
})

test('a process that was deaf asks about everybody it holds', async () => {
  const { simulation, barred } = bouncer()
  const listeners: { onDeaf(): void }[] = []
  const { backend } = simulation
  backend.listen = (listener) => {
    listeners.push(listener)
    return () => {}
  }
  const deaf = simulate({
    backend,
    environment: simulation.clock,
    access: { timeoutMs: 1, authorize: ({ name }) => !barred.has(name) },
  })
  const peers = [await deaf.join('tea', 'Ada'), await deaf.join('tea', 'Eve')]
  await simulation.clock.settle()
  barred.add('Eve')
  for (const listener of listeners) listener.onDeaf()
  await simulation.clock.settle()
  assert.deepEqual(
    peers.map((peer) => peer.events('removed').length),
    [0, 1],
  )
})

test('orders of another version are passed over', async () => {
  const { simulation } = bouncer()
  const eve = await simulation.join('tea', 'Eve')
  for (const payload of ['', 'null', '{"from":"x","type":"promote","user":"u_Eve"}', '{"type":"disconnect"}'])
    await simulation.backend.broadcast(payload)
  await simulation.clock.settle()
  assert.equal(eve.ended, undefined)
})

test('where the others cannot be told, whoever asked for it knows, and it is done here', async () => {
  const { simulation, barred } = bouncer()
  const eve = await simulation.join('tea', 'Eve')
  simulation.backend.broadcast = () => Promise.reject(new Error('away'))
  barred.add('Eve')
  await assert.rejects(simulation.chat.revalidate(EVE), /away/)
  await simulation.clock.settle()
  assert.equal(eve.events('removed').length, 1)
})

const change = (simulation: Simulation, how: 'revalidate' | 'disconnect', barred: Set<string>): Promise<void> => {
  barred.add('Eve')
  return simulation.chat[how](EVE)
}

for (const how of ['revalidate', 'disconnect'] as const) {
  test(`a stream that is being opened ends as any other: ${how}`, async () => {
    const { simulation, barred } = bouncer()
    const { promise: slowDisk, resolve: goOn } = Promise.withResolvers<void>()
    const { position } = (await newcomer(simulation)).events('joined')[0]!
    const readDisk = simulation.backend.readChanges.bind(simulation.backend)
    simulation.backend.readChanges = async (...of) => {
      await slowDisk
      return readDisk(...of)
    }
    const ada = await simulation.join('tea')
    post(ada, 'before')
    await simulation.clock.settle()
    const refused = assert.rejects(simulation.follow('tea', position, 'Eve'), {
      code: how === 'revalidate' ? 'room_not_found' : 'unauthorized',
    })
    await simulation.clock.settle()
    // Only of `revalidate` the app is asked: whoever is disconnected may have lost nothing else.
    await change(simulation, how, how === 'revalidate' ? barred : new Set())
    goOn()
    await simulation.settled(refused)
    // Ada is left, and Eve in the room that she was told is not hers any more.
    assert.equal(simulation.chat.stats().connections, how === 'revalidate' ? 2 : 1)
  })

  test(`a write that waits for beforeMessage is not stored once access ended: ${how}`, async () => {
    const { barred, policy } = bouncer()
    const looking: (() => void)[] = []
    let isSlow = false
    const simulation = simulate({
      access: how === 'revalidate' ? policy : { timeoutMs: 3_000 },
      hook: {
        beforeMessage: () => (isSlow ? new Promise<void>((resolve) => void looking.push(resolve)) : undefined),
        timeoutMs: 3_000,
        onFailure: 'allow',
      },
    })
    const ada = await simulation.join('tea')
    const [poster, editor] = [await newcomer(simulation), await newcomer(simulation)]
    const messageId = await postedBy(simulation, editor)
    isSlow = true
    post(poster, 'too late')
    editor.send({ type: 'edit', room: 'tea', key: 'revocation-edit', messageId, text: 'too late' })
    const code = how === 'revalidate' ? 'room_not_found' : 'unauthorized'
    const speaker = await simulation.identify('Eve')
    const from = { connectionId: 'rest', address: '127.0.0.1' }
    const write = { room: 'tea' as RoomId, key: 'revocation-rest' as Key }
    const refused = Promise.all([
      assert.rejects(simulation.chat.submit(speaker, from, { ...write, text: 'too late' }), { code }),
      assert.rejects(
        simulation.chat.revise(speaker, from, { ...write, type: 'edit', id: 1, messageId, text: 'too late' }),
        { code },
      ),
    ])
    await simulation.clock.settle()
    assert.equal(looking.length, 4)
    await change(simulation, how, barred)
    for (const letThrough of looking) letThrough()
    await simulation.settled(refused)
    assert.ok(!ada.received.some((frame) => frame.includes('too late')))
  })
}

test('beforeMessage is told of the room though the app is asked anew meanwhile', async () => {
  const rooms: unknown[] = []
  let described = Promise.resolve()
  const { promise: slowDisk, resolve: goOn } = Promise.withResolvers<void>()
  const simulation = simulate({
    access: { timeoutMs: 3_000, resolveRoom: () => described.then(() => ({ title: 'Tea room' })) },
    hook: { beforeMessage: (_message, { room }) => void rooms.push(room), timeoutMs: 3_000, onFailure: 'allow' },
  })
  const eve = await newcomer(simulation)
  const append = simulation.backend.append.bind(simulation.backend)
  simulation.backend.append = async (write) => {
    await slowDisk
    return append(write)
  }
  post(eve, 'hi')
  await simulation.clock.settle()
  const { promise: slowApp, resolve: describe } = Promise.withResolvers<void>()
  described = slowApp
  const revalidated = simulation.chat.revalidate(EVE)
  goOn()
  await simulation.clock.settle()
  describe()
  await revalidated
  await simulation.clock.settle()
  assert.deepEqual(rooms, [{ title: 'Tea room' }])
})

test('nobody is let in in the turn in which they are disconnected', async () => {
  for (let turns = 0; turns < 12; turns++) {
    const { promise: slowApp, resolve: goOn } = Promise.withResolvers<void>()
    const simulation = simulate({
      identify: async ({ name = '' }) => {
        await slowApp
        return userCalled(name)
      },
    })
    const eve = simulation.connect()
    eve.send({ type: 'hello', name: 'Eve' })
    await simulation.clock.settle()
    goOn()
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    await simulation.chat.disconnect(EVE)
    await simulation.clock.settle()
    assert.equal(eve.ended?.code, 4401, `after ${turns} turns`)
  }
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

/** Eve, in the tea room. */
function newcomer(simulation: Simulation): Promise<SimulatedPeer> {
  return simulation.join('tea', 'Eve')
}

async function postedBy({ clock }: Simulation, peer: SimulatedPeer): Promise<MessageId> {
  post(peer, 'mine')
  await clock.settle()
  return peer.events('ack')[0]!.messageId
}
