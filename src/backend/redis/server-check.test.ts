import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RedisServer } from './client.ts'
import { checkServer } from './server-check.ts'

/** A server of which only `INFO` is known. Versions that no test can start are known by what they say there. */
function serverThatSays(...lines: string[]): RedisServer {
  const info = ['# Server', ...lines, 'role:master', 'maxmemory:0', 'maxmemory_policy:noeviction', 'aof_enabled:1']
  return {
    connect: async () => {},
    sendCommand: async () => info.join('\r\n'),
    sSubscribe: async () => {},
    sUnsubscribe: async () => {},
    on: () => {},
    destroy: () => {},
  }
}

test('a Redis before 7 is refused, and says which it is', async () => {
  await assert.rejects(checkServer(serverThatSays('redis_version:6.2.14'), 'Redis at here:6379'), {
    name: 'BackendError',
    code: 'unsupported',
    message: 'Redis at here:6379 is a Redis 6.2.14: use Redis 7 or newer, or Valkey',
  })
})

test('Redis 7 and later, and every Valkey, are taken', async () => {
  for (const lines of [
    ['redis_version:7.0.0'],
    ['redis_version:10.1'],
    ['redis_version:7.2.4', 'valkey_version:9.0.0'],
  ]) {
    assert.deepEqual(await checkServer(serverThatSays(...lines), 'Redis at here:6379'), [])
  }
})
