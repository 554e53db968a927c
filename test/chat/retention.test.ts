import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryBackend } from '../../src/backend/memory.ts'
import type { ChatOptions } from '../../src/chat/options.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import type { RoomId, Seq } from '../../src/protocol/ids.ts'
import type { Position } from '../../src/protocol/message.ts'
import { edit, fill, textsOf, write } from '../contracts/backend-helpers.ts'
import { observing } from '../helpers.ts'
import { SimulatedClock, simulate } from './simulation.ts'
import type { Simulation } from './simulation.ts'

const TEA = 'tea' as RoomId
const COFFEE = 'coffee' as RoomId
const HOUR_MS = 3_600_000
/** The longest time until every room has been looked at again. */
const PASS_MS = 100_000

let keys = 0

/** Posts as a user does, so that the message has its time. */
async function post(simulation: Simulation, text: string): Promise<void> {
  const ada = await simulation.join('hall')
  ada.send({ type: 'post', room: TEA, key: `post-key-${++keys}`, text })
  await simulation.clock.settle()
}

function dated(text: string, postedAt: number): string {
  return JSON.stringify({ text, postedAt })
}

/** The texts of a room, without its being opened. */
async function textsIn(simulation: Simulation, room: RoomId = TEA): Promise<string[]> {
  return textsOf((await simulation.settled(simulation.backend.readPage(room, { limit: 100 }))).messages)
}

async function headOf(simulation: Simulation, room: RoomId = TEA): Promise<Position> {
  return simulation.settled(simulation.backend.head(room))
}

test('a room keeps as many messages as it may, though nobody is in it', async () => {
  const trimmed: number[] = []
  const observer = observing({ onTrimmed: ({ room, messages }) => room === TEA && trimmed.push(messages) })
  const simulation = simulate({ retention: () => ({ maxAgeMs: 0, maxMessages: 3 }), observer })
  const { backend, clock } = simulation
  await simulation.settled(fill(backend, ['1', '2', '3', '4', '5', '6', '7']))
  await simulation.settled(fill(backend, ['espresso'], COFFEE))
  const before = await headOf(simulation)
  await clock.advance(1_500)
  assert.deepEqual(await textsIn(simulation), ['5', '6', '7'])
  assert.deepEqual(await textsIn(simulation, COFFEE), ['espresso'])
  assert.deepEqual(await headOf(simulation), before)
  await simulation.settled(fill(backend, ['8', '9']))
  await clock.advance(PASS_MS)
  assert.deepEqual(await textsIn(simulation), ['7', '8', '9'])
  assert.equal(
    trimmed.reduce((sum, count) => sum + count),
    6,
  )
  assert.deepEqual(simulation.faults, [])
})

test('a message goes when it is older than it may be, and not before', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: HOUR_MS, maxMessages: 0 }) })
  const { clock } = simulation
  await post(simulation, 'first')
  await clock.advance(HOUR_MS / 2)
  await post(simulation, 'second')
  await clock.advance(HOUR_MS / 2 - 1_000)
  assert.deepEqual(await textsIn(simulation), ['first', 'second'])
  await clock.advance(PASS_MS + 1_000)
  assert.deepEqual(await textsIn(simulation), ['second'])
  await clock.advance(HOUR_MS)
  assert.deepEqual(await textsIn(simulation), [])
  assert.equal((await headOf(simulation)).seq, 2)
})

test('an edit makes a message younger, a reaction does not', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: HOUR_MS, maxMessages: 0 }) })
  const { backend, clock } = simulation
  for (const text of ['edited', 'reacted to', 'left alone']) await post(simulation, text)
  const { messages } = await simulation.settled(backend.readPage(TEA, { limit: 9 }))
  await clock.advance(HOUR_MS - 10_000)
  const ada = await simulation.join('hall')
  ada.send({ type: 'edit', room: TEA, key: 'a-key-edit', messageId: messages[0]!.id, text: 'edited again' })
  ada.send({ type: 'react', room: TEA, key: 'a-key-react', messageId: messages[1]!.id, emoji: '👍', on: true })
  await clock.advance(PASS_MS + 10_000)
  // What was reacted to comes after the edit in the log, and goes with it.
  assert.deepEqual(await textsIn(simulation), ['edited again', 'reacted to'])
  await clock.advance(HOUR_MS)
  assert.deepEqual(await textsIn(simulation), [])
})

test('both bounds hold', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: HOUR_MS, maxMessages: 2 }) })
  const { clock } = simulation
  for (const text of ['1', '2', '3']) await post(simulation, text)
  await clock.advance(PASS_MS)
  assert.deepEqual(await textsIn(simulation), ['2', '3'])
  await clock.advance(HOUR_MS)
  assert.deepEqual(await textsIn(simulation), [])
})

