import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import { redisFor, redisWithTls } from '../contracts/redis-helpers.ts'
import { greet, temporaryFolder } from '../helpers.ts'
import { startRedis } from '../helpers/redis.ts'
import { startServerProcess } from '../server-process.ts'
import type { ServerProcess } from '../server-process.ts'
import { assertFails } from './refusal.ts'

const redis = await startRedis()
after(() => redis.close())

/** Posts one message, and fails unless it is stored. */
async function post(t: TestContext, server: ServerProcess): Promise<void> {
  const socket = await greet(t, server)
  const answer = await socket.ask({ type: 'post', room: 'tea', key: 'key-00000000', text: 'hi' })
  assert.equal(answer['type'], 'ack')
}

test('--redis keeps the messages in Redis, under the prefix, and makes no data folder', async (t) => {
  const cwd = await temporaryFolder(t)
  const server = await startServerProcess(t, { cwd, args: ['--redis', redis.url, '--redis-prefix', 'tearoom'] })
  await post(t, server)
  assert.equal(await redis.command('HGET', 'tearoom:{tea}:head', 'seq'), '1')
  assert.deepEqual(await readdir(cwd), [])
  server.child.kill('SIGTERM')
  const { code, stderr } = await server.exited
  assert.deepEqual([code, stderr], [0, ''])
})

for (const variable of ['NATTER_REDIS', 'REDIS_TLS_URL', 'REDIS_URL', 'REDISCLOUD_URL']) {
  test(`so does ${variable}`, async (t) => {
    const env = { [variable]: redis.url, NATTER_REDIS_PREFIX: variable }
    await post(t, await startServerProcess(t, { env, cwd: await temporaryFolder(t) }))
    assert.equal(await redis.command('EXISTS', `${variable}:{tea}:head`), 1)
  })
}

test('on Heroku a chat on Redis needs no --ephemeral, and with it is not called so', async (t) => {
  const cwd = await temporaryFolder(t)
  const env = { DYNO: 'web.1', REDIS_URL: redis.url }
  for (const args of [[], ['--ephemeral']]) {
    const { lines } = await startServerProcess(t, { args, env, cwd })
    assert.ok(!lines.some((line) => line.includes('EPHEMERAL')))
  }
  assert.ok(!existsSync(`${cwd}/data`))
})

test('a certificate that nobody vouches for is refused with the option that takes it, and taken with that', async (t) => {
  const url = await redisWithTls(t)
  const args = ['--port', '0', '--redis', url]
  await assertFails(t, { args }, /certificate that is not trusted .*--redis-trust-any-certificate/)
  await post(t, await startServerProcess(t, { args: [...args, '--redis-trust-any-certificate'] }))
})

test('a Redis that is not there, or is none, fails with one line that has no password', async (t) => {
  const other = createServer((socket) => void socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const closed = await redisFor(t, '--requirepass', 'sesame')
  const [, plainPort] = redis.url.split(/.*:/)
  for (const [url, says] of [
    ['localhost:6379/hunter2', /the Redis URL is none: .*redis:\/\/user:password@host:6379.*REDIS_URL/],
    ['redis://:hunter2@127.0.0.1:1', /Redis at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/],
    ['redis://:hunter2@no-such-host.invalid', /Redis at no-such-host\.invalid:6379 cannot be reached/],
    [`redis://:hunter2@127.0.0.1:${port}`, /cannot be reached/],
    [`rediss://:hunter2@127.0.0.1:${plainPort}`, /cannot be reached/],
    [`redis://:hunter2@127.0.0.1:${closed.port}`, /refuses us \(WRONGPASS [^)]+\): check the user and password/],
    [`redis://127.0.0.1:${closed.port}`, /refuses us/],
  ] as const) {
    const line = await assertFails(t, { args: ['--port', '0'], env: { REDIS_URL: url } }, says)
    assert.ok(!line.includes('hunter2'), line)
  }
})

test('a Redis that is a replica, or throws messages away, fails with one line; one that may lose some is warned of', async (t) => {
  const own = await redisFor(t, '--appendonly', 'no', '--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru')
  const args = ['--port', '0', '--redis', own.url]
  await assertFails(t, { args }, /maxmemory-policy is allkeys-lru, .*: set it to noeviction/)
  await own.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
  const { lines } = await startServerProcess(t, { args })
  assert.match(lines.join('\n'), /"level":"warn".*keeps no append-only file, .*: set appendonly to yes/)
  await own.command('REPLICAOF', '127.0.0.1', '1')
  await assertFails(t, { args }, /is a replica, which takes no writes: use the address of its primary/)
})

test('a prefix that cannot be one fails with one line', async (t) => {
  await assertFails(t, { args: ['--redis', redis.url, '--redis-prefix', '{a}'] }, /--redis-prefix: "\{a\}" has a brace/)
})
