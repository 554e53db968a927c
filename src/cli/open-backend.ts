import { join } from 'node:path'
import { createSqliteBackend } from '../index.ts'
import type { Backend } from '../index.ts'
import type { RedisBackendOptions } from '../redis.ts'
import type { Log } from './log.ts'
import type { RedisValues } from './redis-options.ts'

/** The database's name in the data folder. */
export const DATABASE = 'natter.db'

type BackendValues = RedisValues & { readonly data: string; readonly ephemeral: boolean }

/** Opens the log that the options name: the Redis, or else the database in the data folder. `warn` is told what may lose messages. */
export async function openBackend(options: BackendValues, warn: Log['warn']): Promise<Backend> {
  const { redis, data, ephemeral } = options
  if (redis !== undefined) return openRedis(redis, options, { onNotice: warn })
  const backend = createSqliteBackend({ file: join(data, DATABASE) })
  if (ephemeral) warn(`EPHEMERAL: all messages are lost with this disk (--ephemeral)`, { data })
  return backend
}

/** @throws {BackendError} */
export async function openRedis(
  url: string,
  { redisTrustAnyCertificate, redisPrefix }: RedisValues,
  options: Pick<RedisBackendOptions, 'forRestore' | 'onNotice'>,
): Promise<Backend> {
  // Loaded only here: who stays on SQLite needs none of it.
  const { createRedisBackend } = await import('../redis.ts')
  return createRedisBackend({
    ...options,
    url,
    trustAnyCertificate: redisTrustAnyCertificate,
    keyPrefix: redisPrefix,
  })
}
