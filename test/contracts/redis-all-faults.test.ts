import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Backend } from '../../src/backend/backend.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import type { RedisRelay } from '../helpers/redis-relay.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { append, readAll, Recorder, seqsTo, TEA, textsOf, write } from './backend-helpers.ts'
import { openOn, patiently, redisFor } from './redis-helpers.ts'

const PROCESSES = 3
const SENDERS_PER_PROCESS = 4

/** Appends between two faults. */
const APPENDS_BETWEEN = 100

interface Process {
  readonly line: RedisRelay
  readonly backend: Backend
  readonly listener: Recorder
}

type Fault = (redis: TestRedis, line: RedisRelay) => unknown

const FAULTS: readonly Fault[] = [
  (_, line) => line.cut(),
  (redis) => redis.restart(),
  (_, line) => line.freeze('subscribers'),
  (redis) => redis.command('SCRIPT', 'FLUSH'),
  (_, line) => (line.isLosing = true),
  (redis) => redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub'),
  (_, line) => (line.isLosing = false),
  (redis) => redis.restart(),
  (redis) => redis.command('CLIENT', 'KILL', 'TYPE', 'normal'),
  (_, line) => line.freeze(),
]

test('three processes write through every fault there is: all is stored once, and all see it once, in one order', async (t) => {
  const redis = await redisFor(t)
  const processes: Process[] = []
  for (let number = 0; number < PROCESSES; number++) processes.push(await startProcess(t, redis))
  const sent: string[] = []
  const done = new AbortController()

  const send = async ({ backend }: Process, sender: string): Promise<void> => {
    for (let number = 0; !done.signal.aborted; number++) {
      const one = write(`${sender} ${number}`)
      await patiently(() => append(backend, one))
      sent.push(`${sender} ${number}`)
    }
  }
  const senders = processes.flatMap((process, index) =>
    seqsTo(SENDERS_PER_PROCESS).map((number) => send(process, `${index}.${number}`)),
  )
  for (const [index, fault] of FAULTS.entries()) {
    const enough = sent.length + APPENDS_BETWEEN
    await processes[0]?.listener.until(() => sent.length >= enough)
    await fault(redis, processes[index % PROCESSES]?.line as RedisRelay)
  }
  done.abort()
  await Promise.all(senders)
  for (const { line } of processes) line.isLosing = false

  for (const { listener } of processes) await listener.until(({ changes }) => changes.length >= sent.length)
  const stored = await patiently(async () => textsOf(await readAll(processes[0]?.backend as Backend)))
  assert.deepEqual(stored.toSorted(), sent.toSorted())
  for (const { listener } of processes) {
    assert.deepEqual(listener.seqs, seqsTo(sent.length))
    assert.deepEqual(listener.texts, stored)
    assert.deepEqual(listener.resets, [])
  }
  const numbers = Object.groupBy(stored, (text) => text.split(' ')[0] ?? '')
  for (const texts of Object.values(numbers)) {
    assert.deepEqual(
      texts?.map((text) => Number(text.split(' ')[1])),
      texts?.map((_, index) => index),
    )
  }
})

async function startProcess(t: TestContext, redis: TestRedis): Promise<Process> {
  const line = await startRelay(t, redis.port)
  const backend = await openOn(t, line)
  const listener = new Recorder()
  await backend.subscribe(TEA, listener)
  return { line, backend, listener }
}
