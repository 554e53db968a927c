import assert from 'node:assert/strict'
import { globSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Append, Backend } from '../../src/backend/backend.ts'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import { until } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { append, fill, readAll, Recorder, resumed, seqsTo, taken, TEA, textsOf, write } from './backend-helpers.ts'
import { assertOrderKept } from './backend-order.ts'
import { assertUnavailable, openOn, patiently, redisFor, refusal, replicate } from './redis-helpers.ts'

const NUMBERS = seqsTo(50).map(String)

test('what a process missed while it was cut off reaches its listeners once, in order', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const [here, cut] = [await openOn(t, redis), await openOn(t, line)]
  const listener = new Recorder()
  await cut.subscribe(TEA, listener)
  await fill(here, ['before'])
  await listener.until(({ changes }) => changes.length === 1)
  line.isUp = false
  line.cut()
  await refusal(() => cut.ping())
  await fill(here, NUMBERS)
  line.isUp = true
  await listener.until(({ changes }) => changes.length === 51)
  assert.deepEqual(listener.texts, ['before', ...NUMBERS])
  assert.deepEqual(listener.seqs, seqsTo(51))
  assert.deepEqual(listener.resets, [])
})

test('a Redis that is killed refuses all calls; restarted with its file, it goes on where it was', async (t) => {
  const redis = await redisFor(t)
  const [one, two] = [await openOn(t, redis), await openOn(t, redis)]
  const listener = new Recorder()
  await two.subscribe(TEA, listener)
  await fill(one, ['before'])
  const { epoch } = await one.head(TEA)
  await redis.kill()
  await refusal(() => one.ping())
  for (const call of everyCall(one)) await assert.rejects(call, assertUnavailable)
  await redis.restart()
  const late = write('after')
  const { position } = await patiently(() => append(one, late))
  assert.deepEqual([position.epoch, position.seq], [epoch, 2])
  await listener.until(({ changes }) => changes.length === 2)
  assert.deepEqual([listener.texts, listener.resets], [['before', 'after'], []])
})

test('a frozen Redis is noticed under load within 5 s, and what was under way is stored once when sent again', async (t) => {
  const redis = await redisFor(t)
  const backend = await openOn(t, redis, {}, DEFAULT_TIMINGS)
  const listener = new Recorder()
  await backend.subscribe(TEA, listener)
  await fill(backend, ['before'])
  redis.freeze()
  // Writing goes on all the while: the socket is never idle.
  const writes = NUMBERS.map((text) => write(text))
  const answers = writes.map((one) => backend.append(one))
  const chatter = setInterval(() => backend.signal(TEA, 'still here'), 20)
  t.after(() => clearInterval(chatter))
  const startedAt = performance.now()
  for (const answer of answers) await assert.rejects(answer, assertUnavailable)
  assert.ok(performance.now() - startedAt < 5_000)
  redis.thaw()
  await patiently(() => backend.ping())
  for (const one of writes) await patiently(() => append(backend, one))
  assert.deepEqual(textsOf(await readAll(backend)), ['before', ...NUMBERS])
  await listener.until(({ changes }) => changes.length === 51)
  assert.deepEqual([listener.texts, listener.resets], [['before', ...NUMBERS], []])
})

test('a line that swallows everything is noticed, and is not waited for', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const backend = await openOn(t, line)
  const one = write('swallowed')
  line.freeze()
  await assert.rejects(backend.append(one), assertUnavailable)
  line.thaw()
  await patiently(() => append(backend, one))
  assert.deepEqual(textsOf(await readAll(backend)), ['swallowed'])
})

test('a Redis restarted empty is another log: listeners are told, secrets live on', async (t) => {
  const redis = await redisFor(t, '--appendonly', 'no')
  const [one, two] = [await openOn(t, redis), await openOn(t, redis)]
  const listener = new Recorder()
  await two.subscribe(TEA, listener)
  await fill(one, ['lost', 'lost too'])
  await listener.until(({ changes }) => changes.length === 2)
  const before = await one.head(TEA)
  const secret = await one.secret('guest')
  await redis.kill()
  await redis.restart()
  await listener.until(({ resets }) => resets.length === 1)
  assert.deepEqual(listener.resets, ['epoch'])
  assert.deepEqual(await patiently(() => one.readChanges(TEA, before, 9)), { status: 'reset', reason: 'epoch' })
  const { position } = await patiently(() => append(one, write('anew')))
  assert.equal(position.seq, 1)
  assert.notEqual(position.epoch, before.epoch)
  await listener.until(({ changes }) => changes.length === 3)
  assert.deepEqual(listener.changes.at(-1)?.position, position)
  assert.deepEqual(await two.secret('guest'), secret)
})

