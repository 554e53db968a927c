import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createRedisBackend } from '../../src/backend/redis.ts'
import { slotOf } from '../../src/backend/redis/slots.ts'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'
import type { RoomId } from '../../src/protocol/ids.ts'
import { moveSlot, primaryOf, roomOn, startCluster } from '../helpers/redis-cluster.ts'
import { testBackend } from './backend.ts'
import { append, BroadcastRecorder, fill, Recorder, seqsTo, TEA, write } from './backend-helpers.ts'
import { assertOrderKept } from './backend-order.ts'
import { openOn, patiently } from './redis-helpers.ts'

const cluster = await startCluster()
after(() => cluster.close())

let logs = 0

testBackend(
  'redis cluster',
  async () => {
    const keyPrefix = `natter-${++logs}`
    return {
      open: async (environment, forRestore) =>
        createRedisBackend({ url: cluster.url, keyPrefix, environment, forRestore }),
      remove: async () => {},
    }
  },
  { isDurable: true },
)

test('rooms lie on all servers of a cluster, and each is heard on every process', async (t) => {
  const chat = { keyPrefix: 'all-servers' }
  const [one, two] = [await openOn(t, cluster, chat), await openOn(t, cluster, chat)]
  const rooms = seqsTo(60).map((number) => `room-${number}` as RoomId)
  assert.deepEqual(new Set(rooms.map((room) => primaryOf(slotOf(`{${room}}`)))), new Set([0, 1, 2]))
  const listeners = rooms.map(() => new Recorder())
  await Promise.all(rooms.map((room, index) => two.subscribe(room, listeners[index] ?? new Recorder())))
  await Promise.all(rooms.map((room) => append(one, write('hi', { room }))))
  for (const listener of listeners) await listener.until(({ texts }) => texts.length === 1)
  await one.ping()
})

test('the time is told by the server that has what it is compared with, since each has a clock of its own', async (t) => {
  const [first, ...others] = cluster.primaries
  assert.ok(first)
  // What is compared with the time lies on the first one, which is not that of the URL.
  const keyPrefix = seqsTo(100)
    .map((number) => `clocks-${number}`)
    .find((prefix) => [`${prefix}:leases`, `${prefix}:broadcasts`].every((key) => primaryOf(slotOf(key)) === 0))
  assert.ok(keyPrefix)
  await Promise.all(others.map((server) => server.command('CONFIG', 'RESETSTAT')))
  const backend = await openOn(t, cluster, { keyPrefix })
  const listener = new BroadcastRecorder()
  backend.listen(listener)
  for (const server of cluster.primaries) await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await listener.until(({ timesDeaf }) => timesDeaf > 0)
  await patiently(() => backend.archive.state())
  for (const server of others)
    assert.doesNotMatch(String(await server.command('INFO', 'commandstats')), /cmdstat_time:/)
})

test('a process takes two connections to each server of a cluster', async (t) => {
  const own = await startCluster()
  t.after(() => own.close())
  await openOn(t, own)
  for (const server of own.primaries) {
    const clients = String(await server.command('CLIENT', 'LIST', 'TYPE', 'normal'))
      .trim()
      .split('\n')
    const subscribed = String(await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub'))
      .trim()
      .split('\n')
    // The one that asks is a client too.
    assert.deepEqual([clients.length, subscribed.length], [2, 1])
  }
})

test('writes keep their order while the servers of a cluster forget the scripts again and again', async (t) => {
  const chat = { keyPrefix: 'forgetful' }
  // A slow machine has a second of writes under way, which nobody is to take for a frozen server.
  const processes = []
  for (let count = 0; count < 2; count++) processes.push(await openOn(t, cluster, chat, DEFAULT_TIMINGS))
  await assertOrderKept(processes, () =>
    Promise.all(cluster.primaries.map((primary) => primary.command('SCRIPT', 'FLUSH'))),
  )
})

test('a slot that moves to another server takes its rooms along: nothing is lost or shown twice, and nobody is reset', async (t) => {
  const own = await startCluster()
  t.after(() => own.close())
  const [one, two] = [await openOn(t, own), await openOn(t, own)]
  const listener = new Recorder()
  await two.subscribe(TEA, listener)
  await fill(one, ['before'])
  const slot = slotOf(`{${TEA}}`)
  const [from, to] = [own.primaries[primaryOf(slot)], own.primaries[(primaryOf(slot) + 1) % 3]]
  assert.ok(from && to)
  await moveSlot(own, slot, from, to)
  for (const text of ['after', 'later']) {
    const change = write(text)
    await patiently(() => append(one, change))
  }
  await listener.until(({ texts }) => texts.length === 3)
  assert.deepEqual([listener.texts, listener.seqs, listener.resets], [['before', 'after', 'later'], [1, 2, 3], []])
  // The subscription is where the room is now.
  one.signal(TEA, 'typing')
  await listener.until(({ signals }) => signals.length === 1)
})

test('a slot that moves with the note of a server, and nobody is reset', async (t) => {
  const own = await startCluster()
  t.after(() => own.close())
  const backend = await openOn(t, own)
  const listeners = [0, 1, 2].map(() => new Recorder())
  for (const [server, listener] of listeners.entries()) {
    await append(backend, write('before', { room: roomOn(server) }))
    await backend.subscribe(roomOn(server), listener)
  }
  const notes = seqsTo(60)
    .map((number) => `natter:lineage:${number - 1}`)
    .filter((key, _, keys) => key === keys.find((other) => primaryOf(slotOf(other)) === primaryOf(slotOf(key))))
  assert.equal(notes.length, 3)
  for (const note of notes) {
    const from = primaryOf(slotOf(note))
    const [source, target] = [own.primaries[from], own.primaries[(from + 1) % 3]]
    assert.ok(source && target)
    await moveSlot(own, slotOf(note), source, target)
    for (const server of listeners.keys()) {
      for (const text of ['during', 'after']) {
        const change = write(text, { room: roomOn(server) })
        await patiently(() => append(backend, change))
      }
    }
  }
  for (const listener of listeners) {
    await listener.until(({ changes }) => changes.length === 6)
    assert.deepEqual([listener.seqs, listener.resets], [seqsTo(7, 2), []])
  }
})

test('a room whose server may have lost changes is another log also where its slot was moved before anybody opened it', async (t) => {
  const own = await startCluster(1)
  t.after(() => own.close())
  const backend = await openOn(t, own)
  const room = roomOn(0)
  const { position } = await append(backend, write('before', { room }))
  const [first, second, third] = own.primaries
  const [replica] = own.replicas
  assert.ok(first && second && third && replica)
  await first.command('WAIT', '1', '0')
  await first.kill()
  await patiently(() => backend.ping())
  await moveSlot({ primaries: [second, third] }, slotOf(`{${room}}`), replica, second)
  const { head } = await patiently(() => backend.subscribe(room, new Recorder()))
  assert.equal(head.seq, 1)
  assert.notEqual(head.epoch, position.epoch)
})
