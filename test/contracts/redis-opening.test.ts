import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { BackendError } from '../../src/backend/backend-error.ts'
import type { BackendErrorCode } from '../../src/backend/backend-error.ts'
import { createRedisBackend, openRedisBackend } from '../../src/backend/redis.ts'
import type { RedisBackendOptions } from '../../src/backend/redis.ts'
import type { Backend } from '../../src/backend/backend.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { append, fill, NoticeRecorder, write } from './backend-helpers.ts'
import { assertUnavailable, openOn, QUICK, redisFor, redisWithTls } from './redis-helpers.ts'

test('a URL that is none is refused, and not repeated, since it may hold a password', async () => {
  for (const url of ['', 'localhost:6379', 'http://localhost', 'redis://', 'user:hunter2@host']) {
    const { message } = await assertRefused({ url }, 'bad_url', /redis:\/\/user:password@host:6379/)
    assert.ok(!message.includes('hunter2'))
  }
})

test('a database that is none, or that the server does not have, is named', async (t) => {
  const redis = await redisFor(t)
  await assertRefused({ url: `${redis.url}/abc` }, 'bad_url', /names the database "abc": it is a number/)
  await assertRefused({ url: `${redis.url}/99` }, 'bad_url', /has no database 99: /)
})

test('nobody at that port, or somebody else, is one line', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1')
  const other = createServer((socket) => void socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  other.listen(0, '127.0.0.1')
  t.after(() => [silent, other].map((server) => server.close()))
  await Promise.all([once(silent, 'listening'), once(other, 'listening')])
  const urlOf = (server: typeof silent): string => `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
  await assertRefused(
    { url: 'redis://127.0.0.1:1' },
    'unreachable',
    /Redis at 127\.0\.0\.1:1 .*ECONNREFUSED.*another server of its cluster$/,
  )
  await assertRefused({ url: 'redis://no-such-host.invalid' }, 'unreachable', /no-such-host\.invalid:6379/)
  await assertRefused({ url: urlOf(silent) }, 'unreachable')
  await assertRefused({ url: urlOf(other) }, 'unreachable')
})

test('a wrong password is one line without it; the right one is taken', async (t) => {
  const redis = await redisFor(t, '--requirepass', 'sesame')
  const url = (password: string): string => `redis://:${password}@127.0.0.1:${redis.port}`
  const { message } = await assertRefused({ url: url('hunter2') }, 'unauthorized', /check the user and password/)
  assert.ok(!message.includes('hunter2'))
  await assertRefused({ url: redis.url }, 'unauthorized')
  await append(await openOn(t, { url: url('sesame') }), write('open'))
})

test('a replica is refused', async (t) => {
  const redis = await redisFor(t, '--replicaof', '127.0.0.1 1')
  await assertRefused({ url: redis.url }, 'not_primary', /use the address of its primary/)
})

test('a server that evicts is refused; one that would if it had a limit, and one without a file, are warned of', async (t) => {
  const redis = await redisFor(t, '--appendonly', 'no', '--maxmemory', '100mb', '--maxmemory-policy', 'volatile-lru')
  await assertRefused({ url: redis.url }, 'evicts', /maxmemory-policy is volatile-lru.*set it to noeviction/)
  await redis.command('CONFIG', 'SET', 'maxmemory', '0')
  const notices: string[] = []
  await openOn(t, redis, { onNotice: (notice) => notices.push(notice) })
  assert.equal(notices.length, 2)
  assert.match(notices[0] ?? '', /maxmemory-policy is volatile-lru/)
  assert.match(notices[1] ?? '', /set appendonly to yes/)
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'appendonly', 'yes')
  await openOn(t, redis, { onNotice: (notice) => notices.push(notice) })
  assert.equal(notices.length, 2)
})

test('an operator is told once that Redis is away, and that it is back', async (t) => {
  const redis = await redisFor(t)
  const line = await startRelay(t, redis.port)
  const operator = new NoticeRecorder()
  await openOn(t, line, operator)
  line.cut()
  await operator.newest(/\d is back$/)
  assert.equal(operator.notices.length, 2)
  assert.match(
    operator.notices[0] ?? '',
    /^Redis at 127\.0\.0\.1:\d+ is away \(.+\): nothing is accepted until it is back$/,
  )
  assert.match(operator.notices[1] ?? '', /^Redis at 127\.0\.0\.1:\d+ is back$/)
})

test('an operator is told why Redis cannot be had back, each time that changes', async (t) => {
  const [redis, locked] = [await redisFor(t), await redisFor(t, '--requirepass', 'sesame')]
  const line = await startRelay(t, redis.port)
  const operator = new NoticeRecorder()
  const backend = await openOn(t, line, operator)
  line.isUp = false
  line.cut()
  await operator.newest(
    /cannot be reached \(.+\): check its URL, and that it runs, or name another server of its cluster$/,
  )
  line.target = locked.port
  line.isUp = true
  await operator.newest(/refuses us \(NOAUTH .+\): check the user and password in its URL$/)
  await assert.rejects(backend.ping(), assertUnavailable)
  line.target = redis.port
  await operator.newest(/\d is back$/)
  assert.equal(operator.notices.length, 4)
})

