import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Seq, UserId } from '../../src/protocol/ids.ts'
import { startRedis } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import type { Backend } from '../../src/backend/backend.ts'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'
import {
  ADA,
  append,
  BOB,
  BroadcastRecorder,
  COFFEE,
  edit,
  fill,
  Recorder,
  seqsTo,
  TEA,
  write,
} from './backend-helpers.ts'
import { openOn, redisFor } from './redis-helpers.ts'

// Processes are backends of their own here: what they share is in Redis alone.
const redis = await startRedis()
after(() => redis.close())

let chats = 0
const newChat = (): { keyPrefix: string } => ({ keyPrefix: `chat-${++chats}` })

test('changes, signals and markers of one process reach the others', async (t) => {
  const chat = newChat()
  const [one, two] = [await openOn(t, redis, chat), await openOn(t, redis, chat)]
  const listener = new Recorder()
  await two.subscribe(TEA, listener)
  const [first] = await fill(one, ['first', 'second'])
  await append(one, edit(first, 1, 'first again'))
  one.signal(TEA, 'typing')
  await one.advanceMarker(TEA, ADA, 2 as Seq)
  await listener.until(({ markers }) => markers.length === 1)
  assert.deepEqual(listener.texts, ['first', 'second', 'first again'])
  assert.deepEqual([listener.signals, listener.markers], [['typing'], [[ADA, 2]]])
  assert.deepEqual(listener.changes.at(-1)?.position, await one.head(TEA))
  assert.equal((await two.findMessage(TEA, first))?.rev, 3)
})

test('chats in two databases of one Redis hear nothing of each other', async (t) => {
  const chat = newChat()
  const [first, second] = [await openOn(t, redis, chat), await openOn(t, { url: `${redis.url}/1` }, chat)]
  const [one, two] = [await heardBy(first), await heardBy(second)]
  for (const [backend, name] of [
    [first, 'first'],
    [second, 'second'],
  ] as const) {
    await append(backend, write(name))
    backend.signal(TEA, `${name} types`)
    await backend.broadcast(`${name} says`)
    await backend.advanceMarker(TEA, name === 'first' ? ADA : BOB, 1 as Seq)
  }
  // Each has its own to wait for, and only that: what the other published was published before the last of it.
  for (const [[listener, broadcasts], name, user] of [
    [one, 'first', ADA],
    [two, 'second', BOB],
  ] as const) {
    await listener.until(({ markers }) => markers.some(([id]) => id === user))
    assert.deepEqual([listener.texts, listener.signals], [[name], [`${name} types`]])
    assert.deepEqual(listener.markers, [[user, 1]])
    await broadcasts.until(({ heard }) => heard.includes(`${name} says`))
    assert.deepEqual(broadcasts.heard, [`${name} says`])
  }
})

test('three processes writing to one room at once see one order, without a hole', async (t) => {
  const chat = newChat()
  const processes = [await openOn(t, redis, chat), await openOn(t, redis, chat), await openOn(t, redis, chat)]
  const listeners = processes.map(() => new Recorder())
  await Promise.all(processes.map((backend, index) => backend.subscribe(TEA, listeners[index] ?? new Recorder())))
  const texts = seqsTo(200).map(String)
  await Promise.all(
    processes.flatMap((backend, index) => texts.map((text) => append(backend, write(`${index} ${text}`)))),
  )
  for (const listener of listeners) await listener.until(({ changes }) => changes.length === 600)
  for (const { seqs, changes } of listeners) {
    assert.deepEqual(seqs, seqsTo(600))
    assert.deepEqual(changes, listeners[0]?.changes)
  }
  // Each sender's in the order of their sending.
  for (const index of processes.keys()) {
    const own = (listeners[0]?.texts ?? []).filter((text) => text.startsWith(`${index} `))
    assert.deepEqual(
      own,
      texts.map((text) => `${index} ${text}`),
    )
  }
})

test('a write repeated on another process is stored once', async (t) => {
  const chat = newChat()
  const [one, two] = [await openOn(t, redis, chat), await openOn(t, redis, chat)]
  const once = write('once')
  const first = await append(one, once)
  assert.deepEqual(await append(two, once), { ...first, duplicate: true })
})

test('a user on two processes is one member, until both let go', async (t) => {
  const chat = newChat()
  const [one, two] = [await openOn(t, redis, chat), await openOn(t, redis, chat)]
  const listener = new Recorder()
  await two.subscribe(TEA, listener)
  const ada = { id: ADA, name: 'Ada' }
  one.enter(TEA, ada)
  two.enter(TEA, ada)
  two.enter(TEA, { id: BOB, name: 'Bob' })
  await listener.until(({ memberChanges }) => memberChanges === 3)
  assert.deepEqual(await one.members(TEA, 9), { count: 2, users: [ada, { id: BOB, name: 'Bob' }] })
  one.exit(TEA, ADA)
  two.exit(TEA, BOB)
  await listener.until(({ memberChanges }) => memberChanges === 4)
  assert.deepEqual(await one.members(TEA, 9), { count: 1, users: [ada] })
  await two.close()
  assert.deepEqual(await one.members(TEA, 9), { count: 0, users: [] })
})

