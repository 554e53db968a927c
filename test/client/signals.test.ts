import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Room } from '../../src/client.ts'
import { SimulatedNetwork } from './simulated-network.ts'

async function rooms(network: SimulatedNetwork, ...names: string[]): Promise<Room[]> {
  const joined = names.map((name) => network.client(name).room('tea'))
  await network.clock.advance(1_000)
  return joined
}

const namesOf = (users: readonly { readonly name: string }[] | undefined): string[] | undefined =>
  users?.map(({ name }) => name).toSorted()

test('members come and go, one per user however many tabs', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = await rooms(network, 'ada', 'bob', 'bob')
  assert.deepEqual([ada!.state.count, namesOf(ada!.state.members)], [2, ['ada', 'bob']])
  bob!.leave()
  network.cut('bob')
  await network.clock.advance(60)
  network.isUp = false
  await network.clock.advance(60_000)
  assert.deepEqual(namesOf(ada!.state.members), ['ada'])
})

test('who types is shown to the others, until a message comes, it is taken back, or five seconds went by', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = await rooms(network, 'ada', 'bob')
  const typing = async (ms = 100): Promise<string[]> => {
    await network.clock.advance(ms)
    return bob!.state.typing.map(({ name }) => name)
  }
  ada!.setTyping(true)
  assert.deepEqual(await typing(), ['ada'])
  assert.deepEqual(ada!.state.typing, [])
  assert.deepEqual(await typing(4_000), ['ada'])
  assert.deepEqual(await typing(1_500), [])
  ada!.setTyping(true)
  assert.deepEqual(await typing(), ['ada'])
  ada!.setTyping(false)
  assert.deepEqual(await typing(), [])
  await typing(2_200)
  ada!.setTyping(true)
  assert.deepEqual(await typing(), ['ada'])
  ada!.post('done')
  assert.deepEqual(await typing(), [])
  // After a message the next one may begin at once.
  ada!.setTyping(true)
  assert.deepEqual(await typing(), ['ada'])
})

test('somebody who empties the box and goes on typing is seen to as soon as the server passes that on', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = await rooms(network, 'ada', 'bob')
  ada!.setTyping(true)
  await network.clock.advance(300)
  ada!.setTyping(false)
  const seen: number[] = []
  for (let key = 0; key < 20; key++) {
    ada!.setTyping(true)
    await network.clock.advance(100)
    if (bob!.state.typing.length > 0) seen.push(key)
  }
  assert.equal(seen[0], 19)
})

test('typing is said once in three seconds, however fast somebody types', async () => {
  const network = new SimulatedNetwork()
  const [ada] = await rooms(network, 'ada')
  let said = 0
  network.toServer = (frame) => {
    if (frame.includes('"typing"')) said++
    return 'deliver'
  }
  for (let key = 0; key < 100; key++) {
    ada!.setTyping(true)
    await network.clock.advance(90)
  }
  assert.equal(said, 3)
})

test('what others wrote is unread until it is read, on any device of the user', async () => {
  const network = new SimulatedNetwork()
  const [ada, phone, laptop] = await rooms(network, 'ada', 'bob', 'bob')
  for (const text of ['one', 'two', 'three']) ada!.post(text)
  phone!.post('mine')
  await network.clock.advance(100)
  assert.deepEqual([phone!.state.unread, laptop!.state.unread, ada!.state.unread], [3, 3, 1])
  phone!.markRead(phone!.state.messages[1]!.seq)
  assert.equal(phone!.state.unread, 1)
  await network.clock.advance(100)
  assert.deepEqual([laptop!.state.unread, laptop!.state.readSeq], [1, 2])
  laptop!.markRead()
  await network.clock.advance(100)
  assert.deepEqual([phone!.state.unread, phone!.state.readSeq], [0, 4])
})

test('what was read without a connection is told with the next one', async () => {
  const network = new SimulatedNetwork()
  const [ada, phone, laptop] = await rooms(network, 'ada', 'bob', 'bob')
  ada!.post('one')
  await network.clock.advance(100)
  network.isUp = false
  network.cut()
  phone!.markRead()
  network.isUp = true
  await network.clock.advance(10_000)
  assert.equal(laptop!.state.readSeq, 1)
})

test('unread is said to be partial where reading stopped before what is known here', async () => {
  const network = new SimulatedNetwork()
  const [ada] = await rooms(network, 'ada')
  for (let count = 0; count < 80; count++) ada!.post(String(count))
  await network.clock.advance(1_000)
  const [bob] = await rooms(network, 'bob')
  assert.deepEqual([bob!.state.unread, bob!.state.unreadIsPartial], [50, true])
  bob!.markRead()
  assert.deepEqual([bob!.state.unread, bob!.state.unreadIsPartial], [0, false])
})

test('a state is immutable, its unchanged parts keep their identity, and listeners are called once per turn', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = await rooms(network, 'ada', 'bob')
  ada!.post('one')
  await network.clock.advance(100)
  const before = bob!.state
  assert.equal(bob!.state, before)
  let calls = 0
  const stop = bob!.subscribe(() => calls++)
  ada!.setTyping(true)
  await network.clock.advance(100)
  assert.equal(calls, 1)
  assert.notEqual(bob!.state, before)
  assert.equal(bob!.state.messages, before.messages)
  ada!.post('two')
  await network.clock.advance(100)
  assert.equal(before.messages.length, 1)
  assert.equal(bob!.state.messages[0], before.messages[0])
  stop()
  const callsBefore = calls
  ada!.post('three')
  await network.clock.advance(100)
  assert.equal(calls, callsBefore)
})

test('a room that cannot be joined says why, and is tried again on the next connection', async () => {
  const network = new SimulatedNetwork({ rooms: ['lobby' as never] })
  const [room] = await rooms(network, 'ada')
  const { state } = room!
  assert.equal(state.status === 'failed' && state.code, 'room_not_found')
  await network.restart()
  await network.clock.advance(5_000)
  assert.equal(room!.state.status, 'live')
})
