import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SILENT, simulate } from './simulation.ts'
import type { SimulatedPeer, Simulation } from './simulation.ts'

let posts = 0

function post(peer: SimulatedPeer, text: string, room = 'tea'): number {
  return peer.send({ type: 'post', room, key: `key-${String(++posts).padStart(8, '0')}`, text })
}

async function postMany(simulation: Simulation, peer: SimulatedPeer, count: number, text = 'x'): Promise<void> {
  for (let index = 0; index < count; index++) {
    post(peer, text)
    if (index % 50 === 49) await simulation.clock.advance(1)
  }
  await simulation.clock.settle()
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

test('every member gets every change once and in order, the sender too', async () => {
  const simulation = simulate()
  const peers = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  for (const text of ['one', 'two', 'three']) {
    post(peers[0]!, text)
    await simulation.clock.settle()
  }
  for (const peer of peers) assert.deepEqual(peer.seqs(), [1, 2, 3])
  assert.deepEqual(
    peers[1]!.events('change').map(({ message }) => message.text),
    ['one', 'two', 'three'],
  )
})

test('changes of one turn reach a member in one write', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  await simulation.clock.advance(1_000)
  const before = bob.writes
  for (const text of ['one', 'two', 'three']) post(ada, text)
  await simulation.clock.settle()
  assert.deepEqual(bob.seqs(), [1, 2, 3])
  assert.equal(bob.writes - before, 1)
})

test('an ack leaves in one write with its change, however many rooms have something to deliver', async () => {
  const simulation = simulate()
  const rooms = Array.from({ length: 300 }, (_, index) => `room-${index}`)
  const peers = await Promise.all(rooms.map((room) => simulation.join(room)))
  await simulation.clock.advance(1_000)
  const before = peers.map(({ writes }) => writes)
  for (const [index, peer] of peers.entries()) post(peer, 'hi', rooms[index])
  await simulation.clock.settle()
  for (const [index, peer] of peers.entries()) {
    assert.equal(peer.writes - before[index]!, 1)
    assert.deepEqual([peer.events('ack').length, peer.events('change').length], [1, 1])
  }
})

test('an ack does not wait until all in a large room have the message, nor goes before its change', async () => {
  const simulation = simulate()
  const readers: SimulatedPeer[] = []
  for (let index = 0; index < 1_000; index++) readers.push(await simulation.join('tea'))
  const poster = readers.at(-1)!
  await simulation.clock.advance(1_000)
  const before = poster.writes
  post(poster, 'hi')
  for (let turn = 0; turn < 3; turn++) await simulation.clock.turn()
  assert.ok(readers.some((reader) => reader.events('change').length === 0))
  assert.deepEqual([poster.events('ack').length, poster.events('change').length], [1, 1])
  await simulation.clock.settle()
  assert.equal(poster.writes - before, 1)
  for (const reader of readers) assert.equal(reader.events('change').length, 1)
})

test('a change is told of once everybody in a large room has it, and soon where a room is never quiet', async () => {
  const stored: number[] = []
  const simulation = simulate({ observer: { ...SILENT, onStored: ({ seq }) => stored.push(seq) } })
  const readers: SimulatedPeer[] = []
  for (let index = 0; index < 1_000; index++) readers.push(await simulation.join('tea'))
  const poster = readers.at(-1)!
  await simulation.clock.advance(1_000)
  post(poster, 'hi')
  while (readers.some((reader) => reader.events('change').length === 0)) {
    assert.deepEqual(stored, [])
    await simulation.clock.turn()
  }
  await simulation.clock.settle()
  assert.deepEqual(stored, [1])
  let posted = 1
  while (stored.length === 1 && posted < 20) {
    post(poster, 'hi again')
    posted++
    await simulation.clock.turn()
  }
  assert.ok(stored.length > 1)
  assert.ok(readers.some((reader) => reader.events('change').length < posted - 1))
})

test('changes are told of in the order of the log, whichever way they came', async () => {
  const stored: number[] = []
  const simulation = simulate({ observer: { ...SILENT, onStored: ({ seq }) => stored.push(seq) } })
  const readers: SimulatedPeer[] = []
  for (let index = 0; index < 1_000; index++) readers.push(await simulation.join('tea'))
  await simulation.clock.advance(1_000)
  post(readers[0]!, 'hi')
  while (readers[0]!.events('change').length === 0) await simulation.clock.turn()
  const said = simulation.chat.say({ room: 'tea', author: { id: 'app', name: 'The app' }, text: 'hello' })
  await simulation.clock.settle()
  await said
  await simulation.clock.settle()
  assert.deepEqual(stored, [1, 2])
})

