import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'
import type { RoomId } from '../../src/protocol/ids.ts'
import { append, seqsTo, write } from '../contracts/backend-helpers.ts'
import { openOn, redisFor } from '../contracts/redis-helpers.ts'
import { greet, observing, startServer } from '../helpers.ts'

test('of several processes on one Redis one trims, rooms that nobody is in too, and all tell what is gone', async (t) => {
  const redis = await redisFor(t)
  // With the time for an answer that there is in earnest: a busy machine is not what is tested here.
  const [one, two] = [await openOn(t, redis, {}, DEFAULT_TIMINGS), await openOn(t, redis, {}, DEFAULT_TIMINGS)]
  const rooms = seqsTo(20).map((number) => `room-${number}` as RoomId)
  const posts = rooms.flatMap((room) => seqsTo(30).map((number) => write(String(number), { room })))
  const appended = await Promise.all(posts.map((post) => append(one, post)))

  const removedBy: [number, number] = [0, 0]
  const { promise: trimmed, resolve } = Promise.withResolvers<void>()
  const trimming = (index: 0 | 1): ReturnType<typeof observing> =>
    observing({
      onTrimmed({ messages }) {
        removedBy[index] += messages
        if (removedBy[0] + removedBy[1] === 20 * 20) resolve()
      },
    })
  const retention = { maxMessages: 10, maxAgeMs: 0 }
  const servers = [
    await startServer(t, { backend: one, retention, observer: trimming(0) }),
    await startServer(t, { backend: two, retention, observer: trimming(1) }),
  ]
  await trimmed
  assert.ok(removedBy.includes(0), `each removed some: ${removedBy.join(' and ')}`)
  for (const room of rooms) assert.equal(await one.countMessages(room), 10)

  const socket = await greet(t, servers[1]!)
  const late = await socket.ask({ type: 'join', room: 'room-1', since: appended[10]!.position })
  assert.deepEqual([late['resumed'], late['reset'], late['head']], [false, 'trimmed', 30])

  // Who stops leaves the work to others at once.
  for (const server of servers) await server.close()
  while (!(await one.lease('retention', 60_000)));
})