test('the members of a process that is gone leave by themselves, and are back when it is', async (t) => {
  const chat = newChat()
  const line = await startRelay(t, redis.port)
  const [staying, leaving] = [await openOn(t, redis, chat), await openOn(t, line, chat)]
  const listener = new Recorder()
  await staying.subscribe(TEA, listener)
  staying.enter(TEA, { id: ADA, name: 'Ada' })
  leaving.enter(TEA, { id: BOB, name: 'Bob' })
  leaving.enter(COFFEE, { id: BOB, name: 'Bob' })
  await listener.until(({ memberChanges }) => memberChanges === 2)
  line.isUp = false
  line.cut()
  await listener.until(({ memberChanges }) => memberChanges === 3)
  assert.deepEqual((await staying.members(TEA, 9)).users, [{ id: ADA, name: 'Ada' }])
  // Entered and left while nobody could be told.
  leaving.enter(TEA, { id: 'u_eve' as UserId, name: 'Eve' })
  leaving.exit(COFFEE, BOB)
  line.isUp = true
  await listener.until(({ memberChanges }) => memberChanges === 4)
  assert.deepEqual(
    (await staying.members(TEA, 9)).users.map(({ name }) => name),
    ['Ada', 'Bob', 'Eve'],
  )
  assert.equal((await staying.members(COFFEE, 9)).count, 0)
})

test('all processes have the same secrets', async (t) => {
  const chat = newChat()
  const [one, two] = [await openOn(t, redis, chat), await openOn(t, redis, chat)]
  const [first, second] = await Promise.all([one.secret('guest'), two.secret('guest')])
  assert.deepEqual(first, second)
})

test('a process takes two connections, however many rooms are open', async (t) => {
  const own = await redisFor(t)
  const backend = await openOn(t, own)
  await Promise.all(seqsTo(300).map((n) => backend.subscribe(`room-${n}` as typeof TEA, new Recorder())))
  assert.equal((await connectionsOf(own)).length, 2)
})

test('a server that ends what is idle for a second ends no connection, though nobody chats', async (t) => {
  const own = await redisFor(t, '--timeout', '1')
  await openOn(t, own)
  const before = await connectionsOf(own)
  assert.equal(before.length, 2)
  // Three times as old as an idle one gets.
  for (let now = before; now.some(({ age }) => age < 3); now = await connectionsOf(own)) {
    assert.deepEqual(
      now.map(({ id }) => id),
      before.map(({ id }) => id),
    )
  }
})

test('a lease is one process’s, until that no longer asks', async (t) => {
  const chat = newChat()
  const [one, two] = [await openOn(t, redis, chat), await openOn(t, redis, chat)]
  assert.equal(await one.lease('cleaning', 60_000), true)
  assert.deepEqual([await two.lease('cleaning', 60_000), await two.lease('cooking', 60_000)], [false, true])
  assert.equal(await one.lease('cleaning', 100), true)
  while (!(await two.lease('cleaning', 60_000)));
  assert.equal(await one.lease('cleaning', 60_000), false)
})

test('processes that trim a room at the same time remove each message once', async (t) => {
  const chat = newChat()
  // A busy machine is not what is tested here.
  const processes = [await openOn(t, redis, chat, DEFAULT_TIMINGS), await openOn(t, redis, chat, DEFAULT_TIMINGS)]
  const [one, two] = processes
  assert.ok(one && two)
  await Promise.all(seqsTo(1_200).map(() => one.append(write('hi'))))
  const removed = await Promise.all(processes.map((backend) => backend.trim(TEA, 1_100 as Seq)))
  assert.equal(removed[0]! + removed[1]!, 1_100)
  assert.deepEqual(await one.extent(TEA), await two.extent(TEA))
  assert.deepEqual([(await one.extent(TEA)).start.seq, await two.countMessages(TEA)], [1_100, 100])
})

test('a room that is left and entered again at once is still heard', async (t) => {
  const chat = newChat()
  const [one, two] = [await openOn(t, redis, chat), await openOn(t, redis, chat)]
  for (let turn = 0; turn < 20; turn++) {
    const listener = new Recorder()
    const subscription = await two.subscribe(TEA, listener)
    one.signal(TEA, 'hi')
    await listener.until(({ signals }) => signals.length === 1)
    subscription.close()
  }
})

/** The connections to a server, but the one that asks, with their ages in seconds. */
async function connectionsOf(server: TestRedis): Promise<{ readonly id: string; readonly age: number }[]> {
  const list = String(await server.command('CLIENT', 'LIST'))
    .trim()
    .split('\n')
  return list
    .filter((line) => !line.includes('cmd=client|list'))
    .map((line) => ({ id: /id=(\d+)/.exec(line)?.[1] ?? '', age: Number(/ age=(\d+)/.exec(line)?.[1]) }))
}

/** What is said in a room, and to all processes, as a backend tells it. */
async function heardBy(backend: Backend): Promise<[Recorder, BroadcastRecorder]> {
  const [listener, broadcasts] = [new Recorder(), new BroadcastRecorder()]
  await backend.subscribe(TEA, listener)
  backend.listen(broadcasts)
  return [listener, broadcasts]
}
