import assert from 'node:assert/strict'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Backend } from '../../src/backend/backend.ts'
import type { Position } from '../../src/protocol/message.ts'
import { until } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { append, COFFEE, fill, Recorder, TEA, write } from './backend-helpers.ts'
import { openOn, patiently, redisFor, replicate } from './redis-helpers.ts'

// The rule that is tested: a seq is given out once in an epoch, also in a room that nobody had open when the server lost its end, and
// whatever Redis still says of that when it is opened. And where nothing was lost, nobody is told otherwise.

/** Else a server gives up its backlog, and with it what it knows of whom it continues, after an hour. */
const FADING = ['--repl-backlog-ttl', '1']

suite('lineages', { concurrency: 3 }, () => {
  test('a promoted replica that lacks the last changes, opened by a process that starts when Redis has forgotten the promotion', async (t) => {
    const { replica, before, lost } = await promoteWithoutTail(t, FADING)
    await untilForgotten(replica)
    const later = await openOn(t, replica)
    await assertOtherLog(later, before, lost)
  })

  test('the same, seen by a process that ran all the while and did not have the room open', async (t) => {
    const { replica, before, lost } = await promoteWithoutTail(t, FADING)
    const backend = await openOn(t, replica)
    await untilForgotten(replica)
    await assertOtherLog(backend, before, lost)
  })

  test('the same, where the replica was restarted with its file before anybody came', async (t) => {
    const { replica, before, lost } = await promoteWithoutTail(t)
    await replica.restart()
    assert.ok(await isForgotten(replica))
    await assertOtherLog(await openOn(t, replica), before, lost)
  })

  test('the same, where the old primary then followed the replica, and leads again', async (t) => {
    const { primary, replica, before, lost } = await promoteWithoutTail(t, FADING)
    await primary.restart()
    await follow(primary, replica)
    await primary.command('REPLICAOF', 'NO', 'ONE')
    await untilForgotten(primary)
    await assertOtherLog(await openOn(t, primary), before, lost)
  })

  test('a promoted replica that lacks nothing is another log too, since nobody can know', async (t) => {
    const { primary, replica } = await replicate(t)
    const { last } = await tell(await openOn(t, primary), 'kept')
    await untilSeq(replica, 1)
    await primary.kill()
    await replica.command('REPLICAOF', 'NO', 'ONE')
    assert.notEqual((await open(await openOn(t, replica))).epoch, last.epoch)
  })

  test('a snapshot that lacks the last changes', async (t) => {
    const redis = await redisFor(t, '--appendonly', 'no')
    const { before, lost } = await loseAfterSnapshot(t, redis)
    await assertOtherLog(await openOn(t, redis), before, lost)
  })

  test('the same, where the server keeps an append-only file from then on', async (t) => {
    const redis = await redisFor(t, '--appendonly', 'no')
    const { before, lost } = await loseAfterSnapshot(t, redis)
    await redis.command('CONFIG', 'SET', 'appendonly', 'yes')
    await assertOtherLog(await openOn(t, redis), before, lost)
  })

  test('a snapshot that lacks nothing is another log too, since nobody can know', async (t) => {
    const redis = await redisFor(t, '--appendonly', 'no')
    const { last } = await tell(await openOn(t, redis), 'kept')
    await redis.command('SAVE')
    await redis.restart()
    assert.notEqual((await open(await openOn(t, redis))).epoch, last.epoch)
  })

  test('a room whose only changes were lost is another log when somebody writes to it again', async (t) => {
    const { primary, replica, link } = await replicate(t, FADING)
    const backend = await openOn(t, primary)
    await tell(backend, 'kept')
    await untilSeq(replica, 1)
    link.isUp = false
    link.cut()
    const lost = write('lost', { room: COFFEE })
    const { position } = await append(backend, lost)
    await primary.kill()
    await replica.command('REPLICAOF', 'NO', 'ONE')
    await untilForgotten(replica)
    const again = await append(await openOn(t, replica), lost)
    assert.deepEqual([position.seq, again.position.seq], [1, 1])
    assert.notEqual(again.position.epoch, position.epoch)
  })

  test('restarts with the append-only file, whoever runs meanwhile, change nothing', async (t) => {
    const redis = await redisFor(t)
    const first = await openOn(t, redis)
    const { last } = await tell(first, 'kept')
    const listener = new Recorder()
    await first.subscribe(COFFEE, listener)
    await fill(first, ['espresso'], COFFEE)
    for (let restarts = 0; restarts < 2; restarts++) {
      await redis.restart()
      await patiently(() => first.ping())
    }
    await first.close()
    for (let restarts = 0; restarts < 2; restarts++) await redis.restart()
    const second = await openOn(t, redis)
    assert.deepEqual(await open(second), last)
    assert.equal((await append(second, write('after'))).position.epoch, last.epoch)
    assert.deepEqual([listener.texts, listener.resets], [['espresso'], []])
  })

  test('a first replica, and a backlog that is given up, change nothing, whoever runs meanwhile', async (t) => {
    const primary = await redisFor(t, '--repl-diskless-sync-delay', '0', ...FADING)
    const backend = await openOn(t, primary)
    const { last } = await tell(backend, 'kept')
    for (const isWatched of [true, false]) {
      if (!isWatched) await backend.close()
      const alone = await historyOf(primary)
      const replica = await redisFor(t)
      await follow(replica, primary)
      const withReplica = await historyOf(primary)
      assert.notEqual(withReplica, alone)
      await replica.close()
      await until(async () => (await historyOf(primary)) !== withReplica)
    }
    assert.deepEqual(await open(await openOn(t, primary)), last)
  })

  test('a server that loads anew what it has changes nothing', async (t) => {
    const redis = await redisFor(t, '--enable-debug-command', 'local')
    const backend = await openOn(t, redis)
    const { last } = await tell(backend, 'kept')
    await redis.command('DEBUG', 'RELOAD')
    assert.deepEqual(await patiently(() => open(backend)), last)
    assert.deepEqual(await open(await openOn(t, redis)), last)
  })

  test('a file that is rewritten, and the server restarted once a process has noted that, change nothing', async (t) => {
    const redis = await redisFor(t)
    const { last } = await tell(await openOn(t, redis), 'kept')
    await redis.command('BGREWRITEAOF')
    const isRewritten = /aof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0/
    await until(async () => isRewritten.test(String(await redis.command('INFO', 'persistence'))))
    await untilBeat(redis)
    await redis.restart()
    assert.deepEqual(await open(await openOn(t, redis)), last)
  })

  test('an older copy of the append-only file, put in its place while a process runs: every room is another log, open or not', async (t) => {
    const redis = await redisFor(t, '--appendfsync', 'always')
    const backend = await openOn(t, redis)
    const { before, lost } = await putBackFile(redis, backend)
    await patiently(() => assertOtherLog(backend, before, lost))
  })

  test('the same while none runs: whoever has what was lost is told, by their own position', async (t) => {
    const redis = await redisFor(t, '--appendfsync', 'always')
    const first = await openOn(t, redis)
    const { lost } = await putBackFile(redis, first, () => first.close())
    const backend = await openOn(t, redis)
    assert.deepEqual(await backend.readChanges(TEA, lost, 9), { status: 'reset', reason: 'ahead' })
    await fill(backend, ['another', 'and another'])
    assert.deepEqual(await backend.readChanges(TEA, lost, 9), { status: 'reset', reason: 'fork' })
  })

  test('what a process was told of and the log does not have makes every room another log, on every process', async (t) => {
    const redis = await redisFor(t, '--enable-debug-command', 'local', '--appendonly', 'no')
    const [one, two] = [await openOn(t, redis), await openOn(t, redis)]
    const { last } = await tell(one, 'kept')
    const [here, there] = [new Recorder(), new Recorder()]
    await one.subscribe(COFFEE, here)
    await two.subscribe(TEA, there)
    await redis.command('SAVE')
    await fill(one, ['lost'], COFFEE)
    // The server goes on as the one that it was: only who was told of the change knows of it.
    await redis.command('DEBUG', 'RELOAD', 'NOSAVE')
    await here.until(({ resets }) => resets.length === 1)
    await there.until(({ resets }) => resets.length === 1)
    assert.notEqual((await open(two)).epoch, last.epoch)
  })
})

