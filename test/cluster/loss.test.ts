import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { redisFor, replicate } from '../contracts/redis-helpers.ts'
import { Person } from '../faults/person.ts'
import { RestartableServer } from '../faults/restartable-server.ts'
import { assertAllCameBack } from '../faults/verdict.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { newRoom } from '../protocol/target.ts'
import { startBalancer } from './balancer.ts'
import type { Balancer } from './balancer.ts'
import { Traffic } from './traffic.ts'

interface Stage {
  readonly room: string
  readonly servers: readonly RestartableServer[]
  /** Three on each process; the first of them comes by the balancer. */
  readonly people: readonly Person[]
  readonly balancer: Balancer
}

/** Two processes on the Redis at `url`, and people on both. */
async function setStage(t: TestContext, url: string): Promise<Stage> {
  const servers = await Promise.all([1, 2].map(() => RestartableServer.start(t, ['--redis', url])))
  const [room, balancer] = [newRoom(), await startBalancer(t, servers)]
  const entrances = [balancer, ...servers, ...servers, ...servers].slice(0, 6)
  const people = await Promise.all(
    entrances.map(({ socketUrl }, index) => Person.enter(t, socketUrl, room, `Guest ${index}`)),
  )
  return { room, servers, people, balancer }
}

async function seqOf(redis: TestRedis, room: string): Promise<number> {
  return Number(await redis.command('HGET', `natter:{${room}}:head`, 'seq'))
}

test('a replica is promoted that lacks the last messages: all are told, also who was away, and what they sent comes back', async (t) => {
  const { primary, replica, link } = await replicate(t)
  const line = await startRelay(t, primary.port)
  const { room, servers, people, balancer } = await setStage(t, line.url)
  const traffic = new Traffic(people, 3)
  await traffic.posts(40)
  link.isUp = false
  link.cut()
  // Accepted, and on no other server.
  await traffic.posts(40)
  await traffic.end()
  balancer.targets = []
  balancer.cut()
  assert.ok((await seqOf(replica, room)) <= (await seqOf(primary, room)) - 40)

  await primary.kill()
  line.target = replica.port
  await replica.command('REPLICAOF', 'NO', 'ONE')
  await Promise.all(people.slice(1).map((person) => person.postAndWait()))
  balancer.targets = servers
  await assertAllCameBack(t, servers[0]?.socketUrl ?? '', people)
})

test('a Redis that is restarted empty: all are told, and what they sent comes back', async (t) => {
  const redis = await redisFor(t, '--appendonly', 'no')
  const { servers, people } = await setStage(t, redis.url)
  const traffic = new Traffic(people, 3)
  await traffic.posts(60)
  await redis.restart()
  await traffic.posts(20)
  await traffic.end()
  await assertAllCameBack(t, servers[0]?.socketUrl ?? '', people)
})
