import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomId, UserId } from '../../src/protocol/ids.ts'
import type { User } from '../../src/protocol/message.ts'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import { until } from '../helpers/redis.ts'
import { ADA, BOB, COFFEE, Recorder, seqsTo, TEA } from './backend-helpers.ts'
import { openOn, patiently, QUICK, redisFor, refusal } from './redis-helpers.ts'

// Processes are backends of their own here: what they share is in Redis alone.

const ada: User = { id: ADA, name: 'Ada' }
const bob: User = { id: BOB, name: 'Bob' }

test('what a line held back of who came and went is void when it comes after something newer', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const [here, held] = [await openOn(t, redis), await openOn(t, line)]
  const listener = new Recorder()
  await here.subscribe(TEA, listener)
  held.enter(TEA, ada)
  await listener.until(({ memberChanges }) => memberChanges === 1)
  line.freeze()
  held.exit(TEA, ADA)
  held.enter(TEA, bob)
  held.enter(COFFEE, bob)
  held.signal(TEA, 'the last that was held back')
  await refusal(() => held.ping())
  held.exit(TEA, BOB)
  held.exit(COFFEE, BOB)
  held.enter(TEA, ada)
  // Of the new connection.
  await listener.until(({ memberChanges }) => memberChanges === 2)
  await patiently(() => held.ping())
  line.thaw()
  await listener.until(({ signals }) => signals.length === 1)
  assert.deepEqual(await here.members(TEA, 9), { count: 1, users: [ada] })
  assert.equal((await here.members(COFFEE, 9)).count, 0)
  held.enter(TEA, bob)
  await held.ping()
  assert.deepEqual((await here.members(TEA, 9)).users, [ada, bob])
})

test('after an outage that was longer than any lease nobody has left, though one process is back before the other', async (t) => {
  const redis = await redisFor(t)
  // Noticed when the leases are over.
  const timings = { ...QUICK, callTimeoutMs: 2 * QUICK.leaseMs, probeTimeoutMs: 2 * QUICK.leaseMs }
  const late = await startRelay(t, redis.port)
  const [one, two] = [await openOn(t, redis, {}, timings), await openOn(t, late, {}, timings)]
  const listener = new Recorder()
  await one.subscribe(TEA, listener)
  one.enter(TEA, ada)
  two.enter(TEA, bob)
  await listener.until(({ memberChanges }) => memberChanges === 2)
  // Else Redis reads, when it goes on, by what the other wanted to renew its lease.
  late.freeze()
  redis.freeze()
  await Promise.all([refusal(() => one.ping()), refusal(() => two.ping())])
  late.isUp = false
  redis.thaw()
  // One is back, and has entered its members again.
  await listener.until(({ memberChanges }) => memberChanges === 3)
  late.isUp = true
  await listener.until(({ memberChanges }) => memberChanges === 4)
  assert.doesNotMatch(String(await redis.command('INFO', 'commandstats')), /cmdstat_hdel/, 'somebody was taken out')
  assert.deepEqual((await one.members(TEA, 9)).users, [ada, bob])
})

test('thousands of members of one room, and of thousands of rooms, are put right by a new connection', async (t) => {
  const redis = await redisFor(t, '--appendonly', 'no')
  const backend = await openOn(t, redis, {}, DEFAULT_TIMINGS)
  const [many, rooms] = [5_000, seqsTo(2_000).map((number) => `room-${number}` as RoomId)]
  for (const number of seqsTo(many)) backend.enter(TEA, { id: `u_${number}` as UserId, name: `Guest ${number}` })
  for (const room of rooms) backend.enter(room, ada)
  await backend.ping()
  await redis.restart()
  const countIn = (room: RoomId): Promise<number> => patiently(async () => (await backend.members(room, 1)).count)
  // What is last put right.
  await until(async () => (await countIn(rooms.at(-1) as RoomId)) > 0)
  assert.equal(await countIn(TEA), many)
  assert.equal(await countIn(rooms[0] as RoomId), 1)
})
