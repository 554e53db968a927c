import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Room, Seq } from '../../src/client.ts'
import { SimulatedNetwork } from './simulated-network.ts'

/** The texts of the messages that the room announces from now on. */
function announced(room: Room): string[] {
  const heard: string[] = []
  room.on('message', ({ text }) => heard.push(text))
  return heard
}

function texts(room: Room): string[] {
  return room.state.messages.map(({ text }) => text)
}

async function twoInOneRoom(): Promise<{ network: SimulatedNetwork; ada: Room; bob: Room }> {
  const network = new SimulatedNetwork()
  const [ada, bob] = [network.client('ada').room('tea'), network.client('bob').room('tea')]
  await network.clock.advance(100)
  return { network, ada, bob }
}

test('a client that lost its connection gets the missed messages once, in order', async () => {
  const { network, ada, bob } = await twoInOneRoom()
  const heard: string[] = []
  bob.on('message', ({ text }, { live }) => heard.push(`${text} ${live ? 'live' : 'later'}`))
  ada.post('one')
  await network.clock.advance(100)
  network.cut('bob')
  ada.post('two')
  ada.post('three')
  assert.equal(bob.state.status, 'catching-up')
  await network.clock.advance(2_000)
  assert.equal(bob.state.status, 'live')
  assert.deepEqual(heard, ['one live', 'two later', 'three later'])
})

test('after hundreds of changes it still gets each message once, in order, also those that were edited last', async () => {
  const { network, ada, bob } = await twoInOneRoom()
  const heard = announced(bob)
  const first = ada.post('first')
  await network.clock.advance(100)
  network.isUp = false
  network.cut('bob')
  const { messageId } = await first.stored
  const sent = Array.from({ length: 250 }, (_, index) => `message ${index}`)
  const sendings = sent.map((text) => ada.post(text))
  await network.clock.advance(1_000)
  ada.edit(messageId, 'first, edited')
  ada.edit((await sendings[7]!.stored).messageId, 'message 7')
  await network.clock.advance(1_000)
  network.isUp = true
  await network.clock.advance(10_000)
  assert.deepEqual(heard, ['first', ...sent])
  assert.deepEqual(texts(bob), ['first, edited', ...sent])
})

test('what was posted and deleted while it was away is no news, and leaves a tombstone', async () => {
  const { network, ada, bob } = await twoInOneRoom()
  const heard = announced(bob)
  network.isUp = false
  network.cut('bob')
  const { messageId } = await settled(network, ada.post('oops').stored)
  await settled(network, ada.delete(messageId).stored)
  network.isUp = true
  await network.clock.advance(10_000)
  assert.deepEqual(heard, [])
  assert.ok(bob.state.messages[0]?.deletedAt)
})

test('a change that got lost on the way is fetched when the next one comes', async () => {
  const { network, ada, bob } = await twoInOneRoom()
  const heard = announced(bob)
  network.toClient = (frame, owner) => (owner === 'bob' && frame.includes('"two"') ? 'lose' : 'deliver')
  ada.post('one')
  ada.post('two')
  await network.clock.advance(100)
  network.toClient = () => 'deliver'
  ada.post('three')
  await network.clock.advance(100)
  assert.deepEqual(heard, ['one', 'two', 'three'])
})

test('a lost change that nothing follows is fetched after the next heartbeat', async () => {
  const { network, ada, bob } = await twoInOneRoom()
  const heard = announced(bob)
  network.toClient = (frame, owner) => (owner === 'bob' && frame.startsWith('{"type":"change"') ? 'lose' : 'deliver')
  ada.post('one')
  await network.clock.advance(1_000)
  assert.deepEqual(heard, [])
  await network.clock.advance(20_000)
  assert.deepEqual(heard, ['one'])
})

