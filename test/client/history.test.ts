import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageId, Room, Seq } from '../../src/client.ts'
import { SimulatedNetwork } from './simulated-network.ts'

/** A room with messages `1` to `count`, and a newcomer in it. */
async function filledRoom(
  count: number,
): Promise<{ network: SimulatedNetwork; ada: Room; bob: Room; ids: MessageId[] }> {
  const network = new SimulatedNetwork()
  const ada = network.client('ada').room('tea')
  const sendings = Array.from({ length: count }, (_, index) => ada.post(String(index + 1)))
  await network.clock.advance(5_000)
  const ids = (await Promise.all(sendings.map(({ stored }) => stored))).map(({ messageId }) => messageId)
  const bob = network.client('bob').room('tea')
  await network.clock.advance(100)
  return { network, ada, bob, ids }
}

/** From which to which message the window goes, after checking that nothing is missing in it. */
function range(room: Room): [number, number] {
  const numbers = room.state.messages.map(({ text }) => Number(text))
  const [first = 0] = numbers
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => first + index),
  )
  return [first, first + numbers.length - 1]
}

async function loaded(network: SimulatedNetwork, promise: Promise<boolean>): Promise<boolean> {
  await network.clock.advance(100)
  return await promise
}

test('a room begins with its newest page, and goes back page by page to its first message', async () => {
  const { network, bob } = await filledRoom(130)
  assert.deepEqual(range(bob), [81, 130])
  assert.equal(bob.state.hasOlder, true)
  assert.equal(await loaded(network, bob.loadOlder()), true)
  assert.deepEqual(range(bob), [31, 130])
  assert.equal(await loaded(network, bob.loadOlder()), true)
  assert.deepEqual(range(bob), [1, 130])
  assert.equal(bob.state.hasOlder, false)
  assert.equal(await loaded(network, bob.loadOlder()), false)
})

test('it goes to any message and from there back to the newest ones', async () => {
  const { network, bob, ids } = await filledRoom(300)
  assert.equal(await loaded(network, bob.loadAround(ids[99]!)), true)
  const [first, last] = range(bob)
  assert.ok(first < 100 && last > 100 && last < 250)
  assert.equal(bob.state.hasNewer, true)
  while (bob.state.hasNewer) assert.equal(await loaded(network, bob.loadNewer()), true)
  assert.deepEqual(range(bob), [first, 300])
})

test('going to the newest messages needs no connection', async () => {
  const { network, bob, ids } = await filledRoom(300)
  await loaded(network, bob.loadAround(ids[9]!))
  network.isUp = false
  network.cut()
  bob.loadLatest()
  assert.deepEqual(range(bob), [251, 300])
  assert.equal(bob.state.hasNewer, false)
})

test('away from the newest messages it counts those that arrive, and does not show them', async () => {
  const { network, ada, bob, ids } = await filledRoom(300)
  await loaded(network, bob.loadAround(ids[9]!))
  const before = range(bob)
  ada.post('301')
  ada.post('302')
  bob.post('303')
  await network.clock.advance(1_000)
  assert.deepEqual(range(bob), before)
  assert.equal(bob.state.missed, 2)
  assert.equal(bob.state.latestSeq, 303)
  bob.loadLatest()
  assert.equal(bob.state.missed, 0)
  assert.deepEqual(range(bob), [251, 303])
})

test('a message that the room does not have is said not to be there', async () => {
  const { network, bob } = await filledRoom(3)
  assert.equal(await loaded(network, bob.loadAround('nothing' as MessageId)), false)
  assert.deepEqual(range(bob), [1, 3])
})

test('a page that was asked for without a connection comes with it', async () => {
  const { network, bob } = await filledRoom(130)
  network.isUp = false
  network.cut()
  const older = bob.loadOlder()
  assert.equal(bob.state.loading, 'older')
  await network.clock.advance(5_000)
  network.isUp = true
  await network.clock.advance(20_000)
  assert.equal(await older, true)
  assert.equal(bob.state.loading, undefined)
  assert.deepEqual(range(bob), [31, 130])
})

test('a link to a message works from the first moment on', async () => {
  const { network, ids } = await filledRoom(300)
  const room = network.client('eve').room('tea')
  assert.equal(await loaded(network, room.loadAround(ids[9]!)), true)
  assert.ok(range(room)[0] <= 10)
})

test('whoever asks for the same page twice gets one answer, and another wish takes the place of the first', async () => {
  const { network, bob, ids } = await filledRoom(300)
  const [one, same] = [bob.loadOlder(), bob.loadOlder()]
  assert.equal(one, same)
  const around = bob.loadAround(ids[9]!)
  assert.equal(await loaded(network, around), true)
  assert.equal(await one, false)
  assert.ok(range(bob)[1] < 100)
})

test('it goes to a place in the log, with a little of what came before', async () => {
  const { network, bob } = await filledRoom(300)
  const { readSeq } = bob.state
  bob.markRead(150 as Seq)
  assert.ok(readSeq < 150)
  assert.equal(await loaded(network, bob.loadAround(151 as Seq)), true)
  const [first, last] = range(bob)
  assert.deepEqual([first, last], [141, 190])
  assert.deepEqual([bob.state.hasOlder, bob.state.hasNewer], [true, true])
  assert.equal(await loaded(network, bob.loadOlder()), true)
  assert.equal(range(bob)[0], 91)
})
