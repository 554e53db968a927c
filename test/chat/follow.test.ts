import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Epoch, Seq, Tag } from '../../src/protocol/ids.ts'
import { revisionOf } from '../../src/protocol/message.ts'
import { formatPosition, parsePosition } from '../../src/protocol/position.ts'
import { parseEventStream } from '../helpers/event-stream.ts'
import type { StreamedEvent } from '../helpers/event-stream.ts'
import { simulate } from './simulation.ts'
import type { SimulatedPeer, Simulation } from './simulation.ts'
import { watchedBackend } from './watched-backend.ts'

let posts = 0

function post(peer: SimulatedPeer, text: string): void {
  peer.send({ type: 'post', room: 'tea', key: `key-${String(++posts).padStart(8, '0')}`, text })
}

/** Posts `count` messages and lets them be stored. */
async function postMany(simulation: Simulation, peer: SimulatedPeer, count: number, text = 'x'): Promise<void> {
  for (let index = 0; index < count; index++) {
    post(peer, text)
    if (index % 50 === 49) await simulation.clock.advance(1)
  }
  await simulation.clock.settle()
}

const eventsOf = (follower: SimulatedPeer): StreamedEvent[] => parseEventStream(follower.received)

/** The seqs of the changes that reached a follower, whatever the event that brought them. */
function seqsOf(follower: SimulatedPeer): number[] {
  return eventsOf(follower).flatMap(({ data }) => {
    if (data.type === 'change') return [data.seq]
    return data.type === 'changes' ? data.messages.map(revisionOf) : []
  })
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

test('a follower begins at the end of the room, and hears of each change once and in order', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  await postMany(simulation, ada, 2)
  const follower = await simulation.follow('tea')
  await postMany(simulation, ada, 3)
  const [first, ...rest] = eventsOf(follower)
  assert.equal(first?.data.type, 'changes')
  assert.equal(parsePosition(first.lastEventId)?.seq, 2)
  assert.deepEqual(
    rest.map(({ data }) => data.type),
    ['change', 'change', 'change'],
  )
  assert.deepEqual(seqsOf(follower), [3, 4, 5])
})

test('every event of a change has the position of a reader that applied it as its id, and is what the socket says', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  const follower = await simulation.follow('tea')
  await postMany(simulation, ada, 1)
  const [change] = ada.events('change')
  const [ack] = ada.events('ack')
  const [, streamed] = eventsOf(follower)
  assert.deepEqual(streamed?.data, change)
  assert.equal(streamed?.lastEventId, formatPosition(ack!.position))
})

test('a follower that comes back with the id of its last event misses nothing and gets nothing twice', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  const follower = await simulation.follow('tea')
  await postMany(simulation, ada, 3)
  const since = parsePosition(eventsOf(follower).at(-1)!.lastEventId)
  follower.cut()
  // More than one read of the log brings.
  await postMany(simulation, ada, 250)
  const again = await simulation.follow('tea', since)
  await postMany(simulation, ada, 2)
  assert.deepEqual([...seqsOf(follower), ...seqsOf(again)], upTo(255))
})

test('changes that come while a follower enters are neither lost nor doubled', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  await postMany(simulation, ada, 1)
  const since = ada.events('ack')[0]!.position
  const followers: SimulatedPeer[] = []
  for (let round = 0; round < 20; round++) {
    post(ada, 'before')
    const entering = simulation.follow('tea', since)
    post(ada, 'after')
    if (round % 3 === 0) await simulation.clock.settle()
    followers.push(await entering)
  }
  await simulation.clock.settle()
  for (const follower of followers) assert.deepEqual(seqsOf(follower), upTo(41).slice(1))
})