test('a gap is repaired by one join, whatever comes before its answer', async () => {
  const { network, ada, bob } = await twoInOneRoom()
  const heard = announced(bob)
  let joins = 0
  network.toServer = (frame) => {
    if (frame.includes('"join"')) joins++
    return 'deliver'
  }
  network.toClient = (frame, owner) =>
    owner === 'bob' && frame.startsWith('{"type":"change"') && frame.includes('"message 0"') ? 'lose' : 'deliver'
  network.delayMs = () => 50
  const sent = Array.from({ length: 10 }, (_, index) => `message ${index}`)
  for (const text of sent) {
    ada.post(text)
    await network.clock.advance(10)
  }
  await network.clock.advance(1_000)
  assert.deepEqual(heard, sent)
  assert.equal(joins, 1)
})

test('a room that the server does not know the connection to be in is joined again', async () => {
  const { network, bob } = await twoInOneRoom()
  let joins = 0
  network.toServer = (frame) => {
    if (frame.includes('"join"')) joins++
    return 'deliver'
  }
  network.toClient = (frame) =>
    frame.startsWith('{"type":"heartbeat"') ? { as: '{"type":"heartbeat","heads":{}}' } : 'deliver'
  await network.clock.advance(20_000)
  assert.ok(joins >= 2)
  network.toClient = () => 'deliver'
  const joinsBefore = joins
  await network.clock.advance(60_000)
  assert.equal(joins, joinsBefore)
  assert.equal(bob.state.status, 'live')
})

test('a log that is another one shows its own messages, and gets back what its clients had sent', async () => {
  const { network, ada, bob } = await twoInOneRoom()
  const heard = announced(bob)
  const resets: string[] = []
  bob.on('reset', (reason) => resets.push(reason))
  const first = await settled(network, ada.post('hello').stored)
  bob.post('hi')
  await network.clock.advance(100)
  await settled(network, ada.edit(first.messageId, 'hello there').stored)
  await network.restart()
  await network.clock.advance(10_000)
  assert.deepEqual(resets, ['epoch'])
  for (const room of [ada, bob]) {
    assert.deepEqual(texts(room).toSorted(), ['hello there', 'hi'])
    assert.ok(room.state.messages.every(({ delivery }) => delivery.status === 'stored'))
  }
  assert.deepEqual(heard, ['hello', 'hi'], 'what is offered again is no news')
  ada.post('new')
  await network.clock.advance(100)
  assert.deepEqual(heard, ['hello', 'hi', 'new'])
})

test('where retention removed what was missed, the rest is news and nothing is offered again', async () => {
  const { network, ada, bob } = await twoInOneRoom()
  const heard = announced(bob)
  const resets: string[] = []
  bob.on('reset', (reason) => resets.push(reason))
  ada.post('one')
  bob.post('two')
  await network.clock.advance(100)
  network.isUp = false
  network.cut('bob')
  for (const text of ['three', 'four', 'five']) ada.post(text)
  await network.clock.advance(100)
  await network.simulation.settled(network.simulation.backend.trim(bob.name, 4 as Seq))
  let posts = 0
  network.toServer = (frame) => {
    if (frame.includes('"post"')) posts++
    return 'deliver'
  }
  network.isUp = true
  await network.clock.advance(10_000)
  assert.deepEqual(resets, ['trimmed'])
  assert.deepEqual(heard, ['one', 'two', 'five'])
  assert.deepEqual(texts(bob), ['five'])
  assert.equal(posts, 0)
})

test('two rooms on one connection come back each from where they stood', async () => {
  const network = new SimulatedNetwork()
  const bob = network.client('bob')
  const rooms = [bob.room('tea'), bob.room('coffee')]
  const ada = network.client('ada')
  await network.clock.advance(100)
  const heard = rooms.map(announced)
  network.cut('bob')
  ada.room('tea').post('green')
  ada.room('coffee').post('black')
  await network.clock.advance(5_000)
  assert.deepEqual(heard, [['green'], ['black']])
})

/** What `promise` resolves to, after as much time as that takes. */
async function settled<T>(network: SimulatedNetwork, promise: Promise<T>): Promise<T> {
  await network.clock.advance(1_000)
  return await promise
}