test('an operator is told once that there is no subscription to be had while commands go through, and that there is again', async (t) => {
  const redis = await redisFor(t)
  const operator = new NoticeRecorder()
  const backend = await openOn(t, redis, operator)
  await redis.command('ACL', 'SETUSER', 'default', '-ssubscribe')
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await operator.newest(/^what other processes write arrives late, for want of a subscription: Redis at .+ refuses us/)
  await fill(backend, ['still accepted'])
  await redis.command('ACL', 'SETUSER', 'default', '+ssubscribe')
  await operator.newest(/^Redis at 127\.0\.0\.1:\d+ is subscribed to again$/)
  assert.equal(operator.notices.length, 2)
})

test('a Redis that comes back as one that evicts, or follows another, takes nothing until that is put right', async (t) => {
  const redis = await redisFor(t)
  const operator = new NoticeRecorder()
  const backend = await openOn(t, redis, operator)
  for (const { wrong, right, notice } of [
    {
      wrong: ['CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru'],
      right: ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'],
      notice: /maxmemory-policy is allkeys-lru.*set it to noeviction$/,
    },
    {
      wrong: ['REPLICAOF', '127.0.0.1', '1'],
      right: ['REPLICAOF', 'NO', 'ONE'],
      notice: /is a replica, which takes no writes: use the address of its primary$/,
    },
  ]) {
    const told = operator.notices.length
    await redis.command(...wrong)
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal')
    await operator.newest(notice)
    await failedTries(backend, redis, 4)
    await assert.rejects(append(backend, write('refused')), assertUnavailable)
    assert.equal(operator.notices.length, told + 2)
    await redis.command(...right)
    await operator.newest(/\d is back$/)
    await append(backend, write('taken'))
  }
})

test('what a Redis that comes back may lose is told where it is news', async (t) => {
  const redis = await redisFor(t)
  const operator = new NoticeRecorder()
  await openOn(t, redis, operator)
  for (let turn = 0; turn < 2; turn++) {
    await redis.command('CONFIG', 'SET', 'appendonly', 'no')
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal')
    await operator.until(({ notices }) => notices.filter((notice) => /\d is back$/.test(notice)).length === turn + 1)
  }
  assert.equal(operator.notices.filter((notice) => notice.includes('set appendonly to yes')).length, 1)
})

test('an operator is told once that Redis takes no writes, with its reason, and that it takes them again', async (t) => {
  const redis = await redisFor(t)
  const notices: string[] = []
  const backend = await openOn(t, redis, { onNotice: (notice) => notices.push(notice) })
  for (const [setting, stop, go] of [
    ['maxmemory', '1', '0'],
    ['min-replicas-to-write', '1', '0'],
  ] as const) {
    await redis.command('CONFIG', 'SET', setting, stop)
    for (let tries = 0; tries < 3; tries++) await assert.rejects(append(backend, write('refused')), assertUnavailable)
    await redis.command('CONFIG', 'SET', setting, go)
    await append(backend, write('taken'))
    await backend.ping()
  }
  assert.equal(notices.length, 4)
  assert.match(notices[0] ?? '', /^Redis at 127\.0\.0\.1:\d+ takes no writes \(OOM .+\)$/)
  assert.match(notices[1] ?? '', /^Redis at 127\.0\.0\.1:\d+ takes writes again$/)
  assert.match(notices[2] ?? '', /takes no writes \(NOREPLICAS .+\)$/)
})

test('TLS: a certificate nobody vouches for is refused, unless any is to be trusted', async (t) => {
  const url = await redisWithTls(t)
  await assertRefused({ url }, 'untrusted', /DEPTH_ZERO_SELF_SIGNED_CERT.*"trustAnyCertificate"/)
  await append(await openOn(t, { url }, { trustAnyCertificate: true }), write('in private'))
})

test('a prefix with a brace is a mistake in the program', async () => {
  const options = { url: 'redis://127.0.0.1:1', keyPrefix: 'chat{1}' }
  await assert.rejects(createRedisBackend(options), {
    name: 'TypeError',
    message: 'keyPrefix: "chat{1}" has a brace',
  })
})

test('chats with prefixes of their own share a Redis and nothing else', async (t: TestContext) => {
  const redis = await redisFor(t)
  const [one, two] = [await openOn(t, redis, { keyPrefix: 'one' }), await openOn(t, redis, { keyPrefix: 'two' })]
  const { position } = await append(one, write('mine'))
  assert.equal((await two.head(write('').room)).seq, 0)
  assert.notEqual((await two.head(write('').room)).epoch, position.epoch)
})

/** Resolves once it was tried that many times, to no avail, to connect again. */
async function failedTries(backend: Backend, redis: TestRedis, count: number): Promise<void> {
  const failures = new Set<unknown>()
  while (failures.size < count) {
    const refusal: unknown = await backend.ping().catch((error: unknown) => error)
    assertUnavailable(refusal)
    failures.add((refusal as Error).cause)
    await redis.command('PING')
  }
}

/** The refusal is one line. */
async function assertRefused(
  options: RedisBackendOptions,
  code: BackendErrorCode,
  message = /./,
): Promise<BackendError> {
  const error: unknown = await openRedisBackend(options, QUICK).catch((reason: unknown) => reason)
  assert.ok(error instanceof BackendError, String(error))
  assert.equal(error.code, code, error.message)
  assert.ok(!error.message.includes('\n'), error.message)
  assert.match(error.message, message)
  return error
}