test('a position that is none of this log begins with a reset, and goes on from the end', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  await postMany(simulation, ada, 2)
  const { position } = ada.events('ack').at(-1)!
  const reasons = {
    epoch: { ...position, epoch: 'another' as Epoch },
    fork: { ...position, tag: 'other' as Tag },
    ahead: { ...position, seq: 900 as Seq },
  }
  for (const [reason, since] of Object.entries(reasons)) {
    const follower = await simulation.follow('tea', since)
    const [first] = eventsOf(follower)
    assert.deepEqual(first, { lastEventId: formatPosition(position), data: { type: 'reset', room: 'tea', reason } })
  }
  const follower = await simulation.follow('tea', reasons.fork)
  await postMany(simulation, ada, 1)
  assert.deepEqual(seqsOf(follower), [3])
})

test('followers of a room that is reset are told, and go on in the log as it is then', async () => {
  const { backend, clock, listeners } = watchedBackend()
  const simulation = simulate({ backend, environment: clock })
  const sender = simulation.connect()
  sender.send({ type: 'hello', name: 'Ada' })
  await clock.settle()
  const follower = await simulation.follow('tea')
  post(sender, 'before')
  await clock.settle()
  listeners[0]!.onReset('epoch')
  await clock.settle()
  post(sender, 'after')
  await clock.settle()
  assert.deepEqual(
    eventsOf(follower).map(({ data, lastEventId }) => [data.type, parsePosition(lastEventId)?.seq]),
    [
      ['changes', 0],
      ['change', 1],
      ['reset', 1],
      ['change', 2],
    ],
  )
})

test('a follower whose line is full is skipped, and caught up from the log once it drains', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  const follower = await simulation.follow('tea')
  follower.capacity = 1
  // Well past the four megabytes that are kept in memory.
  await postMany(simulation, ada, 1_500, 'y'.repeat(3_500))
  const stalledWrites = follower.writes
  await postMany(simulation, ada, 20)
  assert.equal(follower.writes, stalledWrites)
  follower.readOn()
  await simulation.clock.settle()
  assert.deepEqual(seqsOf(follower), upTo(1_520))
})

test('a follower that stays behind for 15 s is cut off; one whose room is silent is not', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  const [slow, quick] = [await simulation.follow('tea'), await simulation.follow('tea')]
  slow.capacity = 1
  await postMany(simulation, ada, 1)
  await simulation.clock.advance(16_000)
  assert.equal(slow.ended?.code, 1013)
  ada.cut()
  await simulation.clock.advance(120_000)
  assert.equal(quick.ended, undefined)
  assert.ok(quick.pings >= 8)
})

test('changes are encoded once for all followers of a room', async () => {
  const simulation = simulate()
  const ada = await simulation.join('tea')
  const [one, other] = [await simulation.follow('tea'), await simulation.follow('tea')]
  const handed: Uint8Array[] = []
  for (const follower of [one, other]) {
    const write = follower.write.bind(follower)
    follower.write = (frames) => (handed.push(frames), write(frames))
  }
  await postMany(simulation, ada, 1)
  assert.equal(handed.length, 2)
  assert.equal(handed[0], handed[1])
})

test('a follower is not among the members of the room', async () => {
  const simulation = simulate()
  await simulation.follow('tea')
  const ada = await simulation.join('tea')
  assert.equal(ada.events('joined')[0]?.count, 1)
})

test('a chat that closes tells followers when to come back', async () => {
  const simulation = simulate()
  const follower = await simulation.follow('tea')
  const closing = simulation.chat.close()
  await simulation.clock.advance(5_000)
  await closing
  const goodbye = eventsOf(follower).at(-1)?.data
  assert.ok(goodbye?.type === 'goodbye')
  assert.equal(follower.received.filter((line) => line.startsWith('retry: ')).at(-1), `retry: ${goodbye.retryInMs}`)
  assert.equal(follower.ended?.code, 1012)
  await assert.rejects(simulation.follow('tea'), { code: 'unavailable' })
})

test('a room that there is not is refused before anything is written', async () => {
  const simulation = simulate({ rooms: ['tea' as never] })
  await assert.rejects(simulation.follow('coffee'), { code: 'room_not_found' })
})
