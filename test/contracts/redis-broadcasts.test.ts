import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import { until } from '../helpers/redis.ts'
import { BroadcastRecorder } from './backend-helpers.ts'
import { assertUnavailable, openOn, patiently, QUICK, redisFor, refusal } from './redis-helpers.ts'

// Processes are backends of their own here: what they share is in Redis alone.

test('a broadcast reaches all processes, and no other chat in the same Redis', async (t) => {
  const redis = await redisFor(t)
  const [one, two, other] = [await openOn(t, redis), await openOn(t, redis), await openOn(t, redis, { keyPrefix: 'x' })]
  const listeners = [new BroadcastRecorder(), new BroadcastRecorder(), new BroadcastRecorder()] as const
  for (const [index, backend] of [one, two, other].entries()) backend.listen(listeners[index]!)
  await one.broadcast('hello')
  await other.broadcast('good-bye')
  for (const listener of listeners) await listener.until(({ heard }) => heard.length === 1)
  assert.deepEqual(
    listeners.map(({ heard }) => heard),
    [['hello'], ['hello'], ['good-bye']],
  )
})

test('a process that was cut off hears what was said meanwhile when it is back, and that it was deaf', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const [here, cut] = [await openOn(t, redis), await openOn(t, line)]
  const listener = new BroadcastRecorder()
  cut.listen(listener)
  line.isUp = false
  line.cut()
  await refusal(() => cut.ping())
  await assert.rejects(cut.broadcast('from the dark'), assertUnavailable)
  await here.broadcast('meanwhile')
  line.isUp = true
  await listener.until(({ timesDeaf }) => timesDeaf > 0)
  assert.ok(listener.heard.includes('meanwhile'), listener.heard.join())
})

test('what was said to a subscriber that is silently dead is heard when that is noticed', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const [here, deaf] = [await openOn(t, redis), await openOn(t, line)]
  const listener = new BroadcastRecorder()
  deaf.listen(listener)
  line.freeze('subscribers')
  await here.broadcast('can you hear me?')
  await listener.until(({ timesDeaf }) => timesDeaf > 0)
  assert.ok(listener.heard.includes('can you hear me?'), listener.heard.join())
})

test('a process whose subscription is lost again while it catches up hears what is said then too', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const unhurried = { ...QUICK, callTimeoutMs: DEFAULT_TIMINGS.callTimeoutMs }
  const [here, cut] = [await openOn(t, redis), await openOn(t, line, {}, unhurried)]
  const listener = new BroadcastRecorder()
  cut.listen(listener)
  const subscribers = async (): Promise<number> =>
    String(await redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub')).match(/^id=/gm)?.length ?? 0
  // Catching up begins, and its answer is a long time coming.
  line.freeze('commands')
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await until(async () => (await subscribers()) === 2)
  line.isUp = false
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await until(async () => (await subscribers()) === 1)
  await patiently(() => here.broadcast('once'))
  line.thaw()
  await listener.until(({ heard }) => heard.includes('once'))
  await here.broadcast('and again')
  line.isUp = true
  await listener.until(({ timesDeaf }) => timesDeaf > 0)
  assert.ok(listener.heard.includes('and again'), listener.heard.join())
})

test('a Redis that restarts empty has processes told that they were deaf', async (t) => {
  const redis = await redisFor(t, '--appendonly', 'no')
  const backend = await openOn(t, redis)
  const listener = new BroadcastRecorder()
  backend.listen(listener)
  await redis.kill()
  await refusal(() => backend.ping())
  await redis.restart()
  await listener.until(({ timesDeaf }) => timesDeaf > 0)
})

test('what is kept of broadcasts has an end', async (t) => {
  const redis = await redisFor(t)
  const backend = await openOn(t, redis)
  await Promise.all(Array.from({ length: 3_000 }, (_, index) => backend.broadcast(String(index))))
  const kept = Number(await redis.command('XLEN', 'natter:broadcasts'))
  assert.ok(kept >= 1_000 && kept < 1_500, String(kept))
})