/** A primary that is gone, and its replica that leads, which lacks the last change of the tea room. No process saw it. */
async function promoteWithoutTail(
  t: TestContext,
  options: readonly string[] = [],
): Promise<{ primary: TestRedis; replica: TestRedis; before: Position; lost: Position }> {
  const { primary, replica, link } = await replicate(t, options)
  const backend = await openOn(t, primary)
  const { last: before } = await tell(backend, 'kept')
  await untilSeq(replica, 1)
  link.isUp = false
  link.cut()
  const { last: lost } = await tell(backend, 'lost')
  await backend.close()
  await primary.kill()
  await replica.command('REPLICAOF', 'NO', 'ONE')
  return { primary, replica, before, lost }
}

async function loseAfterSnapshot(t: TestContext, redis: TestRedis): Promise<{ before: Position; lost: Position }> {
  const backend = await openOn(t, redis)
  const { last: before } = await tell(backend, 'kept')
  await redis.command('SAVE')
  const { last: lost } = await tell(backend, 'lost')
  await backend.close()
  await redis.restart()
  return { before, lost }
}

/** Puts the append-only file in its place that the server had before it took the last change. */
async function putBackFile(
  redis: TestRedis,
  backend: Backend,
  meanwhile: () => Promise<void> = async () => {},
): Promise<{ before: Position; lost: Position }> {
  const [file, copy] = [join(redis.folder, 'appendonlydir'), join(redis.folder, 'copy')]
  const { last: before } = await tell(backend, 'kept')
  await cp(file, copy, { recursive: true })
  const { last: lost } = await tell(backend, 'lost')
  await untilBeat(redis)
  await meanwhile()
  await redis.kill()
  await rm(file, { recursive: true })
  await cp(copy, file, { recursive: true })
  await redis.restart()
  return { before, lost }
}

