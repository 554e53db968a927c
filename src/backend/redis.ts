import type { Backend, BackendEnvironment } from './backend.ts'
import { nodeEnvironment } from './environment.ts'
import { RedisAddresses } from './redis/addresses.ts'
import { loadClient } from './redis/client.ts'
import { addressOf, databaseOf, explainRedisError, parseRedisUrl } from './redis/open-errors.ts'
import { RedisBackend } from './redis/redis-backend.ts'
import { RedisServers } from './redis/servers.ts'
import { DEFAULT_TIMINGS } from './redis/timings.ts'
import type { RedisTimings } from './redis/timings.ts'

export interface RedisBackendOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string
  /**
   * Takes any certificate a `rediss://` server shows, a self-signed one too, so that nothing tells it from an impostor. Some
   * hosted Redis need it. Defaults to false: the certificate is verified.
   */
  readonly trustAnyCertificate?: boolean | undefined
  /** What all keys and channels begin with, for chats that share a Redis. No braces. Defaults to `natter`. */
  readonly keyPrefix?: string | undefined
  /** Opens a chat, too, that is being moved here and of which half is there, to restore the rest. Defaults to false. */
  readonly forRestore?: boolean | undefined
  /**
   * Told what an operator should know, a line each: at the start what may lose messages, later that Redis is away and that it is
   * back. Defaults to telling nobody.
   */
  readonly onNotice?: ((notice: string) => void) | undefined
  /** Clock, randomness and event loop. Defaults to Node's. */
  readonly environment?: BackendEnvironment | undefined
}

/**
 * Creates a backend on Redis 7 or newer, or Valkey, which any number of processes share: together they are one chat. Needs the
 * package `@redis/client`. An append is in Redis when it resolves, and as durable as that Redis is.
 *
 * @throws {TypeError} Where `keyPrefix` has a brace.
 * @throws {BackendError} Where Redis cannot be used; its `code` says why, its message what to do.
 */
export function createRedisBackend(options: RedisBackendOptions): Promise<Backend> {
  return openRedisBackend(options, DEFAULT_TIMINGS)
}

/** Timings are a parameter for the sake of tests. */
export async function openRedisBackend(
  {
    url,
    trustAnyCertificate = false,
    keyPrefix = 'natter',
    forRestore = false,
    onNotice = () => {},
    environment = nodeEnvironment,
  }: RedisBackendOptions,
  timings: RedisTimings,
): Promise<Backend> {
  if (/[{}]/.test(keyPrefix)) throw new TypeError(`keyPrefix: ${JSON.stringify(keyPrefix)} has a brace`)
  const location = parseRedisUrl(url)
  const address = addressOf(location)
  const database = databaseOf(location)
  try {
    const createServer = await loadClient({ trustAnyCertificate, connectTimeoutMs: timings.connectTimeoutMs })
    const addresses = new RedisAddresses(location)
    const createClient = (): RedisServers => new RedisServers(createServer, addresses)
    const backend = new RedisBackend({
      createClient,
      address,
      keyPrefix,
      database,
      forRestore,
      environment,
      onNotice,
      timings,
    })
    await backend.open()
    return backend
  } catch (error) {
    throw explainRedisError(error, address, database)
  }
}