test('a transport that throws costs the other members nothing', async () => {
  const simulation = simulate()
  const [ada, bob, cy] = [await simulation.join('tea'), await simulation.join('tea'), await simulation.join('tea')]
  await simulation.clock.advance(1_000)
  bob.write = () => assert.fail('the line is broken')
  post(ada, 'hi')
  await assert.rejects(simulation.clock.settle(), { message: 'the line is broken' })
  await simulation.clock.settle()
  assert.deepEqual([ada.seqs(), cy.seqs()], [[1], [1]])
  assert.equal(ada.events('ack').length, 1)
})

test('a transport that throws costs nobody else an ack', async () => {
  const simulation = simulate()
  const [ada, bob] = [simulation.connect(), simulation.connect()]
  for (const [index, peer] of [ada, bob].entries()) peer.send({ type: 'hello', name: `Peer ${index}` })
  await simulation.clock.advance(1_000)
  ada.write = () => assert.fail('the line is broken')
  // Neither is in the room, so that their acks are all they get.
  for (const peer of [ada, bob]) post(peer, 'hi')
  await assert.rejects(simulation.clock.settle(), { message: 'the line is broken' })
  await simulation.clock.settle()
  assert.equal(bob.events('ack').length, 1)
})

test('a member whose line is full gets nothing more until it drains, then all of it, once and in order', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  bob.capacity = 1
  await postMany(simulation, ada, 20)
  const stalledWrites = bob.writes
  await postMany(simulation, ada, 20)
  assert.equal(bob.writes, stalledWrites)
  bob.readOn()
  await simulation.clock.settle()
  assert.deepEqual(bob.seqs(), upTo(40))
  assert.deepEqual(ada.seqs(), upTo(40))
})

test('a member that fell behind what is kept in memory is caught up from the log', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  bob.capacity = 1
  // Well past the four megabytes that a frame log keeps.
  await postMany(simulation, ada, 1_500, 'y'.repeat(3_500))
  bob.readOn()
  await simulation.clock.settle()
  assert.deepEqual(bob.seqs(), upTo(1_500))
  assert.ok(bob.events('changes').length > 0)
  post(ada, 'live again')
  await simulation.clock.settle()
  assert.equal(bob.events('change').at(-1)?.room, 'tea')
  assert.deepEqual(bob.seqs(), upTo(1_501))
})

test('posting waits for a room whose readers lag, but not for long where they are stuck', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  for (const peer of [ada, bob]) peer.capacity = 1
  const sender = simulation.connect()
  sender.send({ type: 'hello', name: 'Eve' })
  await postMany(simulation, sender, 400, 'y'.repeat(3_500))
  assert.equal(sender.isPaused, true)
  const acked = sender.events('ack').length
  assert.ok(acked < 400)
  await simulation.clock.advance(2_000)
  assert.equal(sender.events('ack').length, 400)
  assert.equal(sender.isPaused, false)
})

test('a member whose line stays full for 15 s is told to come back later', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  bob.capacity = 1
  post(ada, 'one')
  await simulation.clock.advance(14_000)
  assert.equal(bob.ended?.code, undefined)
  await simulation.clock.advance(2_000)
  assert.equal(bob.ended?.code, 1013)
  assert.equal(ada.ended?.code, undefined)
})

test('a peer that leaves its answers unread is not read from either', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea', 'Ada')
  ada.capacity = 1
  for (let index = 0; index < 5; index++) ada.send({ type: 'history', room: 'tea' })
  await simulation.clock.settle()
  assert.equal(ada.isPaused, true)
  ada.readOn()
  await simulation.clock.settle()
  assert.equal(ada.isPaused, false)
  assert.equal(ada.events('page').length, 5)
})

test('under pressure typing is dropped, changes are not', async () => {
  const simulation = simulate()
  const [ada, bob] = [await simulation.join('tea', 'Ada'), await simulation.join('tea', 'Bob')]
  for (let index = 0; index < 40; index++) post(ada, 'z'.repeat(3_900))
  // The posts are stored in the next turn, and their pass begins in the one after.
  simulation.clock.defer(() => bob.send({ type: 'typing', room: 'tea', on: true }))
  await simulation.clock.settle()
  assert.deepEqual(bob.seqs(), upTo(40))
  assert.equal(ada.events('typing').length, 0)
  bob.send({ type: 'typing', room: 'tea', on: false })
  await simulation.clock.settle()
  assert.equal(ada.events('typing').length, 1)
})

test('members of a room that leave in the middle of a pass cost nobody a message', async () => {
  const simulation = simulate()
  const peers: SimulatedPeer[] = []
  for (let index = 0; index < 600; index++) peers.push(await simulation.join('tea', `user ${index}`))
  post(peers[0]!, 'one')
  // A pass over 600 takes three turns: the leavers go between them.
  simulation.clock.defer(() => simulation.clock.defer(() => peers.slice(0, 300).forEach((peer) => peer.cut())))
  await simulation.clock.settle()
  for (const peer of peers.slice(300)) assert.deepEqual(peer.seqs(), [1])
})
