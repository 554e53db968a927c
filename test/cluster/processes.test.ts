import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redisFor } from '../contracts/redis-helpers.ts'
import { Person } from '../faults/person.ts'
import { RestartableServer } from '../faults/restartable-server.ts'
import { assertOneHistory, readHistory } from '../faults/verdict.ts'
import { newRoom } from '../protocol/target.ts'
import { startBalancer } from './balancer.ts'
import { Traffic } from './traffic.ts'

const PROCESSES = 3
const PEOPLE = 200
/** Posts on their way at a time. Each goes out to everybody. */
const AT_A_TIME = 10
/** Messages stored between two events. */
const SOME = 30

test('200 people on three processes and one Redis', async (t) => {
  const redis = await redisFor(t)
  const start = (): Promise<RestartableServer> =>
    RestartableServer.start(t, ['--redis', redis.url, '--shutdown-spread', '300ms'])
  const servers = await Promise.all(Array.from({ length: PROCESSES }, start))
  const [first] = servers
  assert.ok(first)
  const room = newRoom()
  const [router, absence] = [await startBalancer(t, servers), await startBalancer(t, [first])]
  const people = await Promise.all(
    Array.from({ length: PEOPLE }, (_, index) =>
      Person.enter(t, (index === 0 ? absence : router).socketUrl, room, `Guest ${index}`),
    ),
  )

  await t.test('a process has two connections to Redis, however many people it has', async () => {
    const clients = String(await redis.command('CLIENT', 'LIST', 'TYPE', 'normal'))
      .trim()
      .split('\n')
    const subscribers = String(await redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub'))
      .trim()
      .split('\n')
    // One more is what asks.
    assert.deepEqual([clients.length, subscribers.length], [PROCESSES + 1, PROCESSES])
  })

  /** Ends each process under traffic and starts it again. */
  async function endEach(end: (server: RestartableServer) => Promise<void>): Promise<void> {
    const traffic = new Traffic(people, AT_A_TIME)
    for (const server of servers) {
      await traffic.posts(SOME)
      await end(server)
      await traffic.posts(SOME)
      await server.startAgain()
    }
    await traffic.end()
    await assertOneHistory(t, first!.socketUrl, people)
  }

  await t.test('a rolling restart loses nothing, shows nothing twice, and all see one order', () =>
    endEach(async (server) => {
      const { code, stderr } = await server.terminate()
      assert.deepEqual([code, stderr], [0, ''])
    }),
  )

  await t.test('so does kill -9 of each', () => endEach((server) => server.kill()))

  await t.test('so does killing Redis, and starting it again with its append-only file', async () => {
    const traffic = new Traffic(people, AT_A_TIME)
    await traffic.posts(SOME)
    await redis.kill()
    for (const server of servers) await server.untilReady(503)
    await redis.restart()
    await traffic.posts(SOME)
    await traffic.end()
    await assertOneHistory(t, first.socketUrl, people)
  })

  await t.test('a process that joins late has all of it, and catches up whoever comes to it', async () => {
    absence.targets = []
    absence.cut()
    const traffic = new Traffic(people.slice(1), AT_A_TIME)
    await traffic.posts(SOME)
    const late = await start()
    absence.targets = [late]
    await traffic.posts(SOME)
    await traffic.end()
    const history = await assertOneHistory(t, first.socketUrl, people)
    assert.deepEqual(await readHistory(t, late.socketUrl, room), history)
    t.diagnostic(`${history.length} messages`)
  })
})