/** Writes to the tea room, which nobody has open. */
async function tell(backend: Backend, text: string): Promise<{ last: Position }> {
  const { position } = await append(backend, write(text))
  return { last: position }
}

/** Where the tea room stands for who opens it. */
async function open(backend: Backend): Promise<Position> {
  const subscription = await backend.subscribe(TEA, new Recorder())
  subscription.close()
  return subscription.head
}

/** Whoever stands at `before`, or at what was lost, is told that the log is another; and the seq that was lost is given out in another epoch. */
async function assertOtherLog(backend: Backend, before: Position, lost: Position): Promise<void> {
  const head = await open(backend)
  assert.equal(head.seq, before.seq)
  assert.notEqual(head.epoch, before.epoch)
  for (const position of [before, lost]) {
    assert.deepEqual(await backend.readChanges(TEA, position, 9), { status: 'reset', reason: 'epoch' })
  }
  const { position } = await append(backend, write('another'))
  assert.deepEqual([position.seq, position.epoch], [lost.seq, head.epoch])
}

async function follow(replica: TestRedis, primary: TestRedis): Promise<void> {
  await replica.command('REPLICAOF', '127.0.0.1', String(primary.port))
  await until(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'))
}

async function untilSeq(redis: TestRedis, seq: number): Promise<void> {
  await until(async () => Number(await redis.command('HGET', 'natter:{tea}:head', 'seq')) === seq)
}

/** Resolves once a process has looked at the server. */
async function untilBeat(redis: TestRedis): Promise<void> {
  const before = await redis.command('HGET', 'natter:lineage', 'beat')
  await until(async () => (await redis.command('HGET', 'natter:lineage', 'beat')) !== before)
}

async function historyOf(redis: TestRedis): Promise<string | undefined> {
  return /master_replid:(\w+)/.exec(String(await redis.command('INFO', 'replication')))?.[1]
}

async function isForgotten(redis: TestRedis): Promise<boolean> {
  return /master_replid2:0{40}\r/.test(String(await redis.command('INFO', 'replication')))
}

/** Resolves once the server does not know any more that it was promoted. */
async function untilForgotten(redis: TestRedis): Promise<void> {
  await until(() => isForgotten(redis))
}
