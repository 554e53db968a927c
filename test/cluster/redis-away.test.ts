import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { redisFor } from '../contracts/redis-helpers.ts'
import { Person } from '../faults/person.ts'
import { RestartableServer } from '../faults/restartable-server.ts'
import { assertAllCameBack, assertOneHistory } from '../faults/verdict.ts'
import { until } from '../helpers/clients.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import type { RedisRelay } from '../helpers/redis-relay.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { greet } from '../protocol/peer.ts'
import type { Peer } from '../protocol/peer.ts'
import { newKey, newRoom } from '../protocol/target.ts'
import { Traffic } from './traffic.ts'

const PROCESSES = 3
const PEOPLE_PER_PROCESS = 3
const AT_A_TIME = 3

/** What is promised, in milliseconds: to be refused, and to be through when Redis is back. */
const REFUSED_WITHIN_MS = 5_000
const DRAINED_WITHIN_MS = 10_000

interface Fault {
  readonly name: string
  readonly begin: (redis: TestRedis, line: RedisRelay) => unknown
  readonly end: (redis: TestRedis, line: RedisRelay) => unknown
}

const FAULTS: readonly Fault[] = [
  { name: 'killed', begin: (redis) => redis.kill(), end: (redis) => redis.restart() },
  { name: 'frozen', begin: (redis) => redis.freeze(), end: (redis) => redis.thaw() },
  {
    name: 'behind a line that swallows everything',
    begin(_, line) {
      line.isBlackHole = true
      line.freeze()
    },
    end: (_, line) => (line.isBlackHole = false),
  },
  {
    name: 'out of memory',
    begin: (redis) => redis.command('CONFIG', 'SET', 'maxmemory', '1'),
    end: (redis) => redis.command('CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    name: 'without the replicas that it needs to take writes',
    begin: (redis) => redis.command('CONFIG', 'SET', 'min-replicas-to-write', '1'),
    end: (redis) => redis.command('CONFIG', 'SET', 'min-replicas-to-write', '0'),
  },
]

/** A Redis that follows another is read-only; when it leads again, nobody knows whether it has everything. */
const FOLLOWING: Fault = {
  name: 'read-only',
  begin: (redis) => redis.command('REPLICAOF', '127.0.0.1', '1'),
  end: (redis) => redis.command('REPLICAOF', 'NO', 'ONE'),
}

test('three processes and people on each, while Redis is away', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const servers = await Promise.all(
    Array.from({ length: PROCESSES }, () => RestartableServer.start(t, ['--redis', line.url])),
  )
  const [first] = servers
  assert.ok(first)
  const room = newRoom()
  const people: Person[] = []
  const peers: Peer[] = []
  for (const { socketUrl } of servers) {
    peers.push(await greet(t, socketUrl))
    for (let i = 0; i < PEOPLE_PER_PROCESS; i++)
      people.push(await Person.enter(t, socketUrl, room, `Guest ${people.length}`))
  }
  let lostConnections = 0
  for (const { chat } of people) chat.on('state', () => lostConnections++)

  async function suffer({ begin, end }: Fault): Promise<void> {
    const traffic = new Traffic(people, AT_A_TIME)
    await traffic.posts(20)
    await begin(redis, line)
    await Promise.all(peers.map((peer) => assertRefused(peer, room)))
    for (const server of servers) {
      await server.untilReady(503)
      assert.equal((await fetch(`${server.url}/live`)).status, 200)
    }
    const kept = people.map((person) => person.postAndWait())
    await Promise.all(people.map((person) => untilKept(person)))
    await end(redis, line)
    const since = performance.now()
    await Promise.all([...kept, traffic.end()])
    const drainedMs = performance.now() - since
    assert.ok(drainedMs < DRAINED_WITHIN_MS, `${drainedMs} ms`)
    for (const server of servers) await server.untilReady(200)
    assert.equal(lostConnections, 0)
  }

  for (const fault of FAULTS) {
    await t.test(`${fault.name}: refused and kept, then stored in order, once`, async () => {
      await suffer(fault)
      await assertOneHistory(t, first.socketUrl, people)
    })
  }

  await t.test('a script cache that is flushed again and again is noticed by nobody', async () => {
    const traffic = new Traffic(people, AT_A_TIME)
    for (let flushes = 0; flushes < 10; flushes++) {
      await traffic.posts(10)
      await redis.command('SCRIPT', 'FLUSH')
    }
    await traffic.end()
    await assertOneHistory(t, first.socketUrl, people)
    assert.equal(lostConnections, 0)
  })

  await t.test(
    `${FOLLOWING.name}: refused and kept; then all are told that the log may be another, and nothing is missing`,
    async () => {
      await suffer(FOLLOWING)
      await assertAllCameBack(t, first.socketUrl, people)
      assert.equal(lostConnections, 0)
    },
  )

  await endAll(t, servers)
})

/** Posts until it is refused, and fails unless every answer comes in time. */
async function assertRefused(peer: Peer, room: string): Promise<void> {
  for (;;) {
    const since = performance.now()
    const answer = await peer.answerOf(peer.send({ type: 'post', room, key: newKey(), text: 'is it there?' }))
    const elapsedMs = performance.now() - since
    assert.ok(elapsedMs < REFUSED_WITHIN_MS, `${elapsedMs} ms`)
    if (answer.type !== 'error') continue
    assert.equal(answer.code, 'unavailable')
    assert.ok(Number(answer.retryAfterMs) > 0 && Number(answer.retryAfterMs) <= REFUSED_WITHIN_MS)
    return
  }
}

/** Waits until the SDK knows that it has to wait, and shows what was posted last as on its way. */
function untilKept({ room }: Person): Promise<void> {
  return until(
    room,
    ({ notice, messages }) => notice?.code === 'unavailable' && messages.at(-1)?.delivery.status === 'pending',
  )
}

/** Fails unless all of them are still there to end in good order. */
async function endAll(t: TestContext, servers: readonly RestartableServer[]): Promise<void> {
  for (const server of servers) {
    const { code, stderr } = await server.terminate()
    assert.deepEqual([code, stderr], [0, ''])
  }
  t.diagnostic('all ended with exit code 0')
}