test('a Redis emptied while it runs is another log', async (t) => {
  const redis = await redisFor(t)
  const backend = await openOn(t, redis)
  const listener = new Recorder()
  await backend.subscribe(TEA, listener)
  await fill(backend, ['lost', 'lost too'])
  await redis.command('FLUSHALL')
  await listener.until(({ resets }) => resets.length === 1)
  const { position } = await append(backend, write('anew'))
  assert.equal(position.seq, 1)
  assert.notEqual(position.epoch, listener.changes[0]?.position.epoch)
})

test('a Redis emptied while it runs gets back the secrets that are known, for processes that come later', async (t) => {
  const redis = await redisFor(t)
  const [one, two] = [await openOn(t, redis), await openOn(t, redis)]
  const [secret, other] = [await one.secret('guest'), await two.secret('other')]
  await redis.command('FLUSHALL')
  for (const name of ['guest', 'other'])
    await until(async () => (await redis.command('EXISTS', `natter:secret:${name}`)) === 1)
  const later = await openOn(t, redis)
  assert.deepEqual([await later.secret('guest'), await later.secret('other')], [secret, other])
})

test('without memory appends are refused and reads go on; with memory again all goes on', async (t) => {
  const redis = await redisFor(t)
  const backend = await openOn(t, redis)
  await fill(backend, ['before'])
  await redis.command('CONFIG', 'SET', 'maxmemory', '1')
  const late = write('after')
  await assert.rejects(backend.append(late), assertUnavailable)
  await assert.rejects(backend.ping(), assertUnavailable)
  assert.deepEqual(textsOf(await readAll(backend)), ['before'])
  await redis.command('CLIENT', 'KILL', 'TYPE', 'normal')
  assert.deepEqual(await patiently(async () => textsOf(await readAll(backend))), ['before'])
  await patiently(() => backend.subscribe(TEA, new Recorder()))
  await redis.command('CONFIG', 'SET', 'maxmemory', '0')
  assert.equal((await append(backend, late)).position.seq, 2)
})

test('without the replicas it needs to take writes, a Redis is read from also by who connects anew', async (t) => {
  const redis = await redisFor(t)
  const backend = await openOn(t, redis)
  await fill(backend, ['before'])
  await redis.command('CONFIG', 'SET', 'min-replicas-to-write', '1')
  await redis.command('CLIENT', 'KILL', 'TYPE', 'normal')
  assert.deepEqual(await patiently(async () => textsOf(await readAll(backend))), ['before'])
  const late = write('after')
  await assert.rejects(backend.append(late), assertUnavailable)
  await redis.command('CONFIG', 'SET', 'min-replicas-to-write', '0')
  assert.equal((await patiently(() => append(backend, late))).position.seq, 2)
})

test('a Redis that becomes a replica refuses appends, and one that is promoted again has a new epoch', async (t) => {
  const redis = await redisFor(t)
  const backend = await openOn(t, redis)
  const listener = new Recorder()
  await backend.subscribe(TEA, listener)
  await fill(backend, ['before'])
  await redis.command('REPLICAOF', '127.0.0.1', '1')
  await assert.rejects(backend.append(write('to a replica')), assertUnavailable)
  await redis.command('REPLICAOF', 'NO', 'ONE')
  await listener.until(({ resets }) => resets.length === 1)
  assert.deepEqual(listener.resets, ['epoch'])
  assert.equal((await patiently(() => append(backend, write('after')))).position.seq, 2)
})

test('writes that are sent without waiting keep their order while the server forgets the scripts again and again', async (t) => {
  const redis = await redisFor(t)
  // A slow machine has a second of writes under way, which nobody is to take for a frozen server.
  const processes = []
  for (let count = 0; count < 3; count++) processes.push(await openOn(t, redis, {}, DEFAULT_TIMINGS))
  await assertOrderKept(processes, () => redis.command('SCRIPT', 'FLUSH'))
})

