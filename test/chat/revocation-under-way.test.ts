import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Key, MessageId, RoomId } from '../../src/protocol/ids.ts'
import { bouncer, EVE, newcomer, post } from './bouncer.ts'
import { simulate } from './simulation.ts'
import type { SimulatedPeer, Simulation } from './simulation.ts'

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

async function postedBy({ clock }: Simulation, peer: SimulatedPeer): Promise<MessageId> {
  post(peer, 'mine')
  await clock.settle()
  return peer.events('ack')[0]!.messageId
}
