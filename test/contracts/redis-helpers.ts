import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Backend } from '../../src/backend/backend.ts'
import { openRedisBackend } from '../../src/backend/redis.ts'
import type { RedisBackendOptions } from '../../src/backend/redis.ts'
import { DEFAULT_TIMINGS } from '../../src/backend/redis/timings.ts'
import type { RedisTimings } from '../../src/backend/redis/timings.ts'
import { temporaryFolder } from '../helpers.ts'
import { findFreePort } from '../helpers/free-port.ts'
import { startRelay } from '../helpers/redis-relay.ts'
import { GIVEN_UP_MS, startRedis, until } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { SELF_SIGNED } from '../helpers/self-signed.ts'

/** All that the defaults do in seconds, in tenths of them. */
export const QUICK: RedisTimings = {
  ...DEFAULT_TIMINGS,
  connectTimeoutMs: 1_500,
  callTimeoutMs: 500,
  watchIntervalMs: 50,
  maxBackoffMs: 200,
  probeMs: 100,
  probeTimeoutMs: 300,
  compareMs: 200,
  leaseMs: 1_500,
}

/** A Redis that is gone after the test. */
export async function redisFor(t: TestContext, ...options: string[]): Promise<TestRedis> {
  const redis = await startRedis(...options)
  t.after(() => redis.close())
  return redis
}

/** The address of a Redis that also speaks TLS, with a certificate that nobody vouches for. */
export async function redisWithTls(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t)
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  await Promise.all([writeFile(certificate, SELF_SIGNED.certificate), writeFile(key, SELF_SIGNED.key)])
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate]
  const redis = await redisFor(t, ...files, '--tls-auth-clients', 'no')
  const port = await findFreePort()
  await redis.command('CONFIG', 'SET', 'tls-port', String(port))
  return `rediss://localhost:${port}`
}

/** A primary and its replica, started with the same options, with a line between them that can be cut. */
export async function replicate(
  t: TestContext,
  options: readonly string[] = [],
): Promise<{ primary: TestRedis; replica: TestRedis; link: { isUp: boolean; cut(): void } }> {
  // Else a primary waits five seconds for more replicas.
  const primary = await redisFor(t, '--repl-diskless-sync-delay', '0', ...options)
  const replica = await redisFor(t, '--repl-diskless-sync-delay', '0', ...options)
  const link = await startRelay(t, primary.port)
  const { port } = new URL(link.url)
  await replica.command('REPLICAOF', '127.0.0.1', port)
  await until(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'))
  return { primary, replica, link }
}

/** A backend, as one process has it, that is closed after the test. */
export async function openOn(
  t: TestContext,
  { url }: { readonly url: string },
  options: Partial<RedisBackendOptions> = {},
  timings: RedisTimings = QUICK,
): Promise<Backend> {
  const backend = await openRedisBackend({ url, ...options }, timings)
  t.after(() => backend.close())
  return backend
}

/** The refusal that a client is told of: come back soon. */
export function assertUnavailable(error: unknown): true {
  assert.ok(error instanceof Error && 'code' in error && 'retryAfterMs' in error, String(error))
  assert.equal(error.code, 'unavailable')
  assert.ok(Number(error.retryAfterMs) > 0 && Number(error.retryAfterMs) <= 5_000)
  return true
}

/** Makes a call again and again until it is carried out; it must never fail otherwise than with `unavailable`. */
export async function patiently<Result>(call: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now()
  for (;;) {
    try {
      return await call()
    } catch (error) {
      assertUnavailable(error)
      if (performance.now() - startedAt > GIVEN_UP_MS) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

/** Resolves once a call is refused: what has failed has been noticed. Called without a pause, since it may be made good at once. */
export async function refusal(call: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < GIVEN_UP_MS) {
    try {
      await call()
    } catch (error) {
      assertUnavailable(error)
      return
    }
  }
  throw new Error(`waited in vain for this to be refused: ${String(call)}`)
}