test('a subscriber that is silently dead is noticed, and what it missed is made up for', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const [here, deaf] = [await openOn(t, redis), await openOn(t, line)]
  const listener = new Recorder()
  await deaf.subscribe(TEA, listener)
  line.freeze('subscribers')
  await fill(here, NUMBERS)
  await listener.until(({ changes }) => changes.length === 50)
  here.signal(TEA, 'heard again')
  while (!listener.signals.includes('heard again')) {
    here.signal(TEA, 'heard again')
    await here.ping()
  }
  assert.deepEqual(listener.texts, NUMBERS)
})

test('what was missed in a thousand rooms at once is made up for in all of them, by the same connection', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const notices: string[] = []
  const [here, deaf] = [await openOn(t, redis), await openOn(t, line, { onNotice: (notice) => notices.push(notice) })]
  const rooms = seqsTo(1_000).map((number) => `room-${number}` as typeof TEA)
  const listeners = rooms.map(() => new Recorder())
  await Promise.all(rooms.map((room, index) => deaf.subscribe(room, listeners[index] as Recorder)))
  line.freeze('subscribers')
  await Promise.all(rooms.map((room) => append(here, write('missed', { room }))))
  for (const listener of listeners) await listener.until(({ texts }) => texts.length === 1)
  assert.deepEqual(notices, [])
})

test('a last message that was lost on the way is found by comparing', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const [here, losing] = [await openOn(t, redis), await openOn(t, line)]
  const listener = new Recorder()
  await losing.subscribe(TEA, listener)
  line.isLosing = true
  await fill(here, ['lost on the way'])
  await listener.until(({ changes }) => changes.length === 1)
  await fill(here, ['lost as well'])
  await listener.until(({ changes }) => changes.length === 2)
  assert.deepEqual(listener.texts, ['lost on the way', 'lost as well'])
})

test('a connection that the server ends is made again, under traffic, and nothing is lost or told twice', async (t) => {
  const redis = await redisFor(t)
  const [one, two] = [await openOn(t, redis), await openOn(t, redis)]
  const listener = new Recorder()
  await two.subscribe(TEA, listener)
  for (const [index, text] of NUMBERS.entries()) {
    if (index % 10 === 5) await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    if (index % 20 === 15) await redis.command('CLIENT', 'KILL', 'TYPE', 'normal')
    const once = write(text)
    await patiently(() => append(one, once))
  }
  await listener.until(({ changes }) => changes.length === 50)
  assert.deepEqual([listener.texts, listener.seqs], [NUMBERS, seqsTo(50)])
})

test('a promoted replica that lacks the last changes begins a new epoch, though it hands out the same seqs', async (t) => {
  const { primary, replica, link } = await replicate(t)
  const line = await startRelay(t, primary.port)
  const [one, two] = [await openOn(t, line), await openOn(t, line)]
  const listener = new Recorder()
  await two.subscribe(TEA, listener)
  await fill(one, ['kept', 'kept too'])
  await until(async () => String(await replica.command('HGET', 'natter:{tea}:head', 'seq')) === '2')

  link.isUp = false
  link.cut()
  const lost = [write('accepted, then lost'), write('lost as well')]
  const positions = []
  for (const once of lost) positions.push((await append(one, once)).position)
  await listener.until(({ changes }) => changes.length === 4)
  line.target = replica.port
  await primary.kill()
  await replica.command('REPLICAOF', 'NO', 'ONE')

  await listener.until(({ resets }) => resets.length === 1)
  assert.deepEqual(listener.resets, ['epoch'])
  // What was sent is offered again with its keys, as clients do when they are told.
  for (const once of lost) {
    const again = await patiently(() => append(one, once))
    assert.equal(again.duplicate, false)
    assert.ok(!positions.some(({ epoch }) => epoch === again.position.epoch))
  }
  for (const position of positions) {
    assert.deepEqual(await one.readChanges(TEA, position, 9), { status: 'reset', reason: 'epoch' })
  }
  assert.deepEqual(textsOf(await readAll(two)), ['kept', 'kept too', 'accepted, then lost', 'lost as well'])
  await listener.until(({ changes }) => changes.length === 6)
  assert.deepEqual(listener.seqs, [1, 2, 3, 4, 3, 4])
})