test('a message from a clock that was ahead neither goes early nor keeps others', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: HOUR_MS, maxMessages: 0 }) })
  const { backend, clock } = simulation
  const bodies = [dated('ahead', clock.now() + 1e12), dated('old', clock.now() - 2 * HOUR_MS)]
  bodies.push(dated('ahead, too', clock.now() + 1e12))
  await simulation.settled(Promise.all(bodies.map((body) => backend.append(write('', { body })))))
  await clock.advance(PASS_MS)
  assert.deepEqual(await textsIn(simulation), ['ahead, too'])
})

test('each room has the retention that the app says; where that fails, everything is kept and the app is told', async () => {
  const simulation = simulate({
    retention: (room) => {
      if (room === 'hall') throw new TypeError('no idea')
      return { maxAgeMs: 0, maxMessages: room === TEA ? 1 : 0 }
    },
  })
  const { backend, clock } = simulation
  for (const room of ['hall', COFFEE, TEA] as RoomId[]) await simulation.settled(fill(backend, ['1', '2'], room))
  await clock.advance(PASS_MS)
  assert.deepEqual(await textsIn(simulation, 'hall' as RoomId), ['1', '2'])
  assert.deepEqual(await textsIn(simulation, COFFEE), ['1', '2'])
  assert.deepEqual(await textsIn(simulation), ['2'])
  const [fault] = simulation.faults
  assert.equal(fault?.context.stage, 'asking for the retention of a room')
})

test('a long history is removed in small steps', async () => {
  const steps: number[] = []
  const observer = observing({ onTrimmed: ({ messages }) => steps.push(messages) })
  const simulation = simulate({ retention: () => ({ maxAgeMs: 0, maxMessages: 10 }), observer })
  const { backend, clock } = simulation
  await simulation.settled(Promise.all(Array.from({ length: 1_010 }, () => backend.append(write('hi')))))
  await clock.advance(1_500)
  assert.equal(await simulation.settled(backend.countMessages(TEA)), 10)
  assert.equal(
    steps.reduce((sum, messages) => sum + messages),
    1_000,
  )
  assert.ok(Math.max(...steps) <= 100, `a step removed ${Math.max(...steps)}`)
})

test('the log of a message that keeps changing does not grow for ever, and who was just away resumes', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: HOUR_MS, maxMessages: 5 }) })
  const { backend, clock } = simulation
  const first = write('', { body: JSON.stringify({ text: 'up', postedAt: clock.now() }) })
  await simulation.settled(backend.append(first))
  const body = JSON.stringify({ text: 'up again', postedAt: clock.now(), editedAt: clock.now() })
  const edits = Array.from({ length: 9_000 }, (_, index) => ({ ...edit(first.messageId, index + 1, 'up'), body }))
  const positions = await simulation.settled(Promise.all(edits.map((one) => backend.append(one))))
  await clock.advance(PASS_MS)
  const { start, head } = await simulation.settled(backend.extent(TEA))
  assert.deepEqual([head.seq, head.seq - start.seq <= 1_001], [9_001, true])
  assert.deepEqual(await textsIn(simulation), ['up again'])
  const recent = positions.at(-900)
  assert.ok(recent?.status === 'appended')
  assert.equal((await simulation.settled(backend.readChanges(TEA, recent.position, 9))).status, 'resumed')
})

test('whoever comes back to what was removed is told, and what was removed cannot be changed', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: 0, maxMessages: 1 }) })
  const { backend, clock } = simulation
  const ada = await simulation.join(TEA)
  for (const text of ['1', '2', '3']) await post(simulation, text)
  const [first] = ada.events('change')
  await clock.advance(1_500)
  assert.deepEqual(await textsIn(simulation), ['3'])
  assert.equal(ada.events('reset').length, 0, 'nobody who is here is told')

  const bob = await simulation.join('hall', 'Bob')
  const { epoch } = await headOf(simulation)
  bob.send({ type: 'join', room: TEA, since: { epoch, seq: first!.seq, tag: first!.tag } })
  await clock.settle()
  const joined = bob.events('joined').at(-1)
  assert.deepEqual([joined?.resumed, joined?.reset, joined?.messages.length], [false, 'trimmed', 1])
  assert.deepEqual([joined?.position.epoch, joined?.hasOlder], [epoch, false])

  const about = { room: TEA, messageId: first!.message.id }
  ada.send({ type: 'edit', ...about, key: 'a-key-edit', text: 'again' })
  ada.send({ type: 'react', ...about, key: 'a-key-react', emoji: '👍', on: true })
  ada.send({ type: 'delete', ...about, key: 'a-key-delete' })
  ada.send({ type: 'post', room: TEA, key: 'a-key-reply', text: 'as you said', replyTo: about.messageId })
  ada.send({ type: 'history', room: TEA, around: about.messageId })
  await clock.settle()
  assert.deepEqual(
    ada.events('error').map(({ code }) => code),
    Array.from({ length: 5 }, () => 'message_not_found'),
  )
  // Sent again, a post that was removed is still one that was stored.
  ada.send({ type: 'post', room: TEA, key: first!.message.key, text: '1' })
  await clock.settle()
  assert.equal(ada.events('ack').at(-1)?.position.seq, 1)
  assert.equal(await simulation.settled(backend.countMessages(TEA)), 1)
})

