import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redisFor } from '../contracts/redis-helpers.ts'
import { acceptedWrites, Person } from '../faults/person.ts'
import { RestartableServer } from '../faults/restartable-server.ts'
import { assertOneHistory } from '../faults/verdict.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import { newRoom } from '../protocol/target.ts'
import { startBalancer } from './balancer.ts'

const ROUNDS = 2
/** Writes accepted between two faults. */
const SOME = 25

test('people who write on without waiting keep their order, each message once, through kill -9 of a process, cut lines and a Redis that restarts', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const servers = await Promise.all([1, 2].map(() => RestartableServer.start(t, ['--redis', line.url])))
  const [first, second] = servers
  assert.ok(first && second)
  const [room, balancer] = [newRoom(), await startBalancer(t, servers)]
  const people = await Promise.all(
    ['Ada', 'Bob', 'Eve', 'Kim'].map((name) => Person.enter(t, balancer.socketUrl, room, name)),
  )
  const over = new AbortController()
  const traffic = people.map((person) =>
    person.writeOn(
      () => person.post(),
      () => over.signal.aborted,
    ),
  )
  const faults: readonly (() => unknown)[] = [
    () => killAndStart(first),
    () => line.cut(),
    () => redis.command('SCRIPT', 'FLUSH'),
    () => killAndStart(second),
    () => balancer.cut(),
    () => redis.restart(),
  ]
  for (let round = 0; round < ROUNDS; round++) {
    for (const fault of faults) {
      await acceptedWrites(people, SOME)
      await fault()
    }
  }
  await acceptedWrites(people, SOME)
  over.abort()
  await Promise.all(traffic)

  const history = await assertOneHistory(t, first.socketUrl, people)
  // Posts alone take seqs here, so the messages show whether there is a hole.
  assert.deepEqual(
    history.map(({ seq }) => seq),
    history.map((_, index) => index + 1),
  )
  t.diagnostic(`${history.length} messages`)
})

async function killAndStart(server: RestartableServer): Promise<void> {
  await server.kill()
  await server.startAgain()
}