test('a primary that gets its first replica is the same log as before', async (t) => {
  const [primary, replica] = [await redisFor(t, '--repl-diskless-sync-delay', '0'), await redisFor(t)]
  const backend = await openOn(t, primary)
  const listener = new Recorder()
  await backend.subscribe(TEA, listener)
  await fill(backend, ['before'])
  const history = await replicationIdOf(primary)
  await replica.command('REPLICAOF', '127.0.0.1', String(primary.port))
  await until(async () => (await replicationIdOf(primary)) !== history)
  await fill(backend, ['after'])
  assert.equal((await backend.head(TEA)).epoch, listener.changes[0]?.position.epoch)
  assert.deepEqual([listener.texts, listener.resets], [['before', 'after'], []])
})

test('a room that nobody had open when a replica was promoted has a new epoch once somebody opens it', async (t) => {
  const { primary, replica } = await replicate(t)
  const line = await startRelay(t, primary.port)
  const backend = await openOn(t, line)
  await fill(backend, ['kept'])
  const before = await backend.head(TEA)
  await until(async () => (await replica.command('HGET', 'natter:{tea}:head', 'seq')) === '1')
  line.target = replica.port
  await primary.kill()
  await replica.command('REPLICAOF', 'NO', 'ONE')
  const { head } = await patiently(() => backend.subscribe(TEA, new Recorder()))
  assert.equal(head.seq, 1)
  assert.notEqual(head.epoch, before.epoch)
})

test('a restored backup begins a new epoch where a process knows more than it', async (t) => {
  const redis = await redisFor(t, '--appendonly', 'no')
  const backend = await openOn(t, redis)
  const listener = new Recorder()
  await backend.subscribe(TEA, listener)
  await fill(backend, ['kept'])
  const kept = await backend.head(TEA)
  await redis.command('SAVE')
  await fill(backend, ['lost'])
  await redis.restart()
  await listener.until(({ resets }) => resets.length > 0)
  const { position } = await patiently(() => append(backend, write('another')))
  assert.equal(position.seq, 2)
  assert.notEqual(position.epoch, kept.epoch)
  const caughtUp = await backend.readChanges(TEA, { ...kept, epoch: position.epoch }, 9)
  assert.deepEqual(textsOf(resumed(caughtUp).messages), ['another'])
})

test('a file that lost its end, as in a power cut, begins a new epoch where a process knows more than it', async (t) => {
  // Else it may answer before its file has what was written.
  const redis = await redisFor(t, '--appendfsync', 'always')
  const backend = await openOn(t, redis)
  const listener = new Recorder()
  await backend.subscribe(TEA, listener)
  await fill(backend, ['kept'])
  const kept = await backend.head(TEA)
  const [file = ''] = globSync(join(redis.folder, 'appendonlydir', '*.incr.aof'))
  const { size } = statSync(file)
  await fill(backend, ['lost', 'lost too'])
  await redis.kill()
  truncateSync(file, size)
  await redis.restart()
  await listener.until(({ resets }) => resets.length === 1)
  assert.deepEqual(listener.resets, ['ahead'])
  const { position } = await patiently(() => append(backend, write('another')))
  assert.equal(position.seq, 2)
  assert.notEqual(position.epoch, kept.epoch)
})

async function replicationIdOf(redis: TestRedis): Promise<string | undefined> {
  return /master_replid:(\w+)/.exec(String(await redis.command('INFO', 'replication')))?.[1]
}

/** One call of each kind, made when it is asked for. */
function* everyCall(backend: Backend): Generator<Promise<unknown>> {
  const once: Append = write('refused')
  const nowhere = { epoch: 'e', seq: 0, tag: '' } as unknown as Parameters<Backend['readChanges']>[1]
  yield backend.append(once).then(taken)
  yield backend.readChanges(TEA, nowhere, 1)
  yield backend.readPage(TEA, { limit: 1 })
  yield backend.findMessage(TEA, once.messageId)
  yield backend.head(TEA)
  yield backend.subscribe('elsewhere' as typeof TEA, new Recorder())
  yield backend.members(TEA, 1)
  yield backend.advanceMarker(TEA, once.sender, nowhere.seq)
  yield backend.marker(TEA, once.sender)
  yield backend.rooms()[Symbol.asyncIterator]().next()
  yield backend.extent(TEA)
  yield backend.countMessages(TEA)
  yield backend.trim(TEA, nowhere.seq)
  yield backend.lease('cleaning', 1_000)
  yield backend.secret('other')
  yield backend.broadcast('hello')
  yield backend.ping()
}