test('a reader whose next changes are removed before it has them is told', async () => {
  const simulation = simulate()
  const { backend, clock } = simulation
  await simulation.settled(
    fill(
      backend,
      Array.from({ length: 300 }, (_, index) => String(index + 1)),
    ),
  )
  const { start } = await simulation.settled(backend.extent(TEA))
  const ada = await simulation.join('hall')
  ada.capacity = 1
  ada.send({ type: 'join', room: TEA, since: start })
  await clock.settle()
  await simulation.settled(backend.trim(TEA, 250 as Seq))
  ada.readOn()
  await clock.settle()
  assert.equal(ada.events('joined').at(-1)?.resumed, true)
  assert.deepEqual(ada.events('reset'), [{ type: 'reset', room: TEA, reason: 'trimmed' }])
  const seen = ada.seqs().filter((seq) => seq > 0)
  assert.ok(seen.length < 250 && seen.every((seq, index) => seq === index + 1), 'nothing after a hole')
})

test('a newest page that everybody asks for is not kept for ever', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: HOUR_MS, maxMessages: 0 }) })
  const { clock } = simulation
  await post(simulation, 'old')
  await clock.advance(HOUR_MS - 5_000)
  const lengths: number[] = []
  for (let ms = 0; ms < 2 * PASS_MS; ms += 5_000) {
    lengths.push((await simulation.join(TEA, 'Bob')).events('joined')[0]!.messages.length)
    await clock.advance(5_000)
  }
  assert.deepEqual([lengths[0], lengths.at(-1)], [1, 0])
})

test('a log that is away is tried again by the next pass', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: 0, maxMessages: 1 }) })
  const { backend, clock } = simulation
  await simulation.settled(fill(backend, ['1', '2']))
  const trim = backend.trim.bind(backend)
  backend.trim = () => Promise.reject(new ChatError('unavailable', 'the log cannot be reached right now'))
  await clock.advance(1_500)
  assert.deepEqual(
    simulation.faults.map(({ context }) => context.stage),
    ['trimming rooms'],
  )
  backend.trim = trim
  await clock.advance(PASS_MS)
  assert.deepEqual(await textsIn(simulation), ['2'])
})

test('each step names the log that it was worked out for, so that of another one nothing goes', async () => {
  const clock = new SimulatedClock()
  const backend = createMemoryBackend({ environment: clock })
  const named: (string | undefined)[] = []
  const trim = backend.trim.bind(backend)
  backend.trim = (room, seq, epoch) => {
    named.push(epoch)
    return trim(room, seq, epoch)
  }
  const simulation = simulate({ backend, retention: () => ({ maxAgeMs: 0, maxMessages: 3 }) }, clock)
  await simulation.settled(fill(backend, ['1', '2', '3', '4', '5']))
  await clock.advance(PASS_MS)
  assert.deepEqual(await textsIn(simulation), ['3', '4', '5'])
  const { epoch } = await headOf(simulation)
  assert.deepEqual(new Set(named), new Set([epoch]))
})

test('several processes that trim one log remove what one of them would', async () => {
  const clock = new SimulatedClock()
  const backend = createMemoryBackend({ environment: clock })
  const removed: number[] = []
  const observer = observing({ onTrimmed: ({ messages }) => removed.push(messages) })
  const options: Partial<ChatOptions> = { backend, observer, retention: () => ({ maxAgeMs: 0, maxMessages: 10 }) }
  const simulation = simulate(options, clock)
  simulate(options, clock)
  await simulation.settled(Promise.all(Array.from({ length: 1_000 }, () => backend.append(write('hi')))))
  await clock.advance(PASS_MS)
  assert.equal(await simulation.settled(backend.countMessages(TEA)), 10)
  assert.equal(
    removed.reduce((sum, count) => sum + count),
    990,
  )
})

test('a chat that is closed trims no more', async () => {
  const simulation = simulate({ retention: () => ({ maxAgeMs: 0, maxMessages: 1 }) })
  const { backend, clock, chat } = simulation
  await clock.advance(1_500)
  await simulation.settled(chat.close())
  await simulation.settled(fill(backend, ['1', '2']))
  await clock.advance(2 * PASS_MS)
  assert.deepEqual(await textsIn(simulation), ['1', '2'])
  assert.equal((await simulation.settled(backend.extent(TEA))).start.seq, 0 as Seq)
})
