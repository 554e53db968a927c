import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startProgram } from '../helpers/program.ts'
import type { Program } from '../helpers/program.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { redisFor } from './redis-helpers.ts'

const HOLDER = fileURLToPath(new URL('./redis-holder.ts', import.meta.url))

/** A process that has a backend open. Its timeouts are longer than any test, so one that was left would keep it. */
async function startHolder(t: TestContext, url: string): Promise<Program> {
  const holder = startProgram(t, process.execPath, [HOLDER, url])
  await holder.line((line) => line === 'open')
  return holder
}

/** Has it close, as soon as it has a resource of some kind. */
async function assertEnds(holder: Program, kind = ''): Promise<void> {
  holder.child.stdin?.write(`${kind}\n`)
  const { code, signal, stdout } = await holder.exited
  assert.deepEqual([code, signal], [0, null])
  assert.match(stdout, /^closed$/m)
}

/** Publications so far. */
async function countPublished(redis: TestRedis): Promise<number> {
  return Number(/cmdstat_spublish:calls=(\d+)/.exec(String(await redis.command('INFO', 'commandstats')))?.[1] ?? 0)
}

suite('a process ends by itself once its backend is closed', { concurrency: 2 }, () => {
  test('while all is well', async (t) => {
    await assertEnds(await startHolder(t, (await redisFor(t)).url))
  })

  test('while a sign of life has not come back', async (t) => {
    const redis = await redisFor(t)
    const line = await startRelay(t, redis.port)
    const holder = await startHolder(t, line.url)
    line.freeze('subscribers')
    for (const until = (await countPublished(redis)) + 3; (await countPublished(redis)) < until;);
    await assertEnds(holder)
  })

  test('while Redis takes connections and says nothing', async (t) => {
    const redis = await redisFor(t)
    const holder = await startHolder(t, redis.url)
    redis.freeze()
    await holder.line((line) => line.includes('is away'))
    await assertEnds(holder, 'TCPSocketWrap')
  })

  test('while Redis takes no connections', async (t) => {
    const redis = await redisFor(t, '--tcp-backlog', '1')
    const holder = await startHolder(t, redis.url)
    redis.freeze()
    // As many as it has room for, so that the next ones have no answer at all.
    const waiting = Array.from({ length: 2 }, () => connect(redis.port, '127.0.0.1').on('error', () => {}))
    t.after(() => waiting.forEach((socket) => socket.destroy()))
    await Promise.all(waiting.map((socket) => once(socket, 'connect')))
    await holder.line((line) => line.includes('is away'))
    await assertEnds(holder, 'ConnectWrap')
  })

  test('or was never open', async (t) => {
    const { code, stdout } = await startProgram(t, process.execPath, [HOLDER, 'redis://127.0.0.1:1']).exited
    assert.equal(code, 0)
    assert.match(stdout, /^refused: .*ECONNREFUSED/m)
  })
})
