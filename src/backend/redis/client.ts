import { BackendError } from '../backend-error.ts'

export type MessageListener = (payload: string, channel: string) => void

/**
 * What is used of `@redis/client`, for one server. Its own types stay out of this package's declarations, since whoever stays on
 * SQLite has not installed it.
 */
export interface RedisServer {
  connect(): Promise<unknown>
  /** Rejects with what the server answered, and when the socket is lost with the command unanswered. */
  sendCommand(command: readonly string[]): Promise<unknown>
  sSubscribe(channels: readonly string[], listener: MessageListener): Promise<unknown>
  sUnsubscribe(channels: readonly string[], listener: MessageListener): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  /** A channel that was subscribed to is another server's now. */
  on(event: 'sharded-channel-moved', listener: (channel: string) => void): unknown
  /** Closes the socket and rejects all that is unanswered. */
  destroy(): void
}

/** Makes a client that is not connected yet, and that does not reconnect: a lost socket is the end of it. */
export type ServerFactory = (url: URL) => RedisServer

/** A Redis as the rest of the backend has it: one server, or the primaries of a cluster, whichever has the key. */
export interface RedisClient extends Omit<RedisServer, 'on'> {
  /** Each of them. One where it is no cluster. */
  readonly servers: readonly RedisServer[]
  /** Told once one of them is lost, or has no longer what it had: that is the end of all. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Keys in groups that one script may use together. */
  groupKeys(keys: readonly string[]): string[][]
  /** Names that begin with `name`, one that lies on each server. */
  spread(name: string): string[]
  /** The one of them that lies on the server that has `key`. */
  beside(name: string, key: string): string
}

export type ClientFactory = () => RedisClient

export interface ServerOptions {
  readonly trustAnyCertificate: boolean
  readonly connectTimeoutMs: number
}

/** @throws {BackendError} `client_missing` where `@redis/client` is not installed. */
export async function loadClient({ trustAnyCertificate, connectTimeoutMs }: ServerOptions): Promise<ServerFactory> {
  const { createClient } = await importClient()
  return ({ href: url }) => {
    const ended = new AbortController()
    const client = createClient({
      url,
      RESP: 2,
      disableClientInfo: true,
      maintNotifications: 'disabled',
      // A connection watches its own calls, with one timer for all. The client would make an AbortSignal for each.
      commandOptions: { timeout: undefined },
      socket: {
        connectTimeout: connectTimeoutMs,
        // What was in flight may or may not have been done; only who asked knows whether to ask again.
        reconnectStrategy: false,
        signal: ended.signal,
        ...(trustAnyCertificate && { rejectUnauthorized: false }),
      },
    })
    // By itself the client closes no socket that is still being opened.
    client.on('end', () => ended.abort())
    return client
  }
}

async function importClient(): Promise<{ createClient: (options: object) => RedisServer }> {
  try {
    return (await import('@redis/client')) as unknown as { createClient: (options: object) => RedisServer }
  } catch (cause) {
    throw new BackendError('client_missing', 'Redis needs a package more: npm install @redis/client', { cause })
  }
}

/** The value of a key, which is made `value` where it has none. A full memory keeps nobody from reading what is there. */
export async function findOrSet(client: RedisClient, key: string, value: string): Promise<string> {
  const known = await client.sendCommand(['GET', key])
  // Another process may have been quicker.
  const found = known ?? (await client.sendCommand(['SET', key, value, 'NX', 'GET']))
  return (found ?? value) as string
}
